"""Random connected regions of patches."""

import numpy as np


def grow_regions(
    sizes: np.ndarray, grid: tuple[int, int], generator: np.random.Generator
) -> np.ndarray:
    """Grow random connected regions of given sizes on a grid.

    Each begins at a random patch and takes in a random neighbour, up, down, left or right, until
    it is large enough.

    Parameters
    ----------
    sizes : ndarray of int64, shape (n_regions,)
        1 to the number of patches.
    grid : tuple of int
        Height and width.
    generator : numpy Generator

    Returns
    -------
    ndarray of bool, shape (n_regions, n_patches)
    """
    height, width = grid
    regions = np.zeros((len(sizes), height * width), dtype=bool)
    for region, size in zip(regions, sizes.tolist(), strict=True):
        border = [int(generator.integers(height * width))]
        waiting = set(border)
        for draw in generator.random(size).tolist():
            k = int(draw * len(border))
            patch, border[k] = border[k], border[-1]
            border.pop()
            region[patch] = True
            row, column = divmod(patch, width)
            for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                r, c = row + down, column + right
                other = r * width + c
                if 0 <= r < height and 0 <= c < width and other not in waiting:
                    waiting.add(other)
                    border.append(other)
    return regions
