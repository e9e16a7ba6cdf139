"""What the linked view's browser asks for after the first picture, as it takes it."""

import base64
from collections.abc import Mapping

import numpy as np

from attntopo.figures.linked import MOST_TOKENS_WITH_HEAT, loops_of
from attntopo.topology import Cycle, Diagrams

CYCLES_AT_ONCE = 24
"""Of so many bars the cycles take a fraction of the diagram's time, however many tokens."""
_PAIRS_AT_ONCE = 10_000_000  # bars times pairs of points: all bars of 257 tokens, nearly always


def bars_at_once(diagrams: Diagrams, n_points: int) -> list[int]:
    """List the bars of dimension 1 whose cycles are to be there with the first picture.

    Parameters
    ----------
    diagrams : Diagrams
    n_points : int

    Returns
    -------
    list of int
        Rows of `diagrams[1]`, the longest bar first: `CYCLES_AT_ONCE`, or more of fewer points.
    """
    most = max(CYCLES_AT_ONCE, _PAIRS_AT_ONCE // max(1, n_points * (n_points - 1) // 2))
    return np.argsort(diagrams[1][:, 0] - diagrams[1][:, 1], kind="stable")[:most].tolist()


def answered_loops(cycles: Mapping[int, Cycle]) -> dict[str, list[list[int]]]:
    """Return the closed paths of cycles, by the rows of the diagram of dimension 1."""
    return {str(row): loops_of(cycle) for row, cycle in cycles.items()}


def needs_heat(n_points: int) -> bool:
    """Say whether a side has so many points that a token's attention has to be asked for."""
    return n_points > MOST_TOKENS_WITH_HEAT


def answered_heat(
    attention: np.ndarray, tokens: np.ndarray, token: int
) -> dict[str, dict[str, str]]:
    """Scale what a token attends to, and what attends to it, to a byte each, for colour alone.

    Parameters
    ----------
    attention : ndarray of float, shape (n_tokens, n_tokens)
    tokens : ndarray of int, shape (n_points,)
        Those that are points; consecutive.
    token : int
        One of them.

    Returns
    -------
    dict
        Of the point: `to` and `by`, for each point the root of its share of the largest, in base64.
    """
    own = {"to": attention[token, tokens], "by": attention[tokens, token]}
    heat = {name: _bytes_of(np.asarray(shares, np.float64)) for name, shares in own.items()}
    return {str(token - int(tokens[0])): heat}


def _bytes_of(shares: np.ndarray) -> str:
    roots = np.sqrt(shares / max(float(shares.max(initial=0.0)), 1e-300))
    return base64.b64encode(np.rint(255 * roots).astype(np.uint8).tobytes()).decode()
