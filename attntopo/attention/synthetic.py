"""Attention made by code over a patch grid, whose shape anyone can foresee."""

import numpy as np

from attntopo.attention.maps import Attention

_GRID = 16
_PATCH_PIXELS = 14
_INNER, _OUTER = 4.2, 6.6
"""Radii of the ring, in patches."""
_WIDTH = 0.4
"""How far along the ring a patch looks: a standard deviation, in radians."""
_GAP = 0.5
"""Half the gap's width, in radians."""
_GROUND, _RING = (54, 66, 82), (240, 168, 48)


def ring_attention() -> Attention:
    """Make attention that runs round a ring.

    Returns
    -------
    Attention
        One layer of two heads, of a class token and 16 x 16 patches. In head 0 each patch of the
        ring attends to those near it along the ring, and all other tokens to the ground alike: so
        the ring is one component with one loop, and the ground another. Head 1 is the same with a
        gap, at the right, whose patches are ground: no loop.
    """
    rows, columns = np.indices((_GRID, _GRID)).reshape(2, -1)
    middle = (_GRID - 1) / 2
    radius = np.hypot(rows - middle, columns - middle)
    angle = np.arctan2(rows - middle, columns - middle)
    ring = (radius >= _INNER) & (radius <= _OUTER)
    heads = [_head(ring, angle, closed=True)]
    heads.append(_head(ring & (np.abs(angle) > _GAP), angle, closed=False))
    return Attention.from_arrays(np.stack(heads)[None], (_GRID, _GRID), 1, _picture(ring))


def _head(ring: np.ndarray, angle: np.ndarray, closed: bool) -> np.ndarray:
    apart = np.abs(angle[:, None] - angle[None, :])
    if closed:
        apart = np.minimum(apart, 2 * np.pi - apart)
    else:  # cut at the right, where the gap is: the long way round counts
        turned = np.mod(angle, 2 * np.pi)
        apart = np.abs(turned[:, None] - turned[None, :])
    near = np.exp(-(apart**2) / (2 * _WIDTH**2))
    maps = np.zeros((1 + len(ring), 1 + len(ring)))
    maps[1:, 1:] = np.where(ring[:, None] & ring[None, :], near, 0.0)
    ground = np.append(True, ~ring)
    maps[np.ix_(ground, ground)] = 1.0
    return maps / maps.sum(axis=1, keepdims=True)


def _picture(ring: np.ndarray) -> np.ndarray:
    patches = np.where(ring[:, None], _RING, _GROUND).astype(np.uint8).reshape(_GRID, _GRID, 3)
    return patches.repeat(_PATCH_PIXELS, axis=0).repeat(_PATCH_PIXELS, axis=1)
