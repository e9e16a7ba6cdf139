"""Connected components painted on the photo's patches."""

import base64
import io
from typing import Any

import numpy as np
import plotly.graph_objects as go
from PIL import Image
from skimage.segmentation import find_boundaries

from attntopo.figures import spec
from attntopo.figures.palette import FONT_SIZE, hex_colour, rgb_colour
from attntopo.figures.tokens import OPACITY, PATCH_PIXELS, TokenGrid
from attntopo.topology import GREY, SINGLE, Skeleton


def plot_components(skeleton: Skeleton, tokens: TokenGrid) -> go.Figure:
    """Paint the components of the 1-skeleton on what the model saw.

    Parameters
    ----------
    skeleton : Skeleton
    tokens : TokenGrid
        Of the same points.

    Returns
    -------
    plotly.graph_objects.Figure
        Patches filled by component over the photo in grey, boundaries between components drawn,
        single patches as they are; prefix tokens as squares of their own, left of the photo.
        Coordinates are patches.
    """
    rows, columns = tokens.grid
    picture = {
        "source": _jpeg(paint_components(skeleton, tokens)),
        "x": 0,
        "y": 0,
        "sizex": columns,
        "sizey": rows,
        "xref": "x",
        "yref": "y",
        "sizing": "stretch",
        "layer": "below",
    }
    patches = np.nonzero(tokens.cells[:, 0] >= 0)[0]
    prefix = np.nonzero(tokens.cells[:, 0] < 0)[0]
    # Invisible marks over the patches: they carry what is read on hover.
    hover = _marks(skeleton, tokens, patches, tokens.cells[patches] + 0.5)
    hover["marker"]["opacity"] = 0
    traces = [hover, _surplus_numbers(skeleton, tokens)]
    aside = max(1.0, columns / 48)  # in patches: room for a square where those are thin
    if len(prefix):
        down = min(1.0, rows / (0.6 + 1.3 * len(prefix)))  # all of them, however few rows there are
        places = down * (0.6 + 1.3 * np.arange(len(prefix)))
        beside = np.stack([places, np.full(len(prefix), -0.75 * aside)], axis=1)
        traces.append(_marks(skeleton, tokens, prefix, beside))
    axis = {"visible": False, "fixedrange": True, "constrain": "domain"}
    return spec.figure(
        traces,
        {
            "images": [picture],
            "xaxis": {"range": [-1.4 * aside if len(prefix) else 0, columns], **axis},
            "yaxis": {"range": [rows, 0], "scaleanchor": "x", "scaleratio": tokens.stretch, **axis},
            "height": 240,
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "showlegend": False,
            "font": {"size": FONT_SIZE},
            "dragmode": False,
        },
    )


def paint_components(skeleton: Skeleton, tokens: TokenGrid) -> np.ndarray:
    """Paint the components on the photo's pixels.

    Parameters
    ----------
    skeleton : Skeleton
    tokens : TokenGrid
        Of the same points.

    Returns
    -------
    ndarray of uint8, shape (20 rows, 20 columns, 3)
        The photo scaled so that each patch has 20 x 20 pixels.
    """
    rows, columns = tokens.grid
    patches = tokens.cells[:, 0] >= 0
    cells = tuple(tokens.cells[patches].T)
    numbers = skeleton.colours[patches]

    leader = np.full((rows, columns), -1)
    leader[cells] = np.where(numbers == SINGLE, -1, skeleton.leaders[patches])

    mixed = tokens.enlarged.copy()
    blocks = _blocks(mixed, rows, columns)
    # Grey under the paint: a colour would mix with the photo's own into a third one.
    dimmed = _blocks(tokens.dimmed, rows, columns)
    for number in np.unique(numbers[numbers != SINGLE]):
        row, column = (index[numbers == number] for index in cells)
        tint = np.rint(OPACITY * rgb_colour(number)).astype(np.uint8)
        blocks[row, :, column] = dimmed[row, :, column] + tint
    pixel_leader = leader.repeat(PATCH_PIXELS, axis=0).repeat(PATCH_PIXELS, axis=1)
    mixed[find_boundaries(pixel_leader)] = 255
    return mixed


def _blocks(pixels: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """See pixels as patches: the shape (rows, 20, columns, 20, channels), the same memory."""
    return pixels.reshape(rows, PATCH_PIXELS, columns, PATCH_PIXELS, -1)


def _marks(
    skeleton: Skeleton, tokens: TokenGrid, points: np.ndarray, places: np.ndarray
) -> dict[str, Any]:
    """Describe points as squares at places (row, column) on the patch grid."""
    text = [
        f"{tokens.names[point]}<br>"
        + (f"component of {size}" if size > 1 else "a component by itself")
        for point, size in zip(points.tolist(), skeleton.sizes[points].tolist(), strict=True)
    ]
    return {
        "type": "scatter",
        "x": places[:, 1],
        "y": places[:, 0],
        "mode": "markers",
        "marker": {
            "symbol": "square",
            "size": 16,
            "color": np.array(
                [
                    "rgba(0, 0, 0, 0)" if number == SINGLE else hex_colour(number)
                    for number in skeleton.colours[points].tolist()
                ]
            ),
            "line": {"width": 1.5, "color": "#808080"},
        },
        "text": np.array(text),  # an array: Plotly copies lists entry by entry
        "hovertemplate": "%{text}<extra></extra>",
    }


def _surplus_numbers(skeleton: Skeleton, tokens: TokenGrid) -> dict[str, Any]:
    """Write a number on each component for which no colour was left."""
    surplus = (skeleton.colours == GREY) & (tokens.cells[:, 0] >= 0)
    leaders, first = np.unique(skeleton.leaders[surplus], return_index=True)
    cells = tokens.cells[surplus][first]
    return {
        "type": "scatter",
        "x": cells[:, 1] + 0.5,
        "y": cells[:, 0] + 0.5,
        "mode": "text",
        "text": [str(number) for number in range(1, len(leaders) + 1)],
        "textfont": {"color": "white", "size": 11},
        "hoverinfo": "skip",
    }


def _jpeg(pixels: np.ndarray) -> str:
    buffer = io.BytesIO()
    # Without subsampled colours, which would blur the boundaries; a PNG takes five times as long.
    Image.fromarray(pixels).save(buffer, format="JPEG", quality=92, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
