"""What `link_kernels` and `relation_kernels` do where numba can't run: some fifty times slower.

Sets of points and of loops are whole numbers here, a bit a member.
"""

from collections.abc import Iterator

import numpy as np


def classify_edges(
    n: int, i: np.ndarray, j: np.ndarray, most_words: int, most_triangles: int
) -> tuple[bool, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Go through the edges in order, as `link_kernels.classify_edges` does.

    Parameters
    ----------
    n : int
    i, j : ndarray of uint16, shape (n_edges,)
    most_words, most_triangles : int

    Returns
    -------
    bool
    merges, births : ndarray of int64
    apexes : ndarray of int32, shape (n, n)
    triangles : ndarray of int32, shape (n_triangles, 2)
        As there; which apex is noted may differ.
    """
    joined = [1 << x for x in range(n)]  # neighbours so far, itself included
    apexes = np.full((n, n), -1, np.int32)
    component = np.arange(n)
    merges: list[int] = []
    births: list[int] = []
    triangles: list[tuple[int, int]] = []
    words, enough = 0, True
    for edge, (u, v) in enumerate(zip(i.tolist(), j.tolist(), strict=True)):
        lune = joined[u] & joined[v]
        if lune:
            lows = []
            for low, steps in _components(lune, joined):
                lows.append(low)
                words += steps * (n // 64 + 1)
            triangles += [(edge, low) for low in lows[1:]]
            apexes[[u, v], [v, u]] = lows[0]
        elif component[u] != component[v]:
            component[component == component[v]] = component[u]
            merges.append(edge)
        else:
            apexes[[u, v], [v, u]] = -2 - len(births)
            births.append(edge)
        joined[u] |= 1 << v
        joined[v] |= 1 << u
        if words > most_words or len(triangles) > most_triangles:
            enough = False
            break
    return (
        enough,
        np.array(merges, np.int64),
        np.array(births, np.int64),
        apexes,
        np.array(triangles, np.int32).reshape(-1, 2),
    )


def _components(lune: int, joined: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the lowest point of each component of a link, and how many points were gone through."""
    while lune:
        low, steps = _lowest(lune), 0
        fresh = 1 << low
        while fresh:
            lune &= ~fresh
            reached = joined[_lowest(fresh)] & lune
            fresh = (fresh & (fresh - 1)) | reached
            steps += 1
        yield low, steps


def relate_loops(
    i: np.ndarray,
    j: np.ndarray,
    births: np.ndarray,
    apexes: np.ndarray,
    triangles: np.ndarray,
    most_words: int,
) -> tuple[bool, np.ndarray, np.ndarray]:
    """Reduce the relations of critical triangles, as `relation_kernels.relate_loops` does.

    Parameters
    ----------
    i, j, births, apexes, triangles : ndarray
    most_words : int

    Returns
    -------
    bool
    deaths : ndarray of int64, shape (n_loops, 3)
    relations : ndarray of uint64
        As there.
    """
    forms: dict[tuple[int, int], int] = {}  # edge -> births it comes down to
    relations: dict[int, int] = {}
    deaths: list[tuple[int, int, int]] = []
    words = 0
    for edge, apex in triangles.tolist():
        u, v = int(i[edge]), int(j[edge])
        total = 0
        for tip in (apex, int(apexes[u, v])):
            total ^= _form(u, tip, apexes, forms) ^ _form(v, tip, apexes, forms)
        while total and (youngest := total.bit_length() - 1) in relations:
            total ^= relations[youngest]
            words += youngest // 64 + 1
        if total:
            relations[youngest] = total
            deaths.append((youngest, edge, apex))
        if words > most_words:
            return False, np.empty((0, 3), np.int64), np.empty(0, np.uint64)
    packed = b"".join(
        relations[loop].to_bytes(8 * (loop // 64 + 1), "little") for loop in range(len(births))
    )
    return True, np.array(deaths, np.int64).reshape(-1, 3), np.frombuffer(packed, "<u8")


def _form(x: int, y: int, apexes: np.ndarray, forms: dict[tuple[int, int], int]) -> int:
    """Return the births that an edge comes down to by the noted apexes, a bit a birth."""
    waiting = [(min(x, y), max(x, y))]
    while waiting:
        a, b = waiting[-1]
        apex = int(apexes[a, b])
        if (a, b) in forms:
            waiting.pop()
        elif apex < 0:
            forms[a, b] = 1 << (-2 - apex) if apex <= -2 else 0
        else:
            sides = [(min(end, apex), max(end, apex)) for end in (a, b)]
            missing = [side for side in sides if side not in forms]
            waiting += missing
            if not missing:
                forms[a, b] = forms[sides[0]] ^ forms[sides[1]]
    return forms[min(x, y), max(x, y)]


def _lowest(members: int) -> int:
    return (members & -members).bit_length() - 1
