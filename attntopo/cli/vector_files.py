"""`attntopo vectors`: the vectors of photos' diagrams, all on one grid."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from attntopo.cli.attending import HeadPlace, HeadRun, ModelRun, describe_photos, diagrams_of_each
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
from attntopo.cli.writing import check_free, put_json, write_file
from attntopo.diagrams import VectorGrid, bound_grid, common_grid, head_vectors
from attntopo.exports import vectors_npz
from attntopo.topology import Diagrams

_RANGES = ("common", "bound")


@click.command(
    "vectors",
    epilog=shell_examples(
        "attntopo vectors *.jpg --out vectors.npz",
        "attntopo vectors *.jpg --layer 9 --head 3 --range bound --out vectors.npz",
        "attntopo vectors sample:astronaut --image-side 10 --json",
    ),
)
@photos_argument()
@out_options("The NPZ file; it can be left out with --json.", metavar="FILE")
@click.option(
    "--range",
    "ranges",
    type=click.Choice(_RANGES),
    default=_RANGES[0],
    show_default=True,
    help="Common: just holds all bars of these photos. Bound: to the "
    "distance's bound, so the same for photos of another run.",
)
@click.option(
    "--scales",
    "n_scales",
    type=click.IntRange(2, 10_000),
    default=VectorGrid.n_scales,
    show_default=True,
    help="Samples of a curve.",
)
@click.option(
    "--image-side",
    type=click.IntRange(2, 1000),
    default=VectorGrid.image_side,
    show_default=True,
    help="Pixels of an image's side.",
)
@click.option(
    "--landscapes",
    "n_landscapes",
    type=click.IntRange(1, 1000),
    default=VectorGrid.n_landscapes,
    show_default=True,
    help="How many landscapes.",
)
@click.option(
    "--bandwidth",
    type=click.FloatRange(min=0, min_open=True),
    help="Of the image's Gaussians; the step between two of its lengths by default.",
)
@click.option(
    "--power",
    type=click.FloatRange(min=0),
    default=VectorGrid.power,
    show_default=True,
    help="A bar weighs its length to this power.",
)
@head_options()
@model_options
@distance_options
@json_option
def vectors_command(
    photos: Sequence[str],
    out: Path | None,
    overwrite: bool,
    ranges: str,
    n_scales: int,
    image_side: int,
    n_landscapes: int,
    bandwidth: float | None,
    power: float,
    place: HeadPlace,
    run: ModelRun,
    distance: str,
    tokens: str,
    as_json: bool,
) -> int:
    """Make arrays of a fixed size of a head's two diagrams, for each photo.

    Persistence images, landscapes, silhouettes and Betti curves in dimensions 0 and 1, a row a
    photo, with what they are sampled at. Infinite bars count in the Betti curves alone.
    """
    if out is None and not as_json:
        raise click.UsageError("Say where to write the vectors (--out), or --json.")
    sources = sources_of(photos)
    check_free(sources, [out] if out else [], overwrite)
    failures = Failures()
    results = diagrams_of_each(sources, run, place, (distance, tokens), failures)
    if results:
        grid = replace(
            _grid(results, ranges, distance), n_scales=n_scales, image_side=image_side,
            n_landscapes=n_landscapes, bandwidth=bandwidth, power=power,
        )  # fmt: skip
        about = describe_photos([ran for ran, _ in results], run, distance, tokens)
        _write(results, grid, about, out, as_json, failures)
    elif as_json:
        put_json({"photos": [], "errors": failures.as_json()})
    return failures.status


def _grid(results: Sequence[tuple[HeadRun, Diagrams]], ranges: str, distance: str) -> VectorGrid:
    if ranges == "common":
        return common_grid(diagrams for _, diagrams in results)
    grids = [bound_grid(distance, ran.n_tokens) for ran, _ in results]
    return max(grids, key=lambda grid: grid.ranges[0].end)


def _write(
    results: Sequence[tuple[HeadRun, Diagrams]],
    grid: VectorGrid,
    about: dict[str, str],
    out: Path | None,
    as_json: bool,
    failures: Failures,
) -> None:
    names = [ran.source.text for ran, _ in results]
    if out is not None:
        write_file(out, vectors_npz(about, names, [diagrams for _, diagrams in results], grid))
    if not as_json:
        return
    places = {
        f"H{k} {name}": samples
        for k in range(len(grid.ranges))
        for name, samples in grid.sampled_at(k).items()
    }
    vectors = [
        {"photo": name, **head_vectors(diagrams, grid)}
        for name, (_, diagrams) in zip(names, results, strict=True)
    ]
    said = {"about": about | grid.about(), "sampled at": places, "photos": vectors}
    put_json(said | {"errors": failures.as_json()})
