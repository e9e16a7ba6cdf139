"""A photo's attention -> the little that is kept of it to compare it with many other photos."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attntopo.analysis.effort import analysis_effort, features_effort
from attntopo.analysis.features import head_features
from attntopo.analysis.head import analyse
from attntopo.attention import Attention
from attntopo.distances import DISTANCES
from attntopo.effort import Effort
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
    diagrams : Diagrams
        In dimensions 0 and 1.
    features : dict of str to float
        From `head_features`.
    n_tokens : int
        Of the photo, prefix included.
    baselines : PhotoBaselines
    """

    diagrams: Diagrams
    features: dict[str, float]
    n_tokens: int
    baselines: PhotoBaselines


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
    layer : int
        Counted from 0.
    head : int, "mean" or "rollout"
        As for `Attention.head`.
    distance : str
        A key of `DISTANCES`; its default scale is the threshold of the features.
    tokens : {"all", "patches"}
        Whether the prefix tokens are points too.
    class_token : ndarray of float, shape (width,), optional
        As for `photo_baselines`.

    Returns
    -------
    PhotoMeasures

    Raises
    ------
    AttentionError, DistanceError
        If there is no such head or distance.
    CollectionError
        As `photo_baselines`.
    """
    diagrams = Diagrams(analyse(attention, layer, head, distance, tokens).diagrams.points)
    threshold = DISTANCES[distance].default_scale
    features = head_features(attention, layer, head, diagrams, threshold)
    baselines = photo_baselines(attention, class_token)
    return PhotoMeasures(diagrams, features, attention.n_tokens, baselines)


def measures_effort(n_tokens: int, distance: str) -> Effort:
    """Estimate what `measure_photo` takes.

    Parameters
    ----------
    n_tokens : int
    distance : str
        A key of `DISTANCES`.

    Returns
    -------
    Effort
        Without the model's run.
    """
    return analysis_effort(n_tokens, distance) + features_effort(n_tokens)
