"""One head's attention -> where its patches look: templates, entropy, distance."""

from functools import lru_cache

import numpy as np

from attntopo.attention import AttentionError, normalised_rows
from attntopo.wording import counted

TEMPLATES = (
    "identity",
    "uniform",
    "class token",
    "other prefix tokens",
    "four neighbours",
    "same row",
    "same column",
)
"""Plain forms of attention: what each patch attends to, evenly."""
_LEAST = float(np.nextafter(0.0, 1.0))
"""The least positive float64."""


def template_distances(
    attention: np.ndarray, grid: tuple[int, int], n_prefix: int
) -> dict[str, float]:
    """Compute how far the patches' attention is from attention of a plain form.

    Parameters
    ----------
    attention : ndarray of float, shape (n_tokens, n_tokens)
        Rows are normalised once more in float64.
    grid : tuple of int
        Height and width of the patch grid.
    n_prefix : int
        Tokens before the patches, the class token first.

    Returns
    -------
    dict of str to float
        For each template T, with A and T the rows of the patches and all columns,
        norm(A - T) / sqrt(norm(A)² + norm(T)²) in Frobenius norms: 0 where A is the template, 1
        where they share no token. A template's row is uniform over its set of tokens. Left out are
        "class token" without a prefix, "other prefix tokens" (registers, or the distillation
        token) with at most one, and "four neighbours" where a patch has none, on a grid of one.

    Raises
    ------
    AttentionError
        If the attention is not a square matrix of distributions, or does not fit the grid.
    """
    A = _patch_rows(attention, n_prefix, grid)
    square = np.square(A).sum()
    distances = {}
    for name, members in _template_sets(int(grid[0]), int(grid[1]), int(n_prefix)):
        T = members / members.sum(axis=1, keepdims=True)
        apart, total = np.square(A - T).sum(), square + np.square(T).sum()
        distances[name] = float(np.sqrt(apart / total))
    return distances


@lru_cache(maxsize=8)
def _template_sets(height: int, width: int, n_prefix: int) -> tuple[tuple[str, np.ndarray], ...]:
    """Name the sets of the templates: bool arrays, read-only, shape (n_patches, n_tokens).

    Sets are kept and not templates: they take an eighth of the memory, 11 MB at 1,370 tokens.
    """
    down, across = (
        np.pad(offset, ((0, 0), (n_prefix, 0)), constant_values=-1)  # a prefix token has no place
        for offset in _offsets((height, width))
    )
    token = np.broadcast_to(np.arange(down.shape[1]), down.shape)
    all_members = (
        down + across == 0,
        token >= 0,
        (token == 0) & (token < n_prefix),
        (token > 0) & (token < n_prefix),
        down + across == 1,
        down == 0,
        across == 0,
    )
    sets = dict(zip(TEMPLATES, all_members, strict=True))
    for members in all_members:
        members.setflags(write=False)
    # A set is empty for all patches or for none: on any grid of two or more, each has neighbours.
    return tuple((name, members) for name, members in sets.items() if members.any())


def attention_entropy(attention: np.ndarray, n_prefix: int) -> float:
    """Compute the mean entropy of the patches' attention.

    Parameters
    ----------
    attention : ndarray of float, shape (n_tokens, n_tokens)
        Rows are normalised once more in float64.
    n_prefix : int
        Tokens before the patches; their rows are left out, their columns are not.

    Returns
    -------
    float
        In nats, from 0 (each patch attends to one token) to the logarithm of the number of tokens.

    Raises
    ------
    AttentionError
        If the attention is not a square matrix of distributions with a row for a patch.
    """
    return _entropy(_patch_rows(attention, n_prefix))


def mean_attention_distance(attention: np.ndarray, grid: tuple[int, int], n_prefix: int) -> float:
    """Compute how far away patches attend, on average.

    Parameters
    ----------
    attention : ndarray of float, shape (n_tokens, n_tokens)
        Rows are normalised once more in float64.
    grid : tuple of int
        Height and width of the patch grid.
    n_prefix : int
        Tokens before the patches; what goes to them is left out.

    Returns
    -------
    float
        Mean over the patches of the expected Euclidean distance between a patch and the one it
        attends to, in patches. A patch that attends to no patch is left out; 0 if all are.

    Raises
    ------
    AttentionError
        If the attention is not a square matrix of distributions, or does not fit the grid.

    References
    ----------
    Dosovitskiy et al., An Image Is Worth 16x16 Words, ICLR 2021.
    """
    return _mean_distance(_patch_rows(attention, n_prefix, grid), grid)


def entropy_and_distance(
    attention: np.ndarray, grid: tuple[int, int], n_prefix: int
) -> tuple[float, float]:
    """Compute `attention_entropy` and `mean_attention_distance`, with the rows normalised once.

    Parameters, and what is raised, are as for these.
    """
    rows = _patch_rows(attention, n_prefix, grid)
    return _entropy(rows), _mean_distance(rows, grid)


def _entropy(rows: np.ndarray) -> float:
    # An entry 0 counts for nothing, whatever finite number its logarithm is.
    logarithms = np.maximum(rows, _LEAST)
    np.log(logarithms, out=logarithms)
    return float(max(0.0, -np.einsum("ij,ij->i", rows, logarithms).mean()))


def _mean_distance(rows: np.ndarray, grid: tuple[int, int]) -> float:
    to_patches = rows[:, rows.shape[1] - rows.shape[0] :]
    totals = to_patches.sum(axis=1)
    attending = totals > 0
    if not attending.any():
        return 0.0
    weighted = np.einsum("ij,ij->i", to_patches, _patch_distances(tuple(grid)))
    return float((weighted[attending] / totals[attending]).mean())


@lru_cache(maxsize=8)
def _patch_distances(grid: tuple[int, int]) -> np.ndarray:
    down, across = _offsets(grid)
    return np.sqrt(down**2 + across**2)


def _offsets(grid: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Count rows and columns between all pairs of patches: two arrays (n_patches, n_patches)."""
    rows, columns = np.divmod(np.arange(grid[0] * grid[1]), grid[1])
    return np.abs(rows[:, None] - rows), np.abs(columns[:, None] - columns)


def _patch_rows(
    attention: np.ndarray, n_prefix: int, grid: tuple[int, int] | None = None
) -> np.ndarray:
    rows = normalised_rows(attention)
    n_patches = len(rows) - n_prefix
    if n_prefix < 0 or n_patches < 1:
        raise AttentionError(
            f"{counted(len(rows), 'token')} aren't {counted(n_prefix, 'prefix token')} and patches."
        )
    if grid is not None and (min(grid) < 1 or grid[0] * grid[1] != n_patches):
        raise AttentionError(f"The {n_patches} patches aren't a grid of {grid[0]} x {grid[1]}.")
    return rows[n_prefix:]
