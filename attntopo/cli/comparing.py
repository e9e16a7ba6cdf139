"""`attntopo compare`: all numbers of the Compare page."""

from collections.abc import Sequence
from dataclasses import replace

import click

from attntopo.analysis import Row, number_text, numbers, shown_scales
from attntopo.cli.attending import Attended, HeadPlace, ModelRun
from attntopo.cli.examples import shell_examples
from attntopo.cli.options import (
    LAYER,
    SCALE,
    SHARE,
    HeadNumber,
    distance_options,
    head_options,
    json_option,
    model_options,
    photos_argument,
)
from attntopo.cli.sources import sources_of
from attntopo.cli.writing import aligned, put_json
from attntopo.exports import describe_view
from attntopo.links import View
from attntopo.models import trained_id


@click.command(
    "compare",
    epilog=shell_examples(
        "attntopo compare sample:astronaut mine.jpg",
        "attntopo compare A.jpg B.jpg --layer 9 --head 3 --scale 0.21 --json",
        "attntopo compare A.jpg A.jpg --head 3 --head_b 5",
    ),
)
@photos_argument("A B")
@head_options()
@model_options
@click.option("--model_b", "--model-b", help="The model for B, where it isn't that for A.")
@click.option("--layer_b", "--layer-b", type=LAYER, metavar="NUMBER", help="The layer for B.")
@click.option("--head_b", "--head-b", type=HeadNumber(), help="The head for B.")
@distance_options
@click.option(
    "--scale",
    type=SCALE,
    metavar="NUMBER",
    help="Of both; where nine of ten merges of both have happened by default.",
)
@click.option(
    "--share",
    type=SHARE,
    metavar="PERCENT",
    help="Show each at its own scale: where so many of its merges have happened.",
)
@json_option
def compare_command(
    photos: Sequence[str],
    place: HeadPlace,
    run: ModelRun,
    model_b: str | None,
    layer_b: int | None,
    head_b: int | str | None,
    distance: str,
    tokens: str,
    scale: float | None,
    share: float | None,
    as_json: bool,
) -> None:
    """Compare the topology of two photos, or of two heads of one.

    These are the numbers of the Compare page: distances between the diagrams, and what there is in
    each photo at the scale. Two heads of one photo are compared token by token, too.
    """
    if scale is not None and share is not None:
        raise click.UsageError("Either --scale or --share says where the photos are shown.")
    first, second = sources_of(photos, exactly=(2,))
    runs = run, run.with_model(model_b)
    a = run.attend(first, place)
    b = runs[1].attend(second, _place_of_b(runs, place, HeadPlace(layer_b, head_b)))
    sides = [one.topology(distance, tokens) for one in (a, b)]
    one, other = shown_scales([side.tree for side in sides], scale, share)
    rows = numbers(sides[0], sides[1], (one, other), _same_tokens(a, b))
    if not as_json:
        click.echo(_table(rows, (first.name, second.name)))
        return
    view = View(
        first.in_links, second.in_links, run.model, a.ran.layer, a.ran.head, distance, scale, share,
        tokens, input=run.input.side, shape=run.input.shape,
    )  # fmt: skip
    if run.model != runs[1].model or (a.ran.layer, a.ran.head) != (b.ran.layer, b.ran.head):
        view = replace(view, model_b=runs[1].model, layer_b=b.ran.layer, head_b=b.ran.head)
    about = describe_view(view, (a.ran.info, b.ran.info), (a.photo, b.photo), (one, other))
    put_json({"about": about, "numbers": rows})


def _place_of_b(runs: tuple[ModelRun, ModelRun], of_a: HeadPlace, own: HeadPlace) -> HeadPlace:
    """Return where B is looked at: as A, but for what it has of its own."""
    # Another model opens on its own head; a twin is looked at where its model is.
    is_other = trained_id(runs[0].model) != trained_id(runs[1].model)
    before = HeadPlace() if is_other else of_a
    return HeadPlace(
        before.layer if own.layer is None else own.layer,
        before.head if own.head is None else own.head,
    )


def _same_tokens(a: Attended, b: Attended) -> bool:
    """Say whether A and B are two heads of one photo, with the same patches on it."""
    if a.content != b.content or a.attention.grid != b.attention.grid:
        return False
    if a.attention.patches_box != b.attention.patches_box:
        return False
    heads = [(one.ran.info, one.ran.layer, one.ran.head) for one in (a, b)]
    return heads[0] != heads[1]


def _table(rows: Sequence[Row], names: tuple[str, str]) -> str:
    a, b = names
    lines = [[number_text(value) for value in row.values()] for row in rows]
    return aligned([["", f"A: {a}", f"B: {b}", "between"], *lines])
