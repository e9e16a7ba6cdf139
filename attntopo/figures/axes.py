"""Axes that several figures share."""

import numpy as np

from attntopo.topology import Diagrams

BARE_AXIS = {
    "showgrid": False,
    "zeroline": False,
    "showticklabels": False,
    "ticks": "",
    "fixedrange": True,
}
"""Plotly's options of an axis along which there is nothing to read."""


def shared_end(first: Diagrams, second: Diagrams, scale: float) -> float:
    """Return where the axes of two persistence diagrams end, so that they can be compared.

    Parameters
    ----------
    first, second : Diagrams
    scale : float
        The current scale, which must be on the axes too.

    Returns
    -------
    float
        A little more than the largest finite death of both.
    """
    largest = max(
        array.max(initial=0.0, where=np.isfinite(array))
        for array in (*first.points, *second.points)
    )
    return 1.08 * max(largest, scale, 1e-6)
