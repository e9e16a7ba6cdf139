"""Components in one layer after the other -> colours that follow them."""

from collections.abc import Sequence

import numpy as np

from attntopo.topology import COLOURED_SIZE, GREY, N_COLOURS, Components

LEAST_SHARE = 0.5
"""Of the smaller of two components, how much both must have in common to be taken for one."""


def tracked_colours(layers: Sequence[Components]) -> list[np.ndarray]:
    """Colour components so that those with many tokens in common, one layer on, look the same.

    Parameters
    ----------
    layers : sequence of Components
        On the same points.

    Returns
    -------
    list of ndarray of int64, shape (n_points,)
        Colour numbers as in `Skeleton.colours`. In the first layer they are its own. After that
        components of four points and more are paired with coloured ones of the layer before so
        that the pairs have as many points as can be in common, and at least half of the smaller
        one; each takes its partner's colour. The others, the largest first, take the first colour
        that this layer and the one before leave free, else one that this layer leaves free, else
        `GREY`. Smaller ones are as they are.
    """
    tracked: list[np.ndarray] = []
    for layer in layers:
        tracked.append(followed_colours(layer, tracked[-1]) if tracked else layer.colours)
    return tracked


def followed_colours(layer: Components, before: np.ndarray) -> np.ndarray:
    """Colour components so that those that share tokens with coloured ones before look the same.

    Parameters
    ----------
    layer : Components
    before : ndarray of int64, shape (n_points,)
        Colour numbers that the same points had; `SINGLE` for a point that wasn't there.

    Returns
    -------
    ndarray of int64, shape (n_points,)
        As for `tracked_colours`, one layer on.
    """
    large = layer.sizes >= COLOURED_SIZE
    leaders, sizes = np.unique(layer.leaders[large], return_counts=True)
    colours = layer.colours.copy()
    taken = dict(_partners(layer.leaders, leaders, sizes, before))
    order = sorted(range(len(leaders)), key=lambda k: (-sizes[k], leaders[k]))
    old = set(before[before >= 0].tolist())
    for k in order:
        if k not in taken:
            used = {*taken.values()}
            free = [colour for colour in range(N_COLOURS) if colour not in used]
            taken[k] = next((one for one in free if one not in old), free[0] if free else GREY)
        colours[layer.leaders == leaders[k]] = taken[k]
    return colours


def _partners(
    leader_of: np.ndarray, leaders: np.ndarray, sizes: np.ndarray, before: np.ndarray
) -> list[tuple[int, int]]:
    """Pair components, by their place in `leaders`, with colours of the layer before."""
    from scipy.optimize import linear_sum_assignment

    was = np.unique(before[before >= 0])
    common = np.array(
        [
            [int(((leader_of == one) & (before == colour)).sum()) for colour in was]
            for one in leaders
        ]
    ).reshape(len(leaders), len(was))
    smaller = np.minimum.outer(sizes, [int((before == colour).sum()) for colour in was])
    common[common < LEAST_SHARE * smaller] = 0
    pairs = zip(*linear_sum_assignment(common, maximize=True), strict=True)
    return [(int(k), int(was[colour])) for k, colour in pairs if common[k, colour] > 0]
