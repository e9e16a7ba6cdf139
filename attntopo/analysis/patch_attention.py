"""One head's attention -> where its patches look: templates, entropy, distance."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from attntopo.attention import AttentionError, normalised_rows
from attntopo.compiled import numba_runs
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
_LEAST_SHARE = 0.01
"""norm(A - T)² = norm(A)² + norm(T)² - 2 <A, T>, which loses digits where it is small: two of
sixteen at this share of norm(A)² + norm(T)². Below it the entries are subtracted one by one."""


class PatchRows:
    """The patches' rows of one head's attention, normalised once, and what is read off them.

    Parameters
    ----------
    attention : ndarray of float, shape (n_tokens, n_tokens)
        Rows are normalised once more in float64.
    n_prefix : int
        Tokens before the patches, the class token first.
    grid : tuple of int, optional
        Height and width of the patch grid; by default the patches are one row. Entropy needs none.

    Attributes
    ----------
    of_all_tokens : NormalisedRows, shape (n_tokens, n_tokens)
        The rows of all tokens.
    values : ndarray of float64, shape (n_patches, n_tokens)
        Those of the patches, a view.

    Raises
    ------
    AttentionError
        If the attention is not a square matrix of distributions with a row for a patch, or does
        not fit the grid.
    """

    def __init__(
        self, attention: np.ndarray, n_prefix: int, grid: tuple[int, int] | None = None
    ) -> None:
        rows = normalised_rows(attention)
        n_patches = len(rows) - n_prefix
        if n_prefix < 0 or n_patches < 1:
            raise AttentionError(
                f"{counted(len(rows), 'token')} aren't {counted(n_prefix, 'prefix token')} and "
                "patches."
            )
        if grid is not None and (min(grid) < 1 or grid[0] * grid[1] != n_patches):
            raise AttentionError(f"The {n_patches} patches aren't a grid of {grid[0]} x {grid[1]}.")
        self.of_all_tokens = rows
        self.values = rows[n_prefix:]
        self._n_prefix = int(n_prefix)
        self._grid = (int(grid[0]), int(grid[1])) if grid is not None else (1, n_patches)

    def template_distances(self) -> dict[str, float]:
        """Compute what the function `template_distances` returns."""
        flat = self.values.ravel()
        square = np.einsum("ij,ij->i", self.values, self.values).sum()
        distances = {}
        for template in _templates(*self._grid, self._n_prefix):
            total = square + template.square
            apart = total - 2 * (flat[template.places] * template.shares).sum()
            if apart < _LEAST_SHARE * total:
                difference = flat.copy()
                difference[template.places] -= template.shares
                apart = np.square(difference).sum()
            distances[template.name] = float(np.sqrt(apart / total))
        return distances

    def entropy(self) -> float:
        """Compute what `attention_entropy` returns."""
        if numba_runs():
            from attntopo.analysis.entropy_kernel import sum_of_entropies

            return float(max(0.0, sum_of_entropies(self.values.ravel()) / len(self.values)))
        # An entry 0 counts for nothing, whatever finite number its logarithm is.
        logarithms = np.maximum(self.values, _LEAST)
        np.log(logarithms, out=logarithms)
        return float(max(0.0, -np.einsum("ij,ij->i", self.values, logarithms).mean()))

    def mean_distance(self) -> float:
        """Compute what `mean_attention_distance` returns."""
        to_patches = self.values[:, self._n_prefix :]
        totals = to_patches.sum(axis=1)
        attending = totals > 0
        if not attending.any():
            return 0.0
        weighted = np.einsum("ij,ij->i", to_patches, _patch_distances(self._grid))
        return float((weighted[attending] / totals[attending]).mean())


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
    return PatchRows(attention, n_prefix, grid).template_distances()


@dataclass(frozen=True, eq=False)
class _Template:
    """A plain form of attention, by its entries that aren't 0, which are few as a rule.

    Places are those in the rows of the patches, one after the other; a slice if they are all.
    Shares are what stands there; one number if they are equal.
    """

    name: str
    places: np.ndarray | slice
    shares: np.ndarray | float
    square: float


@lru_cache(maxsize=8)
def _templates(height: int, width: int, n_prefix: int) -> tuple[_Template, ...]:
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
    sets = zip(TEMPLATES, all_members, strict=True)
    # A set is empty for all patches or for none: on any grid of two or more, each has neighbours.
    return tuple(_template(name, members) for name, members in sets if members.any())


def _template(name: str, members: np.ndarray) -> _Template:
    """Share each row out evenly among its members: bool, shape (n_patches, n_tokens)."""
    n_members = members.sum(axis=1)
    each = 1 / n_members
    places = slice(None) if members.all() else np.flatnonzero(members)
    shares = float(each[0]) if (each == each[0]).all() else np.repeat(each, n_members)
    for array in (places, shares):
        if isinstance(array, np.ndarray):
            array.setflags(write=False)
    return _Template(name, places, shares, float(each.sum()))


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
    return PatchRows(attention, n_prefix).entropy()


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
    return PatchRows(attention, n_prefix, grid).mean_distance()


@lru_cache(maxsize=8)
def _patch_distances(grid: tuple[int, int]) -> np.ndarray:
    down, across = _offsets(grid)
    distances = np.sqrt(down**2 + across**2)
    distances.setflags(write=False)
    return distances


def _offsets(grid: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Count rows and columns between all pairs of patches: two arrays (n_patches, n_patches)."""
    rows, columns = np.divmod(np.arange(grid[0] * grid[1]), grid[1])
    return np.abs(rows[:, None] - rows), np.abs(columns[:, None] - columns)
