"""Where diagrams are sampled to become vectors: ranges, resolutions, bandwidth and weights."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from attntopo.diagrams.split_bars import DiagramError, checked_points, split_bars_of
from attntopo.distances import find_distance
from attntopo.topology import Diagrams


@dataclass(frozen=True)
class VectorRange:
    """The range of one dimension that vectors are sampled in, in the units of the distance.

    Attributes
    ----------
    start, end : float
        The first and the last scale of curves, landscapes and silhouettes, and the first and the
        last birth of the image.
    longest : float
        The image's lengths (death minus birth) go from 0 to this.

    Raises
    ------
    DiagramError
        If one isn't finite, the end isn't above the start, or the longest not above 0.
    """

    start: float
    end: float
    longest: float

    def __post_init__(self) -> None:
        numbers = (self.start, self.end, self.longest)
        if not (np.isfinite(numbers).all() and self.end > self.start and self.longest > 0):
            raise DiagramError(
                "A range goes from a scale to a larger one and has a longest bar above 0, all of "
                f"them finite; this one is {self.start:g} to {self.end:g} with {self.longest:g}."
            )


@dataclass(frozen=True)
class VectorGrid:
    """Where diagrams are sampled, so that vectors of several can be compared entry by entry.

    Attributes
    ----------
    ranges : tuple of VectorRange
        `ranges[k]` is that of dimension k; vectors are made of so many dimensions.
    n_scales : int
        Evenly spaced scales of curves, landscapes and silhouettes, both ends included.
    image_side : int
        Evenly spaced births, and as many lengths, of the image.
    n_landscapes : int
        How many landscapes, from the outermost inwards.
    bandwidth : float, optional
        Standard deviation of the image's Gaussians, in the units of the distance; by default the
        step between two of its lengths, for each dimension its own.
    power : float
        A bar weighs its length to this power, in the image and in the silhouette; 0 for the same
        weight for all.

    Raises
    ------
    DiagramError
        If a number of samples is below 2 or of landscapes below 1, the bandwidth not above 0, or
        the power below 0.
    """

    ranges: tuple[VectorRange, ...]
    n_scales: int = 100
    image_side: int = 20
    n_landscapes: int = 5
    bandwidth: float | None = None
    power: float = 1.0

    def __post_init__(self) -> None:
        if min(self.n_scales, self.image_side) < 2 or self.n_landscapes < 1:
            raise DiagramError(
                "Vectors need two scales, an image of two by two and one landscape at least."
            )
        if self.bandwidth is not None and not 0 < self.bandwidth < np.inf:
            raise DiagramError(f"A bandwidth is above 0 and finite, not {self.bandwidth:g}.")
        if not 0 <= self.power < np.inf:
            raise DiagramError(f"A weight's power is 0 or more and finite, not {self.power:g}.")

    def scales(self, dimension: int) -> np.ndarray:
        """Return the scales of curves, landscapes and silhouettes: float64, (n_scales,)."""
        own = self.ranges[dimension]
        return np.linspace(own.start, own.end, self.n_scales)

    def births(self, dimension: int) -> np.ndarray:
        """Return the births of the image's columns: float64, shape (image_side,)."""
        own = self.ranges[dimension]
        return np.linspace(own.start, own.end, self.image_side)

    def lengths(self, dimension: int) -> np.ndarray:
        """Return the lengths of the image's rows: float64, shape (image_side,)."""
        return np.linspace(0.0, self.ranges[dimension].longest, self.image_side)

    def width(self, dimension: int) -> float:
        """Return the bandwidth of a dimension's image."""
        if self.bandwidth is not None:
            return self.bandwidth
        return self.ranges[dimension].longest / (self.image_side - 1)

    def about(self) -> dict[str, str]:
        """Say what vectors on this grid are sampled at, for the files that hold them."""
        said = {
            f"range of H{k}": f"{own.start!r} to {own.end!r}, lengths to {own.longest!r}"
            for k, own in enumerate(self.ranges)
        }
        said |= {f"bandwidth of H{k}": repr(self.width(k)) for k in range(len(self.ranges))}
        return said | {"power of the weights": f"{self.power:g}"}


def common_grid(diagrams: Iterable[Diagrams], max_dimension: int = 1) -> VectorGrid:
    """Find the grid that just holds all of several diagrams.

    Parameters
    ----------
    diagrams : iterable of Diagrams
    max_dimension : int
        Of the vectors.

    Returns
    -------
    VectorGrid
        From the first birth to the last finite death, with lengths up to the longest finite bar,
        of each dimension. Of a dimension without finite bars, 0 to 1. `dataclasses.replace`
        changes the rest.

    Raises
    ------
    DiagramError
        As `checked_points`, or if the diagrams haven't so many dimensions.
    """
    every = list(diagrams)
    for one in every:
        check_dimensions(one, max_dimension + 1)
    ranges = []
    for k in range(max_dimension + 1):
        finite = [split_bars_of(one[k]).finite for one in every]
        bars = np.concatenate([np.empty((0, 2)), *finite])
        if not len(bars):
            ranges.append(VectorRange(0.0, 1.0, 1.0))
            continue
        births, deaths = bars.T
        longest = (deaths - births).max()
        ranges.append(VectorRange(float(births.min()), float(deaths.max()), float(longest)))
    return VectorGrid(tuple(ranges))


def bound_grid(distance: str, n_tokens: int, max_dimension: int = 1) -> VectorGrid:
    """Return the grid that holds any diagram of a distance: it can be had before there is one.

    Parameters
    ----------
    distance : str
        A key of `DISTANCES`.
    n_tokens : int
        Of the photo, prefix included: the bound of some distances depends on it.
    max_dimension : int
        Of the vectors.

    Returns
    -------
    VectorGrid
        From 0 to the distance's bound in each dimension, with lengths up to there.

    Raises
    ------
    DistanceError
        If there is no such distance.
    """
    bound = find_distance(distance).bound(n_tokens)
    return VectorGrid((VectorRange(0.0, bound, bound),) * (max_dimension + 1))


def check_dimensions(diagrams: Diagrams, n_dimensions: int) -> None:
    """Refuse diagrams of too few dimensions, or that are none, with a DiagramError."""
    if len(diagrams.points) < n_dimensions:
        raise DiagramError(
            f"Vectors of dimensions 0 to {n_dimensions - 1} need diagrams of as many; these end "
            f"with dimension {len(diagrams.points) - 1}."
        )
    for points in diagrams.points[:n_dimensions]:
        checked_points(points)
