"""The least cost at which bars can be matched, compiled; imported only where numba runs."""

import numpy as np

from attntopo.compiled import kernel
from attntopo.diagrams.bar_tree_kernel import make_tree, nearest_shift, shift, take_within

_Tree = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@kernel()
def bottleneck_in_the_plane(first: np.ndarray, second: np.ndarray) -> tuple[float, np.ndarray]:
    """Find the least cost at which finite bars can be matched, and a matching that attains it.

    The cost is the length of a shift or half a bar's, to the bit. It isn't less than what the
    loneliest bar costs, its nearest partner or the diagonal, and most often that is it. Else it is
    found by bisection over the floating-point numbers in between, in 64 steps at most: a cost that
    is too little says which one might do, one that is enough what it really takes.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n_bars, 2)
        Finite bars longer than 0.

    Returns
    -------
    tuple of float and ndarray of int64, shape (n_bars of the first,)
        The cost, and the number of each first bar's partner; -1 for the diagonal. Memory is
        proportional to the number of bars.
    """
    a, b = make_tree(first), make_tree(second)
    halves_a, halves_b = _halves(a[0]), _halves(b[0])
    least = max(_loneliest(a, halves_a, b), _loneliest(b, halves_b, a))
    most = max(_largest(halves_a), _largest(halves_b))
    of_a, of_b = np.full(len(first), -1), np.full(len(second), -1)
    best = np.full(len(first), -1)
    bits = np.empty(2)
    cost = least
    while True:
        more = _match_at(cost, a, halves_a, b, halves_b, of_a, of_b)
        if more > cost:
            least = more
        else:
            most = _attained(a[0], halves_a, b[0], halves_b, of_a, of_b)
            best[:] = of_a
        if most <= least:
            break
        bits[0], bits[1] = least, most
        whole = bits.view(np.int64)
        # Below `most`: so that either end moves.
        middle = np.array([whole[0] + (whole[1] - whole[0]) // 2])
        cost = middle.view(np.float64)[0]
    partners = np.full(len(first), -1)
    for place in range(len(best)):
        if best[place] >= 0:
            partners[a[1][place]] = b[1][best[place]]
    return most, partners


@kernel()
def _halves(bars: np.ndarray) -> np.ndarray:
    return (bars[:, 1] - bars[:, 0]) / 2


@kernel()
def _largest(values: np.ndarray) -> float:
    return values.max() if len(values) else 0.0


@kernel()
def _sizes(tree: _Tree) -> np.ndarray:
    return tree[3] - tree[2]


@kernel()
def _loneliest(own: _Tree, halves: np.ndarray, other: _Tree) -> float:
    """Return the most that any bar costs at least: the way to its nearest partner or diagonal."""
    there, left = np.ones(len(other[0]), np.bool_), _sizes(other)
    most = 0.0
    for i in range(len(halves)):
        if halves[i] > most:
            birth, death = own[0][i]
            most = max(most, nearest_shift(other, there, left, birth, death, halves[i]))
    return most


@kernel()
def _match_at(
    cost: float,
    a: _Tree,
    halves_a: np.ndarray,
    b: _Tree,
    halves_b: np.ndarray,
    of_a: np.ndarray,
    of_b: np.ndarray,
) -> float:
    """Match so that nothing costs more; return the cost, or one that it is at least if it can't be.

    It begins with the pairs of the last cost that are near enough for this one.

    Only bars too long for the diagonal must be matched with bars of the other diagram. First those
    of one are, then those of the other: what these displace needs no partner, and by the theorem of
    Mendelsohn and Dulmage they can be matched so if both can be by themselves.
    """
    for i in range(len(of_a)):
        j = of_a[i]
        if j >= 0 and shift(a[0][i], b[0][j, 0], b[0][j, 1]) > cost:
            of_a[i] = of_b[j] = -1
    more = _cover(cost, a, halves_a, b, of_a, of_b)
    if more > cost:
        return more
    return _cover(cost, b, halves_b, a, of_b, of_a)


@kernel()
def _cover(
    cost: float,
    own: _Tree,
    halves: np.ndarray,
    other: _Tree,
    of_own: np.ndarray,
    of_other: np.ndarray,
) -> float:
    """Match all own bars longer than twice the cost, by augmenting paths in rounds.

    In a round each bar of the other diagram is visited once, whatever the number of pairs that
    are near enough. The other's bars that are matched stay so.

    Returns
    -------
    float
        The cost; if that is too little, the least that might do: half the length of a bar that a
        failed search has reached, or the shift to a partner that it hasn't.
    """
    there, left, sizes = np.empty(len(other[0]), np.bool_), np.empty_like(other[2]), _sizes(other)
    path = np.empty(len(halves) + 1, np.int64)
    reached = np.empty(len(halves) + 1, np.int64)
    roots = np.nonzero((halves > cost) & (of_own < 0))[0]
    n_roots = len(roots)
    while n_roots:
        there[:] = True
        left[:] = sizes
        n_failed = 0
        for k in range(n_roots):
            root = roots[k]
            n_reached = _augment(
                root, cost, own, halves, other, of_own, of_other, there, left, path, reached
            )
            if n_reached == 0:
                continue
            if k == 0:  # nothing has been matched in this round
                more = np.inf
                for i in reached[:n_reached]:
                    birth, death = own[0][i]
                    more = min(more, halves[i])
                    more = nearest_shift(other, there, left, birth, death, more)
                return more
            roots[n_failed] = root
            n_failed += 1
        n_roots = n_failed
    return cost


@kernel()
def _augment(
    root: int,
    cost: float,
    own: _Tree,
    halves: np.ndarray,
    other: _Tree,
    of_own: np.ndarray,
    of_other: np.ndarray,
    there: np.ndarray,
    left: np.ndarray,
    path: np.ndarray,
    reached: np.ndarray,
) -> int:
    """Match one more bar along an alternating path; return 0, or how many a search has reached."""
    path[0] = reached[0] = root
    length, n_reached = 1, 1
    while length:
        i = path[length - 1]
        birth, death = own[0][i]
        j = take_within(other, there, left, birth, death, cost)
        if j < 0:
            length -= 1
            continue
        holder = of_other[j]
        if holder >= 0 and halves[holder] > cost:
            path[length] = reached[n_reached] = holder
            length, n_reached = length + 1, n_reached + 1
            continue
        if holder >= 0:  # short enough for the diagonal
            of_own[holder] = -1
        while length:
            length -= 1
            i = path[length]
            before = of_own[i]
            of_own[i], of_other[j] = j, i
            j = before
        return 0
    return n_reached


@kernel()
def _attained(
    a: np.ndarray,
    halves_a: np.ndarray,
    b: np.ndarray,
    halves_b: np.ndarray,
    of_a: np.ndarray,
    of_b: np.ndarray,
) -> float:
    """Return the largest cost of a matching."""
    most = 0.0
    for i in range(len(halves_a)):
        j = of_a[i]
        most = max(most, halves_a[i] if j < 0 else shift(a[i], b[j, 0], b[j, 1]))
    for j in range(len(halves_b)):
        if of_b[j] < 0:
            most = max(most, halves_b[j])
    return most
