"""Rows of the study of loops -> tables in Markdown, and figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studies.statistics import row_text

TITLES = {
    "composites": "Composites: objects of sample photos pasted on other samples",
    "photos": "Photos, objects outlined where they are",
}


def table(results: dict[str, Any]) -> str:
    """Return all rows as Markdown."""
    parts = [f"# Do loops run round objects? {results['settings']['model']}\n"]
    for name, rows in results["rows"].items():
        photos = len(results["photos"][name])
        parts.append(
            f"## {TITLES[name]}\n\n{rows[0]['n_objects']} objects in {rows[0]['n_photos']} of "
            f"{photos} photos.\n\n| | own loops [95 %] | other photos' loops | difference |\n"
            "|---|---|---|---|"
        )
        for row in rows:
            cells = (row_text(row), row_text(row["others"]), row_text(row["difference"]))
            chosen = f" {'; '.join(row['chosen'])}" if "chosen" in row else ""
            parts.append(f"| {row['what']}{chosen} | {' | '.join(cells)} |")
        parts.append("")
    parts.append("## Steps\n\n| | mean [95 %] |\n|---|---|")
    parts += [f"| {row['what']} | {row_text(row)} |" for row in results["steps"]]
    chance = results["settings"]["touching_by_chance"]
    parts.append(f"\nOf all pairs of patches {chance:.3f} touch.\n\n## Nulls, heads of a photo\n")
    parts.append(
        "| null | ranked | photo: heads that beat all draws | by chance |\n|---|---|---|---|"
    )
    for row in results["nulls"]:
        pairs = zip(row["photos"], row["heads"], row["ranked"], strict=True)
        each = ", ".join(f"{photo}: {heads} of {ranked}" for photo, heads, ranked in pairs)
        parts.append(f"| {row['null']} | {row['kind']} | {each} | {row['by_chance']} |")
    row = results["universal"]
    parts.append(
        f"\nUniversal null, Bonferroni: {row_text(row)} of {row['n_heads']} heads have a "
        f"significant loop, {row['n_photos']} photos; by chance at most {row['by_chance']}.\n"
    )
    return "\n".join(parts)


def write_figures(folder: Path, results: dict[str, Any]) -> None:
    """Draw own loops beside others', and the heads that beat nulls, as SVG.

    Parameters
    ----------
    folder : Path
    results : dict
    """
    from matplotlib.figure import Figure

    for name, rows in results["rows"].items():
        figure = Figure(figsize=(9, 1 + 0.4 * len(rows)), layout="constrained")
        axes = figure.add_subplot()
        for shift, colour, label in ((0.12, "C0", "own photo"), (-0.12, "C1", "other photos")):
            each = [row if shift > 0 else row["others"] for row in rows]
            means = [one["mean"] for one in each]
            errors = [
                [one["mean"] - one.get("low", one["mean"]) for one in each],
                [one.get("high", one["mean"]) - one["mean"] for one in each],
            ]
            places = [shift - k for k in range(len(rows))]
            axes.errorbar(means, places, xerr=errors, fmt="o", color=colour, label=label)
        axes.set_yticks([-k for k in range(len(rows))], [row["what"] for row in rows], fontsize=7)
        axes.set(xlabel="share of objects, or IoU", xlim=(0, 1))
        axes.set_title(TITLES[name], fontsize=10)
        axes.legend(fontsize=7)
        figure.savefig(folder / f"loops-{name}.svg")
    figure = Figure(figsize=(7, 3.5), layout="constrained")
    axes = figure.add_subplot()
    names = [f"{row['null']}, {row['kind']}" for row in results["nulls"]]
    for k, row in enumerate(results["nulls"]):
        axes.plot(row["heads"], [-k] * len(row["heads"]), "o", color="C0")
        axes.plot([row["by_chance"]], [-k], "|", color="C1", markersize=14)
    axes.set_yticks([-k for k in range(len(names))], names)
    axes.set(xlabel="heads that beat all draws (a dot a photo; line: by chance)")
    figure.savefig(folder / "nulls.svg")
