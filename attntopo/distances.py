"""One attention matrix -> row distances.

Every token is a point; two tokens are close when their rows of attention are. Distances are
float64, symmetric to the bit, exactly 0 between identical rows, and never NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SCALE_STEPS = 1000
"""Steps of the scale in 1: the scale is always a whole number of thousandths."""


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
        Where components of four and more tokens are most numerous on real heads.
    from_rows : callable
        Attention of shape (n, n), rows normalised float64 -> distances of shape (n, n).
    bound : callable
        Number of tokens -> the largest value the distance can take.
    """

    key: str
    label: str
    explanation: str
    default_scale: float
    from_rows: Callable[[np.ndarray], np.ndarray]
    bound: Callable[[int], float]

    def last_step(self, n_tokens: int) -> int:
        """Return the slider's end in thousandths: the bound, rounded up."""
        return math.ceil(self.bound(n_tokens) * SCALE_STEPS - 1e-9)


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

    @property
    def nbytes(self) -> int:
        """Memory of the arrays, in bytes."""
        return self.values.nbytes + self.tokens.nbytes


def row_distances(
    attention: np.ndarray, distance: str = "notebook", tokens: np.ndarray | None = None
) -> RowDistances:
    """Compute the distances between the rows of one head's attention.

    Parameters
    ----------
    attention : array of float, shape (n_tokens, n_tokens)
        Non-negative, rows sum to 1; they are normalised once more in float64.
    distance : str
        A key of `DISTANCES`.
    tokens : array of int, optional
        The tokens to keep as points; all by default.

    Returns
    -------
    RowDistances

    Raises
    ------
    DistanceError
        If the distance is unknown, or the attention is not a square matrix of distributions.
    """
    if distance not in DISTANCES:
        raise DistanceError(
            f"There is no distance called {distance!r}; there are {', '.join(DISTANCES)}."
        )
    rows = _normalised_rows(attention)
    values = DISTANCES[distance].from_rows(rows)
    if tokens is None:
        tokens = np.arange(len(rows))
    else:
        tokens = np.array(tokens, dtype=np.int64)
        values = values[np.ix_(tokens, tokens)]
    values.setflags(write=False)
    tokens.setflags(write=False)
    return RowDistances(values, distance, tokens)


def jensen_shannon_divergence(rows: np.ndarray) -> np.ndarray:
    """Compute the Jensen–Shannon divergence between all pairs of rows.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, k)
        Distributions: non-negative, rows sum to 1.

    Returns
    -------
    ndarray of float64, shape (n, n)
        In nats, from 0 to ln 2; symmetric to the bit, exactly 0 on identical rows.

    Notes
    -----
    With s = p + q and u = (p - q) / s, the divergence is a sum of terms that are never negative,
    so near-equal rows don't cancel: s/2 (u atanh u + log(1 - u²)/2) where |u| < 1/2, and
    (p log(2p/s) + q log(2q/s))/2 elsewhere. The definition is Lin, Divergence measures based on
    the Shannon entropy, IEEE Transactions on Information Theory 37 (1991).
    """
    n = len(rows)
    divergence = np.zeros((n, n))
    for i in range(n - 1):
        p, q = rows[i], rows[i + 1 :]
        total = p + q
        with np.errstate(divide="ignore", invalid="ignore"):
            u = np.where(total > 0, (p - q) / total, 0.0)
        near = np.abs(u) < 0.5
        u_near = np.where(near, u, 0.0)
        terms = 0.5 * total * (u_near * np.arctanh(u_near) + 0.5 * np.log1p(-u_near * u_near))
        far = np.nonzero(~near)
        if len(far[0]):
            terms[far] = _far_terms(p[far[1]], q[far], total[far])
        divergence[i, i + 1 :] = terms.sum(axis=1)
    return divergence + divergence.T


def _far_terms(p: np.ndarray, q: np.ndarray, total: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        p_term = np.where(p > 0, p * np.log(2 * p / total), 0.0)
        q_term = np.where(q > 0, q * np.log(2 * q / total), 0.0)
    return 0.5 * (p_term + q_term)


def softmaxed(rows: np.ndarray) -> np.ndarray:
    """Softmax each row once more, as the notebook does.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, k)

    Returns
    -------
    ndarray of float64, shape (n, k)
        Rows sum to 1. Entries between 0 and 1 become nearly uniform rows.
    """
    powers = np.exp(rows)
    return powers / powers.sum(axis=1, keepdims=True)


def _notebook(rows: np.ndarray) -> np.ndarray:
    # The notebook takes the square root of SciPy's jensenshannon, which is a square root already.
    return np.sqrt(np.sqrt(jensen_shannon_divergence(softmaxed(rows))))


def _notebook_bound(n_tokens: int) -> float:
    """Two softmaxed rows can't be further apart than two one-hot rows softmaxed."""
    if n_tokens < 2:
        return 1 / SCALE_STEPS
    return float(_notebook(np.eye(2, n_tokens))[0, 1])


def _jensen_shannon(rows: np.ndarray) -> np.ndarray:
    return np.sqrt(jensen_shannon_divergence(rows))


def _normalised_rows(attention: np.ndarray) -> np.ndarray:
    rows = np.array(attention, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[0] != rows.shape[1] or not len(rows):
        raise DistanceError(
            f"One head's attention is a square matrix; this has the shape {rows.shape}."
        )
    sums = rows.sum(axis=1, keepdims=True)
    # NaN fails both comparisons.
    if not (rows.min() >= 0 and sums.min() > 0 and np.isfinite(sums).all()):
        raise DistanceError("Rows of attention must be non-negative, finite and not all zero.")
    return rows / sums


DISTANCES: dict[str, Distance] = {
    entry.key: entry
    for entry in (
        Distance(
            key="notebook",
            label="Notebook's distance",
            explanation=(
                "Rows softmaxed once more, then compared by the square root of the Jensen–Shannon "
                "distance."
            ),
            default_scale=0.05,
            from_rows=_notebook,
            bound=_notebook_bound,
        ),
        Distance(
            key="jensen-shannon",
            label="Jensen–Shannon distance",
            explanation="Rows as they are, compared by the Jensen–Shannon distance (nats).",
            default_scale=0.2,
            from_rows=_jensen_shannon,
            bound=lambda _n_tokens: math.sqrt(math.log(2)),
        ),
    )
}
"""The row distances by name, in the order in which they are offered."""
