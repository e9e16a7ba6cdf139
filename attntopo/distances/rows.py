"""One attention matrix -> row distances.

Every token is a point; two tokens are close when their rows of attention are. Distances are
float64, symmetric to the bit, and never NaN; identical rows are exactly 0 apart, but for the
`attention-graph`, which compares no rows.
"""

import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from attntopo.attention import AttentionError, NormalisedRows, normalised_rows
from attntopo.distances.divergences import (
    jensen_shannon_divergence,
    softmaxed_divergence,
    squared_hellinger,
    total_variation,
)

SCALE_STEPS = 100_000
"""Steps of the scale in 1: the scale is always a whole number of hundred-thousandths."""

_OLDER_NAMES = {"notebook": "double-softmax"}
"""What distances were called in links and scripts of earlier versions."""


class DistanceError(ValueError):
    """Row distances can't be computed; the message says why."""


@dataclass(frozen=True)
class Distance:
    """A row distance that can be chosen by name.

    Attributes
    ----------
    key, label, explanation : str
        The name in links, the name on the page, and one line that says what it is.
    default_scale : float
        Where components of four and more tokens are most numerous on real heads. It is the
        threshold of births and deaths in the features, too.
    from_rows : callable
        Attention of shape (n, n), rows normalised float64, and a number of threads -> distances
        of shape (n, n).
    bound : callable
        Number of tokens -> the largest value the distance can take.
    is_euclidean : bool
        Whether it is always that of points in a space: the square root of the Jensen–Shannon
        divergence is (Fuglede & Topsøe 2004), and with it its own root (Schoenberg 1938).
    near : str
        When two tokens are near each other, in words.
    """

    key: str
    label: str
    explanation: str
    default_scale: float
    from_rows: Callable[[np.ndarray, int], np.ndarray]
    bound: Callable[[int], float]
    is_euclidean: bool = False
    near: str = "the head looks at similar places from both"

    def largest_scale(self, n_tokens: int) -> float:
        """Return the largest scale worth having: the bound, rounded up to a thousandth."""
        return math.ceil(self.bound(n_tokens) * 1000 - 1e-9) / 1000


@dataclass(frozen=True, eq=False)
class RowDistances:
    """Distances between the attention rows of one head.

    Attributes
    ----------
    values : ndarray of float64, shape (n_points, n_points)
        Symmetric, zero diagonal, read-only.
    distance : str
        Key of the distance in `DISTANCES`.
    tokens : ndarray of int64, shape (n_points,)
        Which token each point is; the rows keep all their columns whatever is left out.
    """

    values: np.ndarray
    distance: str
    tokens: np.ndarray


def row_distances(
    attention: np.ndarray,
    distance: str = "double-softmax",
    tokens: np.ndarray | None = None,
    threads: int | None = None,
) -> RowDistances:
    """Compute the distances between the rows of one head's attention.

    Parameters
    ----------
    attention : array of float, shape (n_tokens, n_tokens)
        Non-negative, rows sum to 1; they are normalised once more in float64.
    distance : str
        A key of `DISTANCES`, or an older name of one.
    tokens : array of int, optional
        The tokens to keep as points; all by default.
    threads : int, optional
        How many threads share the work, one a core by default; the bits don't depend on it.

    Returns
    -------
    RowDistances

    Raises
    ------
    DistanceError
        If the distance is unknown, or the attention is not a square matrix of distributions.
    """
    try:
        rows = normalised_rows(attention)
    except AttentionError as error:
        raise DistanceError(str(error)) from error
    return distances_of_rows(rows, distance, tokens, threads)


def distances_of_rows(
    rows: NormalisedRows,
    distance: str = "double-softmax",
    tokens: np.ndarray | None = None,
    threads: int | None = None,
) -> RowDistances:
    """Compute what `row_distances` does, of rows that are normalised already.

    Parameters
    ----------
    rows : ndarray of float64, shape (n_tokens, n_tokens)
        From `normalised_rows`.
    distance, tokens, threads
        As for `row_distances`.

    Returns
    -------
    RowDistances

    Raises
    ------
    DistanceError
        If the distance is unknown.
    """
    chosen = find_distance(distance)
    if np.asarray(tokens).dtype == bool:
        raise DistanceError("Tokens are given by their numbers, not by a mask.")
    values = chosen.from_rows(rows, threads or os.cpu_count() or 1)
    every = np.arange(len(rows))
    tokens = every if tokens is None else np.array(tokens, dtype=np.int64)
    if not np.array_equal(tokens, every):
        values = values[np.ix_(tokens, tokens)]
    values.setflags(write=False)
    tokens.setflags(write=False)
    return RowDistances(values, chosen.key, tokens)


