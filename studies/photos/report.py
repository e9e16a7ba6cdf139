"""Rows of the study of photos -> tables in Markdown, and a figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studies.statistics import row_text


def table(results: dict[str, Any]) -> str:
    """Return all rows as Markdown."""
    rows, settings = results["rows"]["samples"], results["settings"]
    names = settings["versions"][1:]
    parts = [
        f"# Do diagrams tell photos apart? {settings['model']}\n",
        f"{rows[0]['n_photos']} photos. Of {rows[0]['n_versions']} altered versions, the share "
        f"whose nearest original is their own (by chance {settings['by_chance']:.3f}); and of all "
        "versions, the share whose nearest other version is of the same photo "
        f"({settings['by_chance_among_all']:.3f}).\n",
        f"| told apart by | nearest original [95 %] | less pixels | among all | "
        f"{' | '.join(names)} |\n|---|---|---|---|{'---|' * len(names)}",
    ]
    for row in rows:
        cells = [row_text(row), row_text(row["difference"]), row_text(row["among_all"])]
        cells += [f"{share:.2f}" for share in row["by_version"]]
        parts.append(f"| {row['what']} | {' | '.join(cells)} |")
    return "\n".join([*parts, ""])


def write_figure(folder: Path, results: dict[str, Any]) -> None:
    """Draw the shares with their intervals, as SVG."""
    from matplotlib.figure import Figure

    rows = results["rows"]["samples"]
    figure = Figure(figsize=(8, 1 + 0.35 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    means = [row["mean"] for row in rows]
    errors = [
        [row["mean"] - row["low"] for row in rows],
        [row["high"] - row["mean"] for row in rows],
    ]
    places = [-k for k in range(len(rows))]
    axes.errorbar(means, places, xerr=errors, fmt="o")
    axes.axvline(results["settings"]["by_chance"], color="C1", linestyle="--")
    axes.set_yticks(places, [row["what"] for row in rows], fontsize=8)
    axes.set(xlabel="share of altered versions whose nearest original is their own (line: chance)")
    figure.savefig(folder / "photos.svg")
