"""Wasserstein distances of more bars than can be matched exactly: a number that says so."""

import numpy as np

from attntopo.diagrams.effort import APPROXIMATE_BARS, WITHIN, wasserstein_effort
from attntopo.diagrams.split_bars import DiagramError, half_lengths
from attntopo.wording import counted

_SHARE_OF_MOVES = 0.1  # of `WITHIN`
_LEAST_STEP = 2.3e-16


class About(float):
    """A number that is known within a bound; however it is written, it says so.

    Attributes
    ----------
    relative_bound : float
        How far off it is at most, as a share of the true number.

    Examples
    --------
    >>> f"{About(0.0312, 0.01):.3f}"
    'about 0.031, within 1 %'
    """

    relative_bound: float

    def __new__(cls, value: float, relative_bound: float) -> "About":
        """Make a number of a value and its bound."""
        number = super().__new__(cls, value)
        number.relative_bound = relative_bound
        return number

    def __format__(self, layout: str) -> str:
        return f"about {float(self):{layout}}, within {100 * self.relative_bound:g} %"

    def __str__(self) -> str:
        return format(self, "")

    def __repr__(self) -> str:
        return f"About({float(self)!r}, {self.relative_bound!r})"

    def __reduce__(self) -> tuple[type["About"], tuple[float, float]]:
        return About, (float(self), self.relative_bound)


def check_size(n: int, m: int, order: int) -> None:
    """Refuse what would take too long, before anything is begun.

    Parameters
    ----------
    n, m : int
        Finite bars.
    order : {1, 2}

    Raises
    ------
    DiagramError
    """
    if wasserstein_effort(n, m, order).refused:
        raise DiagramError(
            f"The {order}-Wasserstein distance of {counted(n, 'bar')} and {counted(m, 'bar')} "
            f"would take minutes or longer, even approximately: {APPROXIMATE_BARS:,} a side is "
            "the limit. The bottleneck distance can be had."
        )


def large_wasserstein(
    first: np.ndarray, second: np.ndarray, order: int, bottleneck: float
) -> float:
    """Compute the p-Wasserstein distance of finite bars, within `WITHIN`, by GUDHI's Hera.

    Hera works through prices that grow by steps, and is slow where bars are alike: so each end of
    each bar is moved at random, by so little that all of it together is a tenth of the bound.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n_bars, 2)
        Finite bars longer than 0.
    order : {1, 2}
    bottleneck : float
        Their bottleneck distance, above 0; the Wasserstein distance isn't less.

    Returns
    -------
    float
        At most `WITHIN` of the distance away from it.

    Raises
    ------
    DiagramError
        If there are too many bars, or the diagrams are so much alike that the steps of the prices
        would be less than a rounding error, and the search without end.

    References
    ----------
    Kerber, Morozov, Nigmetov, Geometry helps to compare persistence diagrams, ACM Journal of
    Experimental Algorithmics 22 (2017).
    """
    import gudhi.hera

    n, m = len(first), len(second)
    check_size(n, m, order)
    # (1 + WITHIN) is the product of both parts' shares, so Hera's is a little less than the rest.
    moves, search = _SHARE_OF_MOVES * WITHIN, (1 - 2 * _SHARE_OF_MOVES) * WITHIN
    longest = max(half_lengths(first).max(), half_lengths(second).max())
    if (bottleneck / longest) ** order * search / (n + m) < _LEAST_STEP:
        raise DiagramError(
            f"The {order}-Wasserstein distance of {counted(n, 'bar')} and {counted(m, 'bar')} "
            "can't be had: they are too many for the exact distance, and so much alike that "
            "rounding errors hide it from an approximate one. The bottleneck distance can be had."
        )
    most = moves * bottleneck / (n ** (1 / order) + m ** (1 / order))
    generator = np.random.default_rng(0)
    # Births down and deaths up: no bar ends on the diagonal, on which Hera hangs.
    moved = [bars + most * generator.random(bars.shape) * [-1, 1] for bars in (first, second)]
    return float(
        gudhi.hera.wasserstein_distance(*moved, order=order, internal_p=np.inf, delta=search)
    )
