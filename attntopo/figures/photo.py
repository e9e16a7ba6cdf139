"""Connected components painted on the photo's patches."""

from __future__ import annotations

import base64
import io

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from attntopo.figures.palette import FONT_SIZE, hex_colour, rgb_colour
from attntopo.figures.tokens import TokenGrid
from attntopo.skeleton import GREY, SINGLE, Skeleton

OPACITY = 0.6
"""How much of a component's colour is laid over its patches."""
_PATCH_PIXELS = 28
_LUMINANCE = np.array([0.299, 0.587, 0.114])
_BOUNDARY = 2


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
    figure = go.Figure()
    painted = paint_components(skeleton, tokens)
    figure.add_layout_image(
        source=_png(painted),
        x=0,
        y=0,
        sizex=columns,
        sizey=rows,
        xref="x",
        yref="y",
        sizing="stretch",
        layer="below",
    )
    patches = np.nonzero(tokens.cells[:, 0] >= 0)[0]
    prefix = np.nonzero(tokens.cells[:, 0] < 0)[0]
    # Invisible marks over the patches: they carry what is read on hover.
    hover = _marks(skeleton, tokens, patches, tokens.cells[patches] + 0.5)
    hover.marker.opacity = 0
    figure.add_traces([hover, _surplus_numbers(skeleton, tokens)])
    if len(prefix):
        beside = np.stack([0.6 + 1.3 * np.arange(len(prefix)), np.full(len(prefix), -0.75)], axis=1)
        figure.add_trace(_marks(skeleton, tokens, prefix, beside))
    axis = {"visible": False, "fixedrange": True}
    figure.update_xaxes(range=[-1.4 if len(prefix) else 0, columns], **axis)
    figure.update_yaxes(range=[rows, 0], scaleanchor="x", constrain="domain", **axis)
    figure.update_layout(
        height=240,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        showlegend=False,
        font={"size": FONT_SIZE},
        dragmode=False,
    )
    return figure


def paint_components(skeleton: Skeleton, tokens: TokenGrid) -> np.ndarray:
    """Paint the components on the photo's pixels.

    Parameters
    ----------
    skeleton : Skeleton
    tokens : TokenGrid
        Of the same points.

    Returns
    -------
    ndarray of uint8, shape (28 rows, 28 columns, 3)
        The photo scaled so that each patch has 28 x 28 pixels.
    """
    rows, columns = tokens.grid
    size = (columns * _PATCH_PIXELS, rows * _PATCH_PIXELS)
    photo = np.asarray(Image.fromarray(tokens.pixels).resize(size, Image.Resampling.BICUBIC))
    patches = tokens.cells[:, 0] >= 0
    cells = tuple(tokens.cells[patches].T)

    colour = np.zeros((rows, columns, 3))
    alpha = np.zeros((rows, columns, 1))
    leader = np.full((rows, columns), -1)
    numbers = skeleton.colours[patches]
    colour[cells] = [rgb_colour(number) for number in numbers]
    alpha[cells] = np.where(numbers == SINGLE, 0.0, OPACITY)[:, None]
    leader[cells] = np.where(numbers == SINGLE, -1, skeleton.leaders[patches])

    def enlarged(values: np.ndarray) -> np.ndarray:
        return values.repeat(_PATCH_PIXELS, axis=0).repeat(_PATCH_PIXELS, axis=1)

    alpha = enlarged(alpha)
    # Grey under the paint: a colour would mix with the photo's own into a third one.
    grey = (photo @ _LUMINANCE)[:, :, None]
    mixed = np.where(alpha > 0, grey * (1 - alpha) + enlarged(colour) * alpha, photo)
    mixed[_boundaries(enlarged(leader))] = 255
    return np.rint(mixed).astype(np.uint8)


def _boundaries(leader: np.ndarray) -> np.ndarray:
    """Mark the pixels along the sides where two patches' components differ."""
    edge = np.zeros(leader.shape, dtype=bool)
    half = _BOUNDARY // 2
    down = np.nonzero(leader[1:] != leader[:-1])
    across = np.nonzero(leader[:, 1:] != leader[:, :-1])
    for offset in range(-half + 1, half + 1):
        edge[down[0] + offset, down[1]] = True
        edge[across[0], across[1] + offset] = True
    return edge


def _marks(
    skeleton: Skeleton, tokens: TokenGrid, points: np.ndarray, places: np.ndarray
) -> go.Scatter:
    """Draw points as squares at places (row, column) on the patch grid."""
    sizes = skeleton.sizes[points]
    text = [
        f"{tokens.names[point]}<br>"
        + (f"component of {size}" if size > 1 else "a component by itself")
        for point, size in zip(points, sizes, strict=True)
    ]
    return go.Scatter(
        x=places[:, 1],
        y=places[:, 0],
        mode="markers",
        marker={
            "symbol": "square",
            "size": 16,
            "color": [
                "rgba(0, 0, 0, 0)" if number == SINGLE else hex_colour(number)
                for number in skeleton.colours[points]
            ],
            "line": {"width": 1.5, "color": "#808080"},
        },
        text=text,
        hovertemplate="%{text}<extra></extra>",
    )


def _surplus_numbers(skeleton: Skeleton, tokens: TokenGrid) -> go.Scatter:
    """Write a number on each component for which no colour was left."""
    surplus = (skeleton.colours == GREY) & (tokens.cells[:, 0] >= 0)
    leaders, first = np.unique(skeleton.leaders[surplus], return_index=True)
    cells = tokens.cells[surplus][first]
    return go.Scatter(
        x=cells[:, 1] + 0.5,
        y=cells[:, 0] + 0.5,
        mode="text",
        text=[str(number) for number in range(1, len(leaders) + 1)],
        textfont={"color": "white", "size": 11},
        hoverinfo="skip",
    )


def _png(pixels: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
