"""What a step will take, said before it is begun."""

from __future__ import annotations

from dataclasses import dataclass

LONG = 0.25
"""Seconds from which a step is long: in the app short ones don't wait for it."""
MATRIX_ENTRY = 8e-6
"""Megabytes of a float64."""


@dataclass(frozen=True)
class Effort:
    """What a step will take.

    Attributes
    ----------
    seconds : float
        Estimated, of one core; where it depends on a structure that isn't known yet, of the worst.
    megabytes : float
        Held at once, at most, besides what it is made of.
    relative_bound : float
        How far off its number is at most, as a share of it: 0 if it is exact.
    refused : bool
        Whether it isn't begun at all.
    """

    seconds: float
    megabytes: float
    relative_bound: float = 0.0
    refused: bool = False

    @property
    def is_long(self) -> bool:
        """Whether others shouldn't have to wait until it is done."""
        return self.seconds >= LONG

    def __add__(self, other: Effort) -> Effort:
        """Return what one step takes after the other."""
        return Effort(
            self.seconds + other.seconds,
            max(self.megabytes, other.megabytes),
            max(self.relative_bound, other.relative_bound),
            self.refused or other.refused,
        )


SHORT = Effort(0.0, 0.0)
"""Of what takes milliseconds, whatever it is given."""
