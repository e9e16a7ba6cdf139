"""Do diagrams tell photos apart better than trivial baselines: what the study runs.

    .venv/bin/python -m studies.photos [--model ID] [--publish]

Some seven minutes on two cores with the embedded model. What was measured is kept, so that a run
that was stopped goes on where it was. Writes photos.json, photos.md and a figure; `--publish` puts
photos.json into the package, too.
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any

import numpy as np

from attntopo import SAMPLES, Model, ModelError, Photo
from studies.kept import Arrays, KeptResults, with_progress
from studies.models import StudiedModel, studied_model
from studies.photos import report
from studies.photos.distances import all_measures
from studies.photos.measure import DISTANCE, POINTS, VERSION, heads_looked_at, measure
from studies.photos.rows import all_rows
from studies.photos.versions import version_names, versions_of
from studies.results import (
    depends_on,
    model_settings,
    published_as,
    study_parser,
    versions,
    write_results,
)


def main(arguments: list[str] | None = None) -> None:
    """Run the study, and write its table and its figure."""
    parser = study_parser("photos")
    chosen = parser.parse_args(arguments)
    published = published_as("photos", chosen, parser)
    try:
        studied = studied_model(chosen.model)
        model = studied.model
        kept = KeptResults(chosen.out, f"photos {VERSION}; {depends_on(model)}")
        photos = [one for number in range(len(SAMPLES)) for one in versions_of(number)]
        measured = measure_all(photos, model, kept)
        matrices = distances_of_all(photos, measured, tuple(heads_looked_at(model)), kept)
    except ModelError as error:
        parser.error(str(error))
    results = summary(matrices, studied)
    text = report.table(results)
    write_results(chosen.out, "photos", results, text, published)
    report.write_figure(chosen.out, results)
    print(f"{text}\nWritten to {chosen.out}")


def measure_all(photos: list[Photo], model: Model, kept: KeptResults) -> list[Arrays]:
    """Measure all versions of all photos; what was kept isn't computed again."""
    return [
        kept.get(one.sha256, partial(measure, one, model))
        for one in with_progress(photos, len(photos), "photos")
    ]


def distances_of_all(
    photos: list[Photo], measured: list[Arrays], heads: tuple[str, ...], kept: KeptResults
) -> dict[str, np.ndarray]:
    """Compute the distances between all versions by every measure, each kept."""
    every = hashlib.sha256(" ".join(one.sha256 for one in photos).encode()).hexdigest()
    measures = all_measures(heads, len(measured[0]["class_token"]) > 0)
    matrices = {}
    for name in with_progress(measures, len(measures), "measures"):
        compute = measures[name]
        one = kept.get(
            f"{name} {every}",
            lambda compute=compute: {"distances": compute(measured)},  # type: ignore[misc]
        )
        matrices[name] = one["distances"]
    return matrices


def summary(matrices: dict[str, np.ndarray], studied: StudiedModel) -> dict[str, Any]:
    """Put together all that is published: plain values that JSON can hold."""
    n_photos, n_versions = len(SAMPLES), len(version_names())
    return {
        "study": "photos",
        "settings": {
            **model_settings(studied),
            "distance": DISTANCE,
            "points": POINTS,
            "versions": list(version_names()),
            "seed_of_versions": "the number of the photo",
            "by_chance": round(1 / n_photos, 4),
            "by_chance_among_all": round((n_versions - 1) / (n_photos * n_versions - 1), 4),
        },
        "versions": versions(),
        "rows": {"samples": all_rows(matrices, n_versions)},
        "photos": {"samples": list(SAMPLES)},
    }


if __name__ == "__main__":
    main()
