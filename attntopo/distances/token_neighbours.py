"""One token of one head: where it looks, who looks at it, and who looks alike."""

import numpy as np

from attntopo.distances.rows import RowDistances

N_SHOWN = 5
"""How many tokens are listed."""


def around_token(
    attention: np.ndarray, distances: RowDistances, point: int
) -> list[tuple[tuple[int, float], tuple[int, float], tuple[int, float]]]:
    """List the tokens that matter most to one.

    Parameters
    ----------
    attention : ndarray of float, shape (n_tokens, n_tokens)
        The head's attention; rows sum to 1.
    distances : RowDistances
        Of the same head.
    point : int
        Number of the point, which is the token `distances.tokens[point]`.

    Returns
    -------
    list of tuple
        At most five rows of three pairs: token and the share (0 to 1) of attention that goes
        there, token and the share of its own attention that it gives to this one, both largest
        first; other point's token and distance, nearest first. Ties go to the smaller number.
    """
    token = int(distances.tokens[point])
    to, by = attention[token], attention[:, token]
    near = np.argsort(distances.values[point], kind="stable")
    near = near[near != point]
    most = [np.argsort(-shares, kind="stable") for shares in (to, by)]
    n = min(N_SHOWN, len(near))
    return [
        (
            (int(most[0][k]), float(to[most[0][k]])),
            (int(most[1][k]), float(by[most[1][k]])),
            (int(distances.tokens[near[k]]), float(distances.values[point, near[k]])),
        )
        for k in range(n)
    ]
