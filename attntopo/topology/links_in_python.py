"""What `link_kernels` and `relation_kernels` do where numba can't run: some fifty times slower.

Sets of points and of loops are whole numbers here, a bit a member.
"""

from collections.abc import Iterator

import numpy as np

NOT_YET = 0x7FFFFFFF


def link_edges(
    n: int, i: np.ndarray, j: np.ndarray, most_words: int, most_bytes: int
) -> tuple[bool, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Go through the edges in order, as `link_kernels.link_edges` does.

    Parameters
    ----------
    n : int
        Number of points.
    i, j : ndarray of uint16, shape (n_edges,)
        Ends of the edges.
    most_words, most_bytes : int

    Returns
    -------
    bool
    ranks, apexes, merges, births, deaths, relations : ndarray
        As there; which apex is noted may differ.
    """
    joined = [1 << x for x in range(n)]  # neighbours so far, itself included
    component = np.arange(n)
    loops = _Loops(n)
    merges: list[int] = []
    births: list[int] = []
    words, enough = 0, True
    for edge, (u, v) in enumerate(zip(i.tolist(), j.tolist(), strict=True)):
        lune, form = joined[u] & joined[v], 0
        apex = -1
        if not lune and component[u] != component[v]:
            component[component == component[v]] = component[u]
            merges.append(edge)
        elif not lune:
            apex, form = -2 - len(births), 1 << len(births)
            births.append(edge)
        elif len(births) > len(loops.deaths):
            lows = []
            for low, steps in _components(lune, joined):
                lows.append(low)
                words += steps * (n // 64 + 1)
            apex, form = lows[0], loops.form(u, v, lows[0])
            for low in lows[1:]:
                words += loops.relate(edge, low, form ^ loops.form(u, v, low))
        loops.add(u, v, apex, form)
        joined[u] |= 1 << v
        joined[v] |= 1 << u
        # Forms and relations are each of births / 8 bytes at most.
        if words > most_words or len(births) * (len(births) + edge) > 8 * most_bytes:
            enough = False
            break
    ranks = np.full((n, n), NOT_YET, np.int32)
    ranks[i, j] = ranks[j, i] = np.arange(len(i))
    return (
        enough,
        ranks,
        np.array(loops.apexes, np.int32),
        np.array(merges, np.int64),
        np.array(births, np.int64),
        np.array(loops.deaths, np.int64).reshape(-1, 3),
        loops.packed(len(births)) if enough else np.empty(0, np.uint64),
    )


class _Loops:
    """Which loops each edge comes down to, and the relations between them."""

    def __init__(self, n: int) -> None:
        self.apexes: list[int] = []
        self.deaths: list[tuple[int, int, int]] = []
        self._forms: list[dict[int, int]] = [{} for _ in range(n)]
        self._relations: dict[int, int] = {}

    def add(self, u: int, v: int, apex: int, form: int) -> None:
        self.apexes.append(apex)
        self._forms[u][v] = self._forms[v][u] = form

    def form(self, u: int, v: int, apex: int) -> int:
        """Return the births that the two other sides of a triangle come down to, a bit a birth."""
        return self._forms[u][apex] ^ self._forms[v][apex]

    def relate(self, edge: int, apex: int, total: int) -> int:
        """Reduce a sum of births; the youngest left dies. Return how many words were looked at."""
        words = 0
        while total and (youngest := total.bit_length() - 1) in self._relations:
            total ^= self._relations[youngest]
            words += youngest // 64 + 1
        if total:
            self._relations[youngest] = total
            self.deaths.append((youngest, edge, apex))
        return words

    def packed(self, n_births: int) -> np.ndarray:
        """Return the relations as words."""
        each = (
            self._relations[loop].to_bytes(64 * (loop // 512 + 1), "little")
            for loop in range(n_births)
        )
        return np.frombuffer(b"".join(each), "<u8").astype(np.uint64)


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


def _lowest(members: int) -> int:
    return (members & -members).bit_length() - 1
