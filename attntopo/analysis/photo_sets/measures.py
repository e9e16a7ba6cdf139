"""The ways to measure how far photos are from each other, by name.

Two photos' diagrams don't know which token is which. What is called a baseline knows no topology;
diagrams haven't been seen to tell photos apart better than those do, so they stand beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from attntopo.analysis.photo_sets.collection import PhotoMeasures
from attntopo.diagrams import (
    bottleneck_distance,
    bottleneck_effort,
    persistence_image,
    sliced_distance,
    slices_of,
    wasserstein_distance,
    wasserstein_effort,
)
from attntopo.effort import MATRIX_ENTRY, Effort

Photos = Sequence[PhotoMeasures]
Between = Callable[[int, int], float]
"""Numbers of two photos -> the distance between them."""

IMAGE_SIDE = 20
_CALL = 1e-5  # seconds that a distance between vectors takes at least
_ENTRY_PACE = 4e-9  # seconds an entry of a vector
_MATCHING_PACE = 3e-3  # a matching of few bars, beside what it takes by their numbers
_SORTED = Effort(2e-4, 1.0)  # of bars that are all born together, but for thousands of them
_SLICED_PACE = 6e-6  # seconds a bar, for all directions


@dataclass(frozen=True)
class PhotoDistance:
    """A way to measure how far two photos are from each other.

    Attributes
    ----------
    label : str
    explanation : str
        One sentence.
    prepare : callable
        All photos -> what measures two of them, by their numbers.
    effort : callable
        Two photos -> what their distance takes.
    why_not : callable
        All photos -> why they can't be measured so, in a sentence; empty if they can.
    is_baseline : bool
        Whether it knows no topology.
    of_diagrams : bool
        Whether it compares diagrams themselves.
    """

    label: str
    explanation: str
    prepare: Callable[[Photos], Between]
    effort: Callable[[PhotoMeasures, PhotoMeasures], Effort]
    why_not: Callable[[Photos], str] = lambda _photos: ""
    is_baseline: bool = False
    of_diagrams: bool = False


def _of_diagrams(name: str, k: int) -> PhotoDistance:
    what = ("components", "loops")[k]
    prepare, effort, words = {
        "bottleneck": (
            lambda photos: _between_diagrams(photos, k, bottleneck_distance),
            lambda a, b: bottleneck_effort(*_bars(a, b, k)) if k else _SORTED,
            "the largest cost of the best matching of their bars, exact",
        ),
        "1-Wasserstein": (
            lambda photos: _between_diagrams(photos, k, wasserstein_distance),
            lambda a, b: (
                wasserstein_effort(*_bars(a, b, k), 1, k == 0) + Effort(_MATCHING_PACE, 0.0)
            ),
            "the sum of costs of the best matching of their bars, exact for up to 1,500 bars",
        ),
        "sliced Wasserstein": (
            lambda photos: _between_slices(photos, k),
            lambda a, b: Effort(_SLICED_PACE * sum(_bars(a, b, k)) + _CALL, 1.0),
            "their bars projected on 50 lines, the least sum of shifts along each, averaged",
        ),
        "persistence images": (
            lambda photos: _between_vectors(_images(photos, k)),
            lambda _a, _b: _vectors_effort(IMAGE_SIDE**2),
            "Euclidean, of images of 20 × 20 pixels in which each bar weighs its length",
        ),
    }[name]
    return PhotoDistance(
        label=f"H{k} {name}",
        explanation=f"Between the diagrams of {what}: {words}.",
        prepare=prepare,
        effort=effort,
        of_diagrams=True,
    )


def _bars(a: PhotoMeasures, b: PhotoMeasures, k: int) -> tuple[int, int]:
    return len(a.diagrams[k]), len(b.diagrams[k])


def _between_diagrams(photos: Photos, k: int, distance: Callable[..., float]) -> Between:
    return lambda i, j: distance(photos[i].diagrams, photos[j].diagrams, k)


def _between_slices(photos: Photos, k: int) -> Between:
    slices = [slices_of(one.diagrams[k]) for one in photos]
    return lambda i, j: sliced_distance(slices[i], slices[j])


def _images(photos: Photos, k: int) -> np.ndarray:
    """Make images on one grid: births and lengths up to the largest of all these photos."""
    bars = np.concatenate([one.diagrams[k] for one in photos])
    births, deaths = bars[np.isfinite(bars[:, 1])].T
    if not len(births):
        return np.zeros((len(photos), 1))
    lengths = np.linspace(0.0, (deaths - births).max(), IMAGE_SIDE)
    axis = np.linspace(births.min(), deaths.max(), IMAGE_SIDE)
    return np.stack(
        [persistence_image(one.diagrams[k], axis, lengths, lengths[1]).ravel() for one in photos]
    )


def _between_vectors(vectors: Sequence[np.ndarray] | np.ndarray) -> Between:
    def between(i: int, j: int) -> float:
        apart = vectors[i] - vectors[j]
        # Added up in float64 whatever the vectors are: there may be a million entries.
        return float(np.sqrt(np.einsum("k,k->", apart, apart, dtype=np.float64)))

    return between


def standard_scores(photos: Photos) -> np.ndarray:
    """Return the features of photos as standard scores over these photos.

    Parameters
    ----------
    photos : sequence of PhotoMeasures

    Returns
    -------
    ndarray of float64, shape (n_photos, n_features)
        Less the mean, divided by the deviation of the population; 0 where all photos have the
        same. A feature that not all photos have is left out.
    """
    features = [one.head.features for one in photos]
    names = [name for name in features[0] if all(name in one for one in features)]
    values = np.array([[one[name] for name in names] for one in features])
    apart = np.ptp(values, axis=0) > 0  # equal numbers may have a deviation of a rounding error
    centred = values - values.mean(axis=0)
    return np.divide(centred, values.std(axis=0), out=np.zeros_like(values), where=apart)


def _between_states(photos: Photos) -> Between:
    states = np.stack([one.baselines.class_token for one in photos])
    unit = states / np.linalg.norm(states, axis=1, keepdims=True)
    # Of unit vectors, 1 minus the cosine without a difference of nearly equal numbers.
    return lambda i, j: float(((unit[i] - unit[j]) ** 2).sum() / 2)


def _no_state(photos: Photos) -> str:
    widths = {len(one.baselines.class_token) for one in photos}
    if 0 in widths:
        return (
            "Not every photo has a class token's state: attention from a file has none, some "
            "models have none, and in the library `measure_photo` has to be given it."
        )
    return "" if len(widths) == 1 else "The class tokens' states are of different models."


def _no_mean(photos: Photos) -> str:
    shapes = {one.baselines.mean_attention.shape for one in photos}
    if (0, 0) in shapes:
        return "The mean attention of these photos isn't kept: it would take too much memory."
    if len(shapes) > 1:
        return (
            "Mean attention is compared token by token, and these photos have different numbers of "
            "tokens."
        )
    alike = len({one.baselines.layers for one in photos}) == 1
    return "" if alike else "The mean attention of these photos is of different layers."


def _between_means(photos: Photos) -> Between:
    return _between_vectors([one.baselines.mean_attention.ravel() for one in photos])


def _vectors_effort(n_entries: int) -> Effort:
    return Effort(_CALL + _ENTRY_PACE * n_entries, 3 * MATRIX_ENTRY * n_entries)


_OF_DIAGRAMS = ("bottleneck", "1-Wasserstein", "sliced Wasserstein", "persistence images")

PHOTO_DISTANCES: dict[str, PhotoDistance] = {
    f"h{k}-{name.lower().replace(' ', '-')}": _of_diagrams(name, k)
    for name in _OF_DIAGRAMS
    for k in (0, 1)
} | {
    "features": PhotoDistance(
        label="features",
        explanation="Euclidean, of the head's features as standard scores over these photos.",
        prepare=lambda photos: _between_vectors(standard_scores(photos)),
        effort=lambda a, _b: _vectors_effort(len(a.head.features)),
    ),
    "class-token": PhotoDistance(
        label="class token, cosine",
        explanation="1 minus the cosine of the class tokens' last states.",
        prepare=_between_states,
        effort=lambda a, _b: _vectors_effort(len(a.baselines.class_token)),
        why_not=_no_state,
        is_baseline=True,
    ),
    "mean-attention": PhotoDistance(
        label="mean attention",
        explanation="Euclidean, of the mean of all heads and layers, token by token.",
        prepare=_between_means,
        effort=lambda a, _b: _vectors_effort(a.baselines.mean_attention.size),
        why_not=_no_mean,
        is_baseline=True,
    ),
}
"""The distances there are between photos, by key: of diagrams, of features, and two baselines."""
BASELINES = tuple(key for key, one in PHOTO_DISTANCES.items() if one.is_baseline)
"""Those of them that need no topology."""
