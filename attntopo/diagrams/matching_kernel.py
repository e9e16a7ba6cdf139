"""Matchings of least sum, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel

_A_ALONE, _B_ALONE, _PAIR = 0, 1, 2


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
    # Of the sums only a row is kept; of each step, what came last: a's bar alone, b's, or a pair.
    steps = np.zeros((n + 1, m + 1), np.uint8)
    least = np.empty(m + 1)
    for i in range(n + 1):
        diagonal = np.inf  # the sum without both bars
        for j in range(m + 1):
            above = least[j] if i > 0 else np.inf
            best, step = (0.0 if i == 0 and j == 0 else np.inf), 0
            if i > 0 and above + alone_a[i - 1] < best:
                best, step = above + alone_a[i - 1], _A_ALONE
            if j > 0 and least[j - 1] + alone_b[j - 1] < best:
                best, step = least[j - 1] + alone_b[j - 1], _B_ALONE
            if i > 0 and j > 0:
                pair = _cost(abs(a[i - 1] - b[j - 1]), order, forbidden_above)
                if diagonal + pair < best:
                    best, step = diagonal + pair, _PAIR
            least[j], steps[i, j], diagonal = best, step, above
    from_a, from_b = np.empty(min(n, m), np.int64), np.empty(min(n, m), np.int64)
    n_pairs = 0
    i, j = n, m
    while i > 0 or j > 0:
        step = steps[i, j]
        i -= step != _B_ALONE
        j -= step != _A_ALONE
        if step == _PAIR:
            from_a[n_pairs], from_b[n_pairs] = i, j
            n_pairs += 1
    return from_a[:n_pairs], from_b[:n_pairs]


@kernel()
def match_in_the_plane(
    first: np.ndarray, second: np.ndarray, order: int, forbidden_above: float
) -> np.ndarray:
    """Match bars of any births so that the sum of costs to a power is the least.

    One bar after the other is matched by a shortest augmenting path (Dijkstra's, with a price of
    each second bar). Costs are computed where they are needed, and only of pairs that may be part
    of the path, so memory is proportional to the number of bars.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n_bars, 2)
        Finite bars longer than 0; the second ascending by birth.
    order : {1, 2}
    forbidden_above : float
        No pair, and no way to the diagonal, may cost more. There must be such a matching.

    Returns
    -------
    ndarray of int64, shape (n_bars of the first,)
        Each first bar's partner, -1 for the diagonal.

    References
    ----------
    Jonker, Volgenant, A shortest augmenting path algorithm for dense and sparse linear assignment
    problems, Computing 38 (1987); Crouse, On implementing 2D rectangular assignment algorithms,
    IEEE Transactions on Aerospace and Electronic Systems 52 (2016).
    """
    n, m = len(first), len(second)
    births, deaths = second[:, 0].copy(), second[:, 1].copy()
    half_a, half_b = (first[:, 1] - first[:, 0]) / 2, (deaths - births) / 2
    alone, worth = half_a**order, half_b**order
    # A bar too long for the diagonal must have a partner: worth more than all the rest together.
    must = 1.0 + 2 * alone.sum() + 2 * worth.sum()
    worth[half_b > forbidden_above] += must
    dearest = worth.max() if m else 0.0  # what a second bar is worth, less its price, at most
    dual = np.zeros(n)
    partner, holder = np.full(n, -1), np.full(m, -1)
    length, before = np.full(m, np.inf), np.empty(m, np.int64)
    closed = np.zeros(m, np.bool_)
    open_, seen = np.empty(m, np.int64), np.empty(m, np.int64)
    rows, row_lengths = np.empty(n, np.int64), np.empty(n)
    for start in range(n):
        n_open = n_seen = n_rows = 0
        i, so_far = start, 0.0
        limit, last_row, last_column = np.inf, -1, -1  # where the best path so far ends
        while i >= 0:
            rows[n_rows], row_lengths[n_rows] = i, so_far
            n_rows += 1
            here = so_far - dual[i]
            if here < limit and half_a[i] <= forbidden_above:
                limit, last_row, last_column = here, i, -1
            here -= alone[i]
            birth, death = first[i]
            begin, end = _places(births, birth, limit - here + dearest, order, forbidden_above)
            for j in range(begin, end):
                shift = max(abs(birth - births[j]), abs(death - deaths[j]))
                there = here + (shift if order == 1 else shift * shift) - worth[j]
                if there >= limit or there >= length[j] or shift > forbidden_above or closed[j]:
                    continue
                if length[j] == np.inf:
                    seen[n_seen] = open_[n_open] = j
                    n_seen, n_open = n_seen + 1, n_open + 1
                length[j], before[j] = there, i
                if holder[j] < 0:
                    limit, last_column = there, j
            j = _take_nearest(open_, n_open, length, limit)
            i = -1
            if j >= 0:
                n_open -= 1
                closed[j] = True
                i, so_far = holder[j], length[j]
        for k in range(n_rows):
            dual[rows[k]] += limit - row_lengths[k]
        for j in seen[:n_seen]:
            if closed[j]:
                worth[j] -= limit - length[j]
            closed[j], length[j] = False, np.inf
        _augment(start, last_row, last_column, before, partner, holder)
    return partner


@kernel()
def _places(
    births: np.ndarray, birth: float, most: float, order: int, forbidden_above: float
) -> tuple[int, int]:
    """Return the first place, and that after the last, of bars whose births are near enough."""
    most = max(most, 0.0)
    reach = min(np.sqrt(most) if order == 2 else most, forbidden_above) * (1 + 1e-9)
    begin = np.searchsorted(births, birth - reach)
    return int(begin), int(np.searchsorted(births, birth + reach, "right"))


@kernel()
def _take_nearest(open_: np.ndarray, n_open: int, length: np.ndarray, limit: float) -> int:
    """Take the nearest open bar that is below a limit out of the list, or return -1."""
    nearest, place = limit, -1
    for k in range(n_open):
        if length[open_[k]] < nearest:
            nearest, place = length[open_[k]], k
    if place < 0:
        return -1
    j = open_[place]
    open_[place] = open_[n_open - 1]
    return j


@kernel()
def _augment(
    start: int,
    last_row: int,
    last_column: int,
    before: np.ndarray,
    partner: np.ndarray,
    holder: np.ndarray,
) -> None:
    """Pair along a path that ends at a second bar, or by leaving a first one to the diagonal."""
    j = last_column
    if j < 0:
        j, partner[last_row] = partner[last_row], -1
        if last_row == start:
            return
    i = -1
    while i != start:
        i = before[j]
        holder[j] = i
        j, partner[i] = partner[i], j


@kernel()
def _cost(shift: float, order: int, forbidden_above: float) -> float:
    if shift > forbidden_above:
        return np.inf
    return shift if order == 1 else shift * shift
