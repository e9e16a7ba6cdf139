"""What comes of a comparison token by token."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PairedComparison:
    """How far apart two matrices of distances between the same tokens are.

    Attributes
    ----------
    rtd_lite : float
        See `rtd_lite`; NaN where it can't be had.
    merge_heights : float
        See `merge_height_correlation`; NaN where it can't be had.
    n_tokens : int
        How many tokens both have.
    note : str
        A sentence where a number can't be had; else empty.
    """

    rtd_lite: float
    merge_heights: float
    n_tokens: int
    note: str = ""
