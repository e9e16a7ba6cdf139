"""Published results of the study of photos -> a section: telling photos apart."""

from attntopo.analysis.findings_text import (
    Estimates,
    Results,
    Row,
    Section,
    difference_verdict,
    interval,
    interval_text,
    model_label,
)
from attntopo.wording import counted


def _is_diagram(row: Row) -> bool:
    return row["what"].startswith(("H0", "H1"))


def photos_section(results: Results) -> Section:
    """Say whether diagrams tell photos apart, beside trivial baselines."""
    name, rows = model_label(results), results["rows"]["samples"]
    settings = results["settings"]
    better = [row for row in rows if _is_diagram(row) and row["difference"]["low"] > 0]
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
        "; ".join(f"{row['what']} {interval_text(row)}" for row in rows) + ".",
        "Less pixels, version by version: "
        + "; ".join(
            f"{row['what']} {interval_text(row['difference'])}, "
            + difference_verdict(row["difference"], "better", "worse")
            for row in rows
            if _is_diagram(row)
        )
        + ".",
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
