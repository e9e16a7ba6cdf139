"""Measures of many photos -> the distances between all pairs, as far as they are computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from functools import cached_property
from itertools import combinations
from threading import Lock

import numpy as np

from attntopo.analysis.atlas import for_heads
from attntopo.analysis.photo_sets.collection import CollectionError, PhotoMeasures
from attntopo.analysis.photo_sets.measures import PHOTO_DISTANCES, Between
from attntopo.effort import Effort

Pair = tuple[int, int]
Piece = tuple[Pair, ...]
PIECE_SECONDS = 0.1
"""About how long one piece takes: as long a stop has to wait."""


class PairDistances:
    """The distances between all pairs of some photos, filled in piece by piece.

    Whoever computes more adds it, in several threads; what is computed stays when that stops.

    Parameters
    ----------
    photos : sequence of PhotoMeasures
        Two or more.
    measure : str
        A key of `PHOTO_DISTANCES`.

    Attributes
    ----------
    values : ndarray of float64, shape (n_photos, n_photos)
        Symmetric, with a diagonal of 0; NaN where nothing is computed yet.

    Raises
    ------
    CollectionError
        If there is no such measure, there are fewer than two photos, they can't be measured so, or
        a pair has more bars than can be matched.

    Examples
    --------
    >>> import attntopo as at
    >>> from attntopo.analysis import PairDistances, measure_photo
    >>> model = at.load_model("embedded")
    >>> photos = [
    ...     measure_photo(model.attend(at.sample(name)), 8, "mean", "jensen-shannon")
    ...     for name in ("coffee", "rocket", "astronaut")
    ... ]
    >>> pairs = PairDistances(photos, "h0-bottleneck")
    >>> for _ in pairs.fill_in():
    ...     pass
    >>> pairs.values.shape
    (3, 3)
    """

    def __init__(self, photos: Sequence[PhotoMeasures], measure: str) -> None:
        if measure not in PHOTO_DISTANCES:
            raise CollectionError(
                f"There is no distance {measure!r} between photos: there are "
                f"{', '.join(PHOTO_DISTANCES)}."
            )
        if len(photos) < 2:
            raise CollectionError("There is a distance where there are two photos or more.")
        self.measure, self._photos = measure, tuple(photos)
        self._way = PHOTO_DISTANCES[measure]
        why_not = self._way.why_not(self._photos)
        if why_not:
            raise CollectionError(why_not)
        if self.effort().refused:
            raise CollectionError(
                f"Some of these photos have too many bars for the distance {self._way.label}: "
                "the bottleneck distance and the features can be had."
            )
        self._preparing = Lock()
        self.values = np.full((len(photos), len(photos)), np.nan)
        np.fill_diagonal(self.values, 0.0)

    @property
    def n_photos(self) -> int:
        """How many photos there are."""
        return len(self._photos)

    @property
    def n_pairs(self) -> int:
        """How many pairs there are in all."""
        return self.n_photos * (self.n_photos - 1) // 2

    @property
    def n_done(self) -> int:
        """How many pairs are computed."""
        return self.n_pairs - len(self.missing)

    @property
    def is_complete(self) -> bool:
        """Whether all pairs are computed."""
        return not len(self.missing)

    @property
    def missing(self) -> np.ndarray:
        """The pairs i < j that aren't computed: ndarray of int64, shape (n_missing, 2)."""
        # By the second: with each photo that is complete, all before it are.
        later, earlier = np.nonzero(np.tril(np.isnan(self.values), -1))
        return np.stack([earlier, later], axis=1)

    @property
    def nbytes(self) -> int:
        """Memory of the distances and of what is held to compute them, in bytes."""
        return self.values.nbytes + sum(one.baselines.nbytes for one in self._photos)

    @property
    def note(self) -> str:
        """What has to be said of these distances, in a sentence; else empty."""
        numbers = {one.n_points for one in self._photos}
        if len(numbers) == 1 or self._way.is_baseline:
            return ""
        return (
            f"These photos have {min(numbers):,} to {max(numbers):,} tokens: where their numbers "
            "differ, neither diagrams nor features are like for like."
        )

    def effort(self, pairs: Sequence[Pair] | np.ndarray | None = None) -> Effort:
        """Estimate what some pairs take on one core; by default all of them."""
        each = combinations(range(self.n_photos), 2) if pairs is None else pairs
        sizes = Counter((self._sizes[i], self._sizes[j]) for i, j in each)
        efforts = [(self._of_sizes(*both), n) for both, n in sizes.items()]
        return Effort(
            sum(one.seconds * n for one, n in efforts),
            max((one.megabytes for one, _ in efforts), default=0.0),
            max((one.relative_bound for one, _ in efforts), default=0.0),
            any(one.refused for one, _ in efforts),
        )

    def pieces(self) -> list[Piece]:
        """Deal out what is missing, to pieces of about `PIECE_SECONDS` of one core."""
        pieces: list[Piece] = []
        piece: list[Pair] = []
        seconds = 0.0
        for i, j in self.missing.tolist():
            piece.append((i, j))
            seconds += self._of_sizes(self._sizes[i], self._sizes[j]).seconds
            if seconds >= PIECE_SECONDS:
                pieces.append(tuple(piece))
                piece, seconds = [], 0.0
        return [*pieces, tuple(piece)] if piece else pieces

    def compute(self, piece: Piece) -> None:
        """Compute the distances of some pairs; called in several threads at once."""
        with self._preparing:  # once, and not in each thread
            between = self._between
        for i, j in piece:
            self.values[i, j] = self.values[j, i] = between(i, j)
        if self.is_complete:  # what was prepared takes more than all distances do
            self.__dict__.pop("_between", None)

    def fill_in(
        self, threads: int | None = None, waiting: Callable[[], object] | None = None
    ) -> Generator[int, None, None]:
        """Compute what is missing in threads; stop whenever you like, and go on later.

        Parameters
        ----------
        threads : int, optional
            One a core by default.
        waiting : callable, optional
            Called a few times a second while no piece is done.

        Yields
        ------
        int
            How many pairs are computed.

        Raises
        ------
        DiagramError
            If a distance can't be had.
        """
        with closing(for_heads(self.compute, self.pieces(), threads, waiting)) as results:
            for _piece, _none in results:
                yield self.n_done

    @cached_property
    def _between(self) -> Between:
        return self._way.prepare(self._photos)

    @cached_property
    def _sizes(self) -> list[int]:
        """Number photos such that those with the same number take as long."""
        sizes = [(len(one.diagrams[0]), len(one.diagrams[1])) for one in self._photos]
        first_of: dict[tuple[int, int], int] = {}
        return [first_of.setdefault(size, number) for number, size in enumerate(sizes)]

    @cached_property
    def _known_efforts(self) -> dict[Pair, Effort]:
        return {}

    def _of_sizes(self, i: int, j: int) -> Effort:
        if (i, j) not in self._known_efforts:
            self._known_efforts[i, j] = self._way.effort(self._photos[i], self._photos[j])
        return self._known_efforts[i, j]
