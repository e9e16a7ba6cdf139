"""`attntopo atlas`: a row of numbers for every head."""

from collections.abc import Sequence
from pathlib import Path

import click

from attntopo.analysis import (
    QUANTITIES,
    Head,
    HeadSummary,
    Quantity,
    for_heads,
    heads_of,
    shown_scales,
    summarise_head,
)
from attntopo.attention import AttentionError
from attntopo.cli.attending import Attended, HeadPlace, ModelRun
from attntopo.cli.examples import shell_examples
from attntopo.cli.options import (
    SCALE,
    SHARE,
    distance_options,
    head_options,
    json_option,
    model_options,
    out_options,
    photos_argument,
)
from attntopo.cli.sources import sources_of
from attntopo.cli.writing import check_free, put, put_json
from attntopo.exports import describe_heads
from attntopo.links import scale_text

OFFERED = {
    key: one for key, one in QUANTITIES.items() if not (one.of_nulls or one.of_pairs)
}  # fmt: skip
"""The quantities of the Atlas that need no draws and no second model."""


@click.command(
    "atlas",
    epilog=shell_examples(
        "attntopo atlas sample:astronaut sample:coffee > atlas.csv",
        "attntopo atlas A.jpg B.jpg --quantity h1-bottleneck --json",
        "attntopo atlas mine.jpg --scale 0.2",
    ),
)
@photos_argument("A [B]")
@out_options("The CSV file; standard output by default.", metavar="FILE")
@click.option("--quantity", type=click.Choice(list(OFFERED)), help="One alone; all by default.")
@head_options()
@click.option(
    "--scale",
    type=SCALE,
    metavar="NUMBER",
    help="For the quantities at a scale; where nine of ten merges "
    "of the head of --layer and --head have happened by default.",
)
@click.option(
    "--share",
    type=SHARE,
    metavar="PERCENT",
    help="Each photo at its own scale: where so many merges of that head have happened.",
)
@model_options
@distance_options
@json_option
def atlas_command(
    photos: Sequence[str],
    out: Path | None,
    overwrite: bool,
    quantity: str | None,
    place: HeadPlace,
    scale: float | None,
    share: float | None,
    run: ModelRun,
    distance: str,
    tokens: str,
    as_json: bool,
) -> None:
    """Compute the Atlas's numbers of every head: of one photo, or of two and between them.

    A row a layer and head, as the Atlas page's table; --layer and --head only say which head the
    scale is of.
    """
    if scale is not None and share is not None:
        raise click.UsageError("Either --scale or --share says where the photos are shown.")
    sources = sources_of(photos, exactly=(1, 2))
    chosen = [OFFERED[quantity]] if quantity else list(OFFERED.values())
    if len(sources) == 1 and all(one.of_one is None for one in chosen):
        raise click.UsageError("That quantity is between two photos: name a second one.")
    check_free(sources, [out] if out else [], overwrite)
    attended = [run.attend(source, place, all_layers=True) for source in sources]
    _check_alike(attended)
    trees = [one.topology(distance, tokens).tree for one in attended]
    scales = shown_scales(trees, scale, share)
    rows = _rows(attended, chosen, scales, distance, tokens)
    info = next((one.ran.info for one in attended if one.ran.info), None)
    about = describe_heads(info, distance, tokens, run.input)
    for letter, one, own in zip("AB", attended, scales, strict=False):
        about[f"photo {letter}"] = one.ran.source.text
        about[f"scale of {letter}"] = scale_text(own)
    if as_json:
        put_json({"about": about, "heads": rows}, out)
    else:
        put(rows, about, out)


def _check_alike(attended: Sequence[Attended]) -> None:
    shapes = {(one.attention.n_layers, one.attention.n_heads) for one in attended}
    if len(shapes) > 1:
        raise AttentionError(
            "A and B have other numbers of layers or heads, so that their heads don't correspond."
        )


def _rows(
    attended: Sequence[Attended],
    chosen: Sequence[Quantity],
    scales: Sequence[float],
    distance: str,
    tokens: str,
) -> list[dict[str, int | float]]:
    """List the quantities of every head, a row each, with the columns of the Atlas's table."""
    attentions = [one.attention for one in attended]

    def summarise(head: Head) -> list[HeadSummary]:
        return [summarise_head(one, *head, distance, tokens) for one in attentions]

    heads = heads_of(*attentions)
    summaries = dict(for_heads(summarise, heads))
    rows = []
    for head in heads:
        row: dict[str, int | float] = {"layer": head[0], "head": head[1]}
        for quantity in chosen:
            row |= _values(quantity, summaries[head], scales)
        rows.append(row)
    return rows


def _values(
    quantity: Quantity, summaries: Sequence[HeadSummary], scales: Sequence[float]
) -> dict[str, float]:
    if quantity.of_one is None:
        if quantity.between is None or len(summaries) < 2:
            return {}
        return {quantity.label: quantity.between(summaries[0], summaries[1])}
    values = [quantity.of_one(one, scale) for one, scale in zip(summaries, scales, strict=True)]
    if len(values) == 1:
        return {quantity.label: values[0]}
    return {
        f"{quantity.label}, A": values[0],
        f"{quantity.label}, B": values[1],
        f"{quantity.label}, B minus A": values[1] - values[0],
    }
