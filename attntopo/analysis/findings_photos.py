"""Published results of the study of photos -> a section: telling photos apart."""

from attntopo.analysis.findings_text import (
    Estimates,
    Results,
    Row,
    Section,
    interval,
    interval_text,
    model_label,
    row_of,
    verdict,
)
from attntopo.wording import counted

_ALL_HEADS = "all heads"


def _is_diagram(row: Row) -> bool:
    return row["what"].startswith(("H0", "H1", "merge scales"))


def _shares(words: str, rows: list[Row]) -> str:
    """Name the best and the worst of some measures."""
    best, worst = (choose(rows, key=lambda row: row["mean"]) for choose in (max, min))
    if best["mean"] == worst["mean"]:
        return f"**{words}**: {interval_text(best)}."
    return (
        f"**{words}**: from {interval_text(worst)} ({worst['what']}) to {interval_text(best)} "
        f"({best['what']})."
    )


def _against_pixels(words: str, rows: list[Row]) -> str:
    """Count the measures that are better than pixels, worse, and not told apart from them."""
    better, worse = len(_better(rows)), len([r for r in rows if r["difference"]["high"] < 0])
    alike = len(rows) - better - worse
    return (
        f"of {counted(len(rows), 'measure')} by {words}, {better} are better, {worse} worse and "
        f"{alike} not told apart"
    )


def _better(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["difference"]["low"] > 0]


def _title(one_head: list[Row], all_heads: list[Row]) -> str:
    alone, together = bool(_better(one_head)), bool(_better(all_heads))
    if alone == together:
        verb = "tell" if alone else "don't tell"
        return f"Diagrams {verb} photos apart better than pixels"
    if together:
        return (
            "One head's diagrams don't tell photos apart better than pixels, those of all heads do"
        )
    return "Some single heads' diagrams tell photos apart better than pixels"


def _against_class_token(rows: list[Row], all_heads: list[Row]) -> str:
    """Say how the best of all heads stands against the class token, where there is one."""
    token = row_of(rows, "class token, cosine")
    if token is None:
        return ""
    best = max(all_heads, key=lambda row: row["mean"])
    return f" That is {verdict(best, token)} the class token's last state ({token['mean']:.2f})."


def photos_section(results: Results) -> Section:
    """Say whether diagrams tell photos apart, beside trivial baselines and the class token."""
    name, rows = model_label(results), results["rows"]["samples"]
    settings = results["settings"]
    all_heads = [row for row in rows if _is_diagram(row) and _ALL_HEADS in row["what"]]
    one_head = [row for row in rows if _is_diagram(row) and _ALL_HEADS not in row["what"]]
    title = _title(one_head, all_heads)
    against = (
        _against_pixels("one head's diagrams", one_head),
        _against_pixels("the diagrams of all heads", all_heads),
    )
    words = [
        f"{counted(rows[0]['n_photos'], 'photo')}, each altered in "
        f"{len(settings['versions']) - 1} ways ({', '.join(settings['versions'][1:])}): the share "
        "of altered versions whose nearest original is their own. By chance it is "
        f"{settings['by_chance']:.2f}.",
        _shares("Without diagrams", [row for row in rows if not _is_diagram(row)]),
        _shares("By one head's diagrams", one_head),
        _shares("By diagrams of all heads", all_heads) + _against_class_token(rows, all_heads),
        f"Held against pixels, version by version: {'; '.join(against)}.",
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
