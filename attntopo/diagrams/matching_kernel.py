"""Matchings of bars that are all born together, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel


@kernel()
def match_on_a_line(
    a: np.ndarray, b: np.ndarray, birth: float, order: int, forbidden_above: float
) -> tuple[np.ndarray, np.ndarray]:
    """Match bars that are born together so that the sum of costs to a power is the least.

    Two pairs that cross cost no less than the same uncrossed, so the best matching goes through
    both in order, and is found one bar after the other (dynamic programming).

    Parameters
    ----------
    a, b : ndarray of float64
        Deaths, ascending. Costs are differences of these very numbers, as in the limit: lengths
        in their place would be off by a bit, and forbid what attains it.
    birth : float
    order : {1, 2}
    forbidden_above : float
        No pair, and no way to the diagonal, may cost more.

    Returns
    -------
    tuple of ndarray of int64
        Numbers of the partners in a and in b; the rest goes to the diagonal.
    """
    n, m = len(a), len(b)
    alone_a = np.array([_cost((death - birth) / 2, order, forbidden_above) for death in a])
    alone_b = np.array([_cost((death - birth) / 2, order, forbidden_above) for death in b])
    least = np.empty((n + 1, m + 1))
    for i in range(n + 1):
        for j in range(m + 1):
            best = 0.0 if i == 0 and j == 0 else np.inf
            if i > 0:
                best = min(best, least[i - 1, j] + alone_a[i - 1])
            if j > 0:
                best = min(best, least[i, j - 1] + alone_b[j - 1])
            if i > 0 and j > 0:
                pair = _cost(abs(a[i - 1] - b[j - 1]), order, forbidden_above)
                best = min(best, least[i - 1, j - 1] + pair)
            least[i, j] = best
    from_a, from_b = np.empty(min(n, m), np.int64), np.empty(min(n, m), np.int64)
    n_pairs = 0
    i, j = n, m
    while i > 0 or j > 0:
        if i > 0 and least[i, j] == least[i - 1, j] + alone_a[i - 1]:
            i -= 1
        elif j > 0 and least[i, j] == least[i, j - 1] + alone_b[j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            from_a[n_pairs], from_b[n_pairs] = i, j
            n_pairs += 1
    return from_a[:n_pairs], from_b[:n_pairs]


@kernel()
def _cost(shift: float, order: int, forbidden_above: float) -> float:
    if shift > forbidden_above:
        return np.inf
    return shift if order == 1 else shift * shift
