"""Rows of attention: normalised, averaged over heads, followed through layers."""

from typing import NewType

import numpy as np

from attntopo.attention.given import AttentionError, as_array

NormalisedRows = NewType("NormalisedRows", np.ndarray)
"""What `normalised_rows` returns: it needn't be checked and normalised again."""


def normalised_rows(attention: np.ndarray) -> NormalisedRows:
    """Return one head's attention as float64, each row divided by its sum.

    Parameters
    ----------
    attention : array of numbers, shape (n_tokens, n_tokens)
        Non-negative. Rows that a model returns as float32 sum to 1 within 1e-7 only.

    Returns
    -------
    ndarray of float64, shape (n_tokens, n_tokens)
        A new array; rows sum to 1.

    Raises
    ------
    AttentionError
        If it is not a square matrix, or a row is negative somewhere, not finite, or all zero.
    """
    rows = np.array(as_array(attention, "attention"), dtype=np.float64)
    if rows.ndim != 2 or rows.shape[0] != rows.shape[1] or not len(rows):
        raise AttentionError(
            f"One head's attention is a square matrix; this has the shape {rows.shape}."
        )
    sums = rows.sum(axis=1, keepdims=True)
    # NaN fails both comparisons.
    if not (rows.min() >= 0 and sums.min() > 0 and np.isfinite(sums).all()):
        raise AttentionError("Rows of attention must be non-negative, finite and not all zero.")
    rows /= sums
    return NormalisedRows(rows)


def mean_of_heads(layer: np.ndarray) -> np.ndarray:
    """Return the mean of a layer's heads as float64: (n_heads, n, n) -> (n, n)."""
    return layer.mean(axis=0, dtype=np.float64)


class Rollout:
    """Attention rollout, followed through one layer after the other.

    Parameters
    ----------
    n_tokens : int

    References
    ----------
    Abnar, Zuidema, Quantifying attention flow in transformers, ACL (2020).
    """

    def __init__(self, n_tokens: int) -> None:
        self._product = np.eye(n_tokens)

    def go_through(self, layer: np.ndarray) -> None:
        """Multiply by half a layer's mean over heads and half the identity.

        Parameters
        ----------
        layer : ndarray of float, shape (n_heads, n_tokens, n_tokens)
            The next one, beginning with layer 0.
        """
        self._product = (mean_of_heads(layer) @ self._product + self._product) / 2

    def rows(self) -> np.ndarray:
        """Return rollout through the layers so far, float64, rows normalised once more."""
        return self._product / self._product.sum(axis=1, keepdims=True)
