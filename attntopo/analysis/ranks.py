"""Loops and components -> how they rank among the longest in each draw of a null."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from attntopo.analysis.evidence_error import EvidenceError
from attntopo.analysis.nulls import find_null
from attntopo.diagrams import finite_lengths
from attntopo.topology import Diagrams, MergeTree, leader_lives

Longest = tuple[float, float]
"""Length of the longest loop and longest life, in the units of the distance; 0 for none."""

FEWEST_DRAWS = 20
"""With fewer, nothing is called significant."""
LOOP, COMPONENT = "loop", "component"
LONGER_THAN = {
    LOOP: "longer than the longest loop",
    COMPONENT: "longer-lived than the longest-lived component",
}
"""Words for a rank, by what is ranked: `… in 18 of 20 …` follows."""


FEWER_THAN_FOUR = (
    "This component has fewer than four tokens when another absorbs it: components of two or three "
    "tokens aren't ranked."
)
"""Why a component has no rank: it never had four tokens."""
NEVER_ABSORBED = (
    "This is the component that all others join: its life has no end, so it has no rank."
)
"""Why a component has no rank: it is the last one."""


@dataclass(frozen=True)
class Rank:
    """How one loop or component stands among the longest of each draw of a null.

    Attributes
    ----------
    kind : {"loop", "component"}
    length : float
        Of the loop's bar, or the life of the component's leader; in the units of the distance.
    beaten : int
        In how many draws the longest is shorter.
    n_draws : int
        Of how many draws.
    null : str
        A key of `NULLS`.
    """

    kind: str
    length: float
    beaten: int
    n_draws: int
    null: str

    @property
    def p(self) -> float:
        """The share of these and of itself that is as long: at least 1 / (n_draws + 1)."""
        return (1 + self.n_draws - self.beaten) / (1 + self.n_draws)

    @property
    def is_significant(self) -> bool:
        """Whether it is longer than in all of at least 20 draws."""
        return self.beaten == self.n_draws >= FEWEST_DRAWS

    @property
    def text(self) -> str:
        """Words for it: `longer than the longest loop in 18 of 20 attention matrices that …`."""
        matrices = find_null(self.null).matrices
        return f"{LONGER_THAN[self.kind]} in {self.beaten} of {self.n_draws} {matrices}"


@dataclass(frozen=True, eq=False)
class NullDraws:
    """The longest loop and the longest life in each draw of a null, so far.

    Attributes
    ----------
    null : str
        A key of `NULLS`.
    seed : int
    draws : ndarray of int64, shape (n,)
        Which draws these are, ascending; draw and seed determine the attention.
    longest_loops : ndarray of float64, shape (n,)
        Length of the longest bar in H1; 0 where there is none.
    longest_lives : ndarray of float64, shape (n,)
        Longest life of a leader of four tokens and more that is absorbed; 0 where there is none.
    """

    null: str
    seed: int
    draws: np.ndarray
    longest_loops: np.ndarray
    longest_lives: np.ndarray

    @classmethod
    def of(cls, done: Mapping[int, Longest], null: str, seed: int) -> NullDraws:
        """Put together the draws that are done.

        Parameters
        ----------
        done : mapping of int to tuple of float
            Of each draw, by its number: the longest bar in H1 and the longest life.
        null : str
            A key of `NULLS`.
        seed : int

        Returns
        -------
        NullDraws
        """
        draws = sorted(done)
        longest = np.array([done[draw] for draw in draws]).reshape(-1, 2)
        return cls(null, seed, np.array(draws, dtype=np.int64), longest[:, 0], longest[:, 1])

    def beaten_by_loops(self, lengths: np.ndarray) -> np.ndarray:
        """Count for each length in how many draws the longest loop is shorter.

        Parameters
        ----------
        lengths : ndarray of float64, shape (n,)
            Of bars in H1, in the units of the distance.

        Returns
        -------
        ndarray of int64, shape (n,)
        """
        return _beaten(lengths, self.longest_loops)

    def beaten_by_components(self, lives: np.ndarray) -> np.ndarray:
        """Count for each life in how many draws the longest life is shorter.

        Parameters
        ----------
        lives : ndarray of float64, shape (n,)
            Of leaders, as `component_life` returns them.

        Returns
        -------
        ndarray of int64, shape (n,)
        """
        return _beaten(lives, self.longest_lives)

    def rank_loop(self, length: float) -> Rank:
        """Rank a loop by the length of its bar.

        Parameters
        ----------
        length : float
            In the units of the distance.

        Returns
        -------
        Rank

        Raises
        ------
        EvidenceError
            If it is infinite.
        """
        return self._rank(LOOP, length, self.longest_loops)

    def rank_component(self, life: float) -> Rank:
        """Rank a component by its leader's life, which `component_life` returns.

        Parameters
        ----------
        life : float
            In the units of the distance.

        Returns
        -------
        Rank

        Raises
        ------
        EvidenceError
            If it is infinite.
        """
        return self._rank(COMPONENT, life, self.longest_lives)

    def _rank(self, kind: str, length: float, longest: np.ndarray) -> Rank:
        if not np.isfinite(length):
            raise EvidenceError("Only a loop or component that ends has a length to be ranked.")
        beaten = int(_beaten(np.array([length]), longest)[0])
        return Rank(kind, float(length), beaten, len(longest), self.null)


def _beaten(lengths: np.ndarray, longest: np.ndarray) -> np.ndarray:
    return np.searchsorted(np.sort(longest), lengths, side="left")


def longest_loop(diagrams: Diagrams) -> float:
    """Return the length of the longest bar in H1.

    Parameters
    ----------
    diagrams : Diagrams

    Returns
    -------
    float
        In the units of the distance; 0 where there is no bar.
    """
    return float(finite_lengths(diagrams[1]).max(initial=0.0))


def longest_life(tree: MergeTree) -> float:
    """Return the longest life of a component that another absorbs.

    Parameters
    ----------
    tree : MergeTree

    Returns
    -------
    float
        In the units of the distance; 0 where no component of four tokens is absorbed. See
        `component_life`.
    """
    starts, ends = leader_lives(tree).T
    lived = (starts < ends) & np.isfinite(ends)
    return float((ends[lived] - starts[lived]).max(initial=0.0))


def component_life(tree: MergeTree, leader: int) -> float:
    """Return how long a component lives: from four tokens until its leader is absorbed.

    Parameters
    ----------
    tree : MergeTree
    leader : int
        The point that names it.

    Returns
    -------
    float
        In the units of the distance.

    Raises
    ------
    EvidenceError
        If there is no such point, or its life has no start or no end.
    """
    lives = leader_lives(tree)
    if not 0 <= leader < len(lives):
        raise EvidenceError(f"There is no point {leader}: points go from 0 to {len(lives) - 1}.")
    start, end = lives[leader].tolist()
    if start >= end:
        raise EvidenceError(FEWER_THAN_FOUR)
    if end == np.inf:
        raise EvidenceError(NEVER_ABSORBED)
    return float(end - start)
