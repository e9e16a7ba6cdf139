"""Published results of the study of photos -> a section: telling photos apart."""

from attntopo.analysis.findings_text import (
    Estimates,
    Results,
    Row,
    Section,
    interval,
    interval_text,
    joined,
    model_label,
)
from attntopo.wording import counted


def _is_diagram(row: Row) -> bool:
    return row["what"].startswith(("H0", "H1", "merge scales"))


def _shares(words: str, rows: list[Row]) -> str:
    """Name the best and the worst of some measures."""
    best, worst = (choose(rows, key=lambda row: row["mean"]) for choose in (max, min))
    return (
        f"**{words}**, from {interval_text(worst)} ({worst['what']}) to {interval_text(best)} "
        f"({best['what']})."
    )


def photos_section(results: Results) -> Section:
    """Say whether diagrams tell photos apart, beside trivial baselines."""
    name, rows = model_label(results), results["rows"]["samples"]
    settings = results["settings"]
    diagrams = [row for row in rows if _is_diagram(row)]
    better = [row for row in diagrams if row["difference"]["low"] > 0]
    worse = [row for row in diagrams if row["difference"]["high"] < 0]
    stands = joined(
        [
            f"{len(better)} of {len(diagrams)} measures by diagrams are better",
            f"{len(worse)} worse",
            f"{len(diagrams) - len(better) - len(worse)} not told apart",
        ]
    )
    title = (
        "Some diagrams tell photos apart better than pixels"
        if better
        else "Diagrams don't tell photos apart better than pixels"
    )
    words = [
        f"{counted(rows[0]['n_photos'], 'photo')}, each altered in "
        f"{len(settings['versions']) - 1} ways ({', '.join(settings['versions'][1:])}): the share "
        "of altered versions whose nearest original is their own. By chance it is "
        f"{settings['by_chance']:.2f}.",
        _shares("Without diagrams", [row for row in rows if not _is_diagram(row)]),
        _shares("By diagrams", diagrams),
        f"Less pixels, version by version, {stands}. The figure and the numbers below have all.",
    ]
    figure = Estimates(
        f"Telling photos apart: {name}",
        "share whose nearest original is their own; the line: by chance",
        tuple(row["what"] for row in rows),
        {"sample photos": tuple(interval(row) for row in rows)},
        chance=settings["by_chance"],
    )
    head = ("told apart by", "nearest original", "less pixels", "nearest of all versions")
    lines = [
        (row["what"], *(interval_text(one) for one in (row, row["difference"], row["among_all"])))
        for row in rows
    ]
    return Section(f"{title}: {name}", tuple(words), (figure,), (head, *lines))
