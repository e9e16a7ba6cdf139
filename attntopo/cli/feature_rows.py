"""`attntopo features`: all features of photos' heads."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from attntopo.analysis import CONVENTIONS, features_of_head, for_heads
from attntopo.cli.attending import Attended, HeadPlace, HeadRun, ModelRun, each_photo
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
from attntopo.cli.sources import Source, sources_of
from attntopo.cli.writing import check_free, put, put_json
from attntopo.distances import DISTANCES
from attntopo.exports import describe_heads


@click.command(
    "features",
    epilog=shell_examples(
        "attntopo features sample:astronaut > astronaut.csv",
        "attntopo features *.jpg --layer 8 --head mean --out features.csv",
        "attntopo features mine.jpg --distance attention-graph --convention kushnareva --json",
    ),
)
@photos_argument()
@out_options("The CSV file; standard output by default.", metavar="FILE")
@head_options("all", "all")
@model_options
@distance_options
@click.option(
    "--convention",
    type=click.Choice(CONVENTIONS),
    default=CONVENTIONS[0],
    show_default=True,
    help="How edges and bars are counted.",
)
@json_option
def features_command(
    photos: Sequence[str],
    out: Path | None,
    overwrite: bool,
    place: HeadPlace,
    run: ModelRun,
    distance: str,
    tokens: str,
    convention: str,
    as_json: bool,
) -> int:
    """Collect all features of photos' heads: of barcodes, graphs and attention.

    A row a photo, layer and head: all layers and heads, unless --layer or --head names one.
    """
    sources = sources_of(photos)
    check_free(sources, [out] if out else [], overwrite)
    failures = Failures()

    def features_of(attended: Attended) -> list[dict[str, Any]]:
        attention = attended.attention
        heads = _heads(attended, place)

        def of_head(one: tuple[int, int | str]) -> dict[str, float]:
            return features_of_head(attention, *one, distance, tokens, convention)

        by_head = dict(for_heads(of_head, heads))
        photo = {"photo": attended.ran.source.text}
        return [{**photo, "layer": one[0], "head": one[1], **by_head[one]} for one in heads]

    def work(source: Source) -> tuple[HeadRun, list[dict[str, Any]]]:
        attended = run.attend(source, place, all_layers=place.layer is None)
        return attended.ran, features_of(attended)

    results = list(each_photo(sources, work, failures))
    rows = [row for _, of_photo in results for row in of_photo]
    info = next((ran.info for ran, _ in results if ran.info), None)
    about = describe_heads(info, distance, tokens, run.input, convention=convention)
    about["threshold of births and deaths"] = str(DISTANCES[distance].default_scale)
    if as_json:
        put_json({"about": about, "features": rows, "errors": failures.as_json()}, out)
    elif rows:
        put(rows, about, out)
    return failures.status


def _heads(attended: Attended, place: HeadPlace) -> list[tuple[int, int | str]]:
    """List the heads that are asked for: all, or those of one layer, one number, or one alone."""
    attention = attended.attention
    layers = attention.kept_layers if place.layer is None else [place.layer]
    heads = range(attention.n_heads) if place.head is None else [place.head]
    return [(layer, head) for layer in layers for head in heads]
