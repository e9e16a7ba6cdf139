"""Loops of tokens on the patch grid: what they run round, and how they step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

PLACES = 2
"""A patch has so many places a side, at which it is asked what a loop runs round."""


def places(grid: tuple[int, int]) -> np.ndarray:
    """Return the places on a patch grid, row by row.

    Parameters
    ----------
    grid : tuple of int
        Height and width of the patch grid.

    Returns
    -------
    ndarray of float64, shape (n_places, 2)
        y and x in patches; `PLACES` squared in each patch.
    """
    rows, columns = (np.arange(side * PLACES) + 0.5 for side in grid)
    y, x = np.meshgrid(rows / PLACES, columns / PLACES, indexing="ij")
    return np.stack([y.ravel(), x.ravel()], axis=1)


def run_round(loops: Sequence[np.ndarray], grid: tuple[int, int]) -> np.ndarray:
    """Say which places loops run round an odd number of times.

    Cycles are over Z/2, and so is winding: what two loops of a cycle both run round is not inside.

    Parameters
    ----------
    loops : sequence of ndarray of int64
        Closed paths of patches, each joined to the next from centre to centre.
    grid : tuple of int

    Returns
    -------
    ndarray of bool, shape (n_places,)
        Of a place on a path itself, either may be said.
    """
    from skimage.measure import points_in_poly

    at = places(grid)
    inside = np.zeros(len(at), dtype=bool)
    for loop in loops:
        if len(loop) > 2:
            # 1 inside; 2 and 3 on a corner or a side.
            inside ^= np.asarray(points_in_poly(at, centres(loop, grid))) == 1
    return inside


def with_own_patches(
    inside: np.ndarray, loops: Sequence[np.ndarray], grid: tuple[int, int]
) -> np.ndarray:
    """Add the loops' own patches to what they run round.

    Parameters
    ----------
    inside : ndarray of bool, shape (n_places,)
    loops : sequence of ndarray of int64
    grid : tuple of int

    Returns
    -------
    ndarray of bool, shape (n_places,)
    """
    filled = inside.reshape(grid[0], PLACES, grid[1], PLACES).copy()
    for loop in loops:
        rows, columns = np.divmod(loop, grid[1])
        filled[rows, :, columns, :] = True
    return filled.ravel()


def centres(patches: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Return the centres of patches, (n, 2): y and x in patches."""
    return np.stack(np.divmod(patches, grid[1]), axis=1) + 0.5


def touching_steps(edges: np.ndarray, grid: tuple[int, int]) -> float:
    """Return the share of edges between patches that touch, corners included.

    Parameters
    ----------
    edges : ndarray of int64, shape (n_edges, 2)
        Pairs of patches; at least one.
    grid : tuple of int

    Returns
    -------
    float
        0 to 1.
    """
    apart = np.abs(centres(edges[:, 0], grid) - centres(edges[:, 1], grid)).max(axis=1)
    return float((apart <= 1).mean())


def touching_by_chance(grid: tuple[int, int]) -> float:
    """Return the share of all pairs of patches that touch, corners included."""
    patches = np.arange(grid[0] * grid[1])
    pairs = np.stack(np.triu_indices(len(patches), 1), axis=1)
    return touching_steps(pairs, grid)


def object_places(
    mask: np.ndarray, box: tuple[float, float, float, float], grid: tuple[int, int]
) -> np.ndarray:
    """Say which places of the patch grid are an object's.

    Parameters
    ----------
    mask : ndarray of bool, shape (height, width)
        Of the photo.
    box : tuple of float
        As `Attention.patches_box`. What lies beyond the photo isn't the object's.
    grid : tuple of int

    Returns
    -------
    ndarray of bool, shape (n_places,)
    """
    left, top, right, bottom = box
    shares = places(grid) / grid
    at = np.array([top, left]) + shares * [bottom - top, right - left]
    pixels = np.floor(at * mask.shape).astype(np.int64)
    within = ((pixels >= 0) & (pixels < mask.shape)).all(axis=1)
    pixels = np.clip(pixels, 0, np.array(mask.shape) - 1)
    return within & mask[pixels[:, 0], pixels[:, 1]]