def row_distances_of_heads(
    maps: np.ndarray,
    distance: str = "double-softmax",
    tokens: np.ndarray | None = None,
    threads: int | None = None,
) -> Iterator[RowDistances]:
    """Compute the row distances of many heads, a head a thread, one after the other.

    Parameters
    ----------
    maps : array of float, shape (n_heads, n_tokens, n_tokens)
    distance, tokens
        As for `row_distances`.
    threads : int, optional
        How many heads are worked on at a time, one a core by default; the bits don't depend on it.

    Yields
    ------
    RowDistances
        Of each head, in order.

    Raises
    ------
    DistanceError
        As `row_distances`.
    """
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        yield from pool.map(lambda head: row_distances(head, distance, tokens, 1), maps)


def find_distance(name: str) -> Distance:
    """Return the row distance of a name.

    Parameters
    ----------
    name : str
        A key of `DISTANCES`; or `notebook`, what `double-softmax` was called at first.

    Returns
    -------
    Distance

    Raises
    ------
    DistanceError
        If there is none of that name.
    """
    key = _OLDER_NAMES.get(name, name)
    if key not in DISTANCES:
        raise DistanceError(
            f"There is no distance called {name!r}; there are {', '.join(DISTANCES)}."
        )
    return DISTANCES[key]


def _double_softmax(rows: np.ndarray, threads: int) -> np.ndarray:
    # The notebook takes the square root of SciPy's jensenshannon, which is a square root already.
    return softmaxed_divergence(rows, threads, n_roots=2)


def _double_softmax_bound(n_tokens: int) -> float:
    """Two softmaxed rows can't be further apart than two one-hot rows softmaxed."""
    if n_tokens < 2:
        return 0.001
    return float(_double_softmax(np.eye(2, n_tokens), 1)[0, 1])


def _attention_graph(rows: np.ndarray, _threads: int) -> np.ndarray:
    values = 1 - np.maximum(rows, rows.T)
    np.fill_diagonal(values, 0)
    return values


DISTANCES: dict[str, Distance] = {
    entry.key: entry
    for entry in (
        Distance(
            key="double-softmax",
            label="Double softmax (notebook)",
            explanation=(
                "Rows softmaxed once more, then compared by the square root of the Jensen–Shannon "
                "distance."
            ),
            default_scale=0.05,
            from_rows=_double_softmax,
            bound=_double_softmax_bound,
            is_euclidean=True,
        ),
        Distance(
            key="jensen-shannon",
            label="Jensen–Shannon distance",
            explanation="Rows as they are, compared by the Jensen–Shannon distance (nats).",
            default_scale=0.2,
            # Rows without a common entry come out a rounding error above the bound.
            from_rows=lambda rows, threads: np.minimum(
                jensen_shannon_divergence(rows, threads, n_roots=1), math.sqrt(math.log(2))
            ),
            bound=lambda _n_tokens: math.sqrt(math.log(2)),
            is_euclidean=True,
        ),
        Distance(
            key="hellinger",
            label="Hellinger distance",
            explanation="Rows as they are, compared by the Hellinger distance.",
            default_scale=0.2,
            from_rows=lambda rows, threads: np.minimum(
                np.sqrt(squared_hellinger(rows, threads)), 1.0
            ),
            bound=lambda _n_tokens: 1.0,
            is_euclidean=True,
        ),
        Distance(
            key="total-variation",
            label="Total variation distance",
            explanation="Rows as they are; the share of attention that would have to move.",
            default_scale=0.2,
            from_rows=lambda rows, threads: np.minimum(total_variation(rows, threads), 1.0),
            bound=lambda _n_tokens: 1.0,
        ),
        Distance(
            key="attention-graph",
            label="Attention graph",
            explanation=(
                "1 minus the larger attention between two tokens (Kushnareva et al. 2021): a "
                "filtration of the attention graph, not a metric."
            ),
            default_scale=0.9,
            from_rows=_attention_graph,
            bound=lambda _n_tokens: 1.0,
            near="one of the two attends strongly to the other",
        ),
    )
}
"""The row distances by name, in the order in which they are offered."""
