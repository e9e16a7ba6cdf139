"""`attntopo distances`: distances between the diagrams of photos."""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import click

from attntopo.cli.attending import HeadPlace, ModelRun, describe_photos, diagrams_of_each
from attntopo.cli.examples import shell_examples
from attntopo.cli.failures import Failures
from attntopo.cli.options import (
    distance_options,
    head_options,
    json_option,
    model_options,
    out_options,
    photos_argument,
)
from attntopo.cli.sources import sources_of
from attntopo.cli.writing import check_free, put, put_json
from attntopo.diagrams import bottleneck_distance, wasserstein_distance
from attntopo.links import CHOICES, View
from attntopo.topology import Diagrams


@click.command(
    "distances",
    epilog=shell_examples(
        "attntopo distances *.jpg > distances.csv",
        "attntopo distances *.jpg --quantity h1-wasserstein-2 --layer 9 --head 3 --json",
    ),
)
@photos_argument()
@out_options("The CSV file; standard output by default.", metavar="FILE")
@click.option(
    "--quantity",
    type=click.Choice(sorted(CHOICES["matching"])),
    default=View.quantity,
    show_default=True,
    help="Which distance between diagrams.",
)
@head_options()
@model_options
@distance_options
@json_option
def distances_command(
    photos: Sequence[str],
    out: Path | None,
    overwrite: bool,
    quantity: str,
    place: HeadPlace,
    run: ModelRun,
    distance: str,
    tokens: str,
    as_json: bool,
) -> int:
    """Compute the distances between the persistence diagrams of all pairs of photos.

    A square table, with a row and a column a photo. A Wasserstein distance of very many bars is
    known within a bound, and says so.
    """
    sources = sources_of(photos)
    if len(sources) < 2:
        raise click.UsageError("Distances are between two photos at least.")
    if len({source.text for source in sources}) < len(sources):
        raise click.UsageError("A photo is named twice: its rows couldn't be told apart.")
    check_free(sources, [out] if out else [], overwrite)
    failures = Failures()
    results = diagrams_of_each(sources, run, place, (distance, tokens), failures)
    every = [ran for ran, _ in results]
    names = [ran.source.text for ran in every]
    table = _table([diagrams for _, diagrams in results], quantity)
    about = describe_photos(every, run, distance, tokens, quantity=quantity)
    if as_json:
        said = {"about": about, "photos": names, "distances": table}
        put_json(said | {"errors": failures.as_json()}, out)
    elif len(results) > 1:
        rows = [
            {"photo": name, **dict(zip(names, row, strict=True))}
            for name, row in zip(names, table, strict=True)
        ]
        put(rows, about, out)
    return failures.status


def _table(every: Sequence[Diagrams], quantity: str) -> list[list[Any]]:
    """Return the distances of all pairs, a list a row."""
    name, _, order = quantity[3:].partition("-")
    dimension = int(quantity[1])
    table: list[list[Any]] = [[0.0] * len(every) for _ in every]
    for i, j in combinations(range(len(every)), 2):
        if name == "bottleneck":
            value = bottleneck_distance(every[i], every[j], dimension)
        else:
            value = wasserstein_distance(every[i], every[j], dimension, int(order))
        table[i][j] = table[j][i] = value
    return table
