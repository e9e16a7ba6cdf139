"""A photo's attention -> the little that is kept of it to compare it with many other photos."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attntopo.analysis.photo_sets.heads import PhotoHead, photo_head
from attntopo.attention import Attention
from attntopo.topology import Diagrams


class CollectionError(ValueError):
    """Something can't be said of these photos together; the message says why."""


@dataclass(frozen=True, eq=False)
class PhotoBaselines:
    """What tells photos apart without any topology: the same whatever head is looked at.

    Attributes
    ----------
    mean_attention : ndarray of float32, shape (n_tokens, n_tokens)
        The mean over the layers that were kept and their heads; read-only. Empty where it wasn't
        to be kept.
    class_token : ndarray of float64, shape (width,)
        The class token's last state, as `attntopo.models.class_token_state` returns it; read-only.
        Empty where there is none: attention from a file has none.
    layers : tuple of int
        Which layers the mean is of.
    """

    mean_attention: np.ndarray
    class_token: np.ndarray
    layers: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """Memory of the arrays, in bytes: nearly all of it is mean attention."""
        return self.mean_attention.nbytes + self.class_token.nbytes


@dataclass(frozen=True, eq=False)
class PhotoMeasures:
    """One head of one of many photos, and what it is compared beside.

    Attributes
    ----------
    head : PhotoHead
    baselines : PhotoBaselines
    """

    head: PhotoHead
    baselines: PhotoBaselines

    @property
    def diagrams(self) -> Diagrams:
        """The head's diagrams in dimensions 0 and 1."""
        return self.head.summary.diagrams

    @property
    def n_points(self) -> int:
        """How many tokens are points."""
        return len(self.head.summary.tree.colours)


def photo_baselines(
    attention: Attention, class_token: np.ndarray | None = None, *, keep_mean: bool = True
) -> PhotoBaselines:
    """Keep of a photo what tells it apart without topology.

    Parameters
    ----------
    attention : Attention
    class_token : ndarray of float, shape (width,), optional
        The class token's last state.
    keep_mean : bool
        Whether the mean attention is kept, which takes 4 bytes a pair of tokens: 0.26 MB at 257
        tokens, 7.5 MB at 1,370.

    Returns
    -------
    PhotoBaselines

    Raises
    ------
    CollectionError
        If the state isn't a row of finite numbers, not all of them 0.
    """
    mean = np.empty((0, 0), dtype=np.float32)
    if keep_mean:
        # A layer after the other: all in float64 would take twice the memory of the maps.
        total = sum(layer.mean(axis=0, dtype=np.float64) for layer in attention.maps)
        mean = (total / attention.n_layers).astype(np.float32)
    state = np.array([] if class_token is None else class_token, dtype=np.float64)
    if state.ndim != 1 or not np.isfinite(state).all() or (state.size and not state.any()):
        raise CollectionError(
            "The state of a class token is a row of finite numbers that aren't all 0."
        )
    for array in (mean, state):
        array.setflags(write=False)
    return PhotoBaselines(mean, state, tuple(attention.kept_layers))


def measure_photo(
    attention: Attention,
    layer: int,
    head: int | str,
    distance: str,
    tokens: str = "all",
    class_token: np.ndarray | None = None,
) -> PhotoMeasures:
    """Go from a photo's attention to all that is kept of it.

    Parameters
    ----------
    attention : Attention
        Of all layers: mean attention is of those that are kept.
    layer, head, distance, tokens
        As for `photo_head`.
    class_token : ndarray of float, shape (width,), optional
        As for `photo_baselines`.

    Returns
    -------
    PhotoMeasures

    Raises
    ------
    AttentionError, DistanceError, PersistenceError
        As `photo_head`.
    CollectionError
        As `photo_baselines`.
    """
    kept = photo_head(attention, layer, head, distance, tokens)
    return PhotoMeasures(kept, photo_baselines(attention, class_token))
