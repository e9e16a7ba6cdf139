"""A photo and a model -> what perturbations of the photo do to the topology of a head.

The model is a callable, photo -> attention: nothing is loaded here.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from attntopo.analysis.evidence_error import EvidenceError
from attntopo.analysis.head import HeadTopology, analyse
from attntopo.analysis.paired import PairedComparison, paired_comparison
from attntopo.analysis.paired_points import matched_points
from attntopo.analysis.perturbations import PERTURBATIONS, perturb
from attntopo.analysis.token_matching import matched_tokens
from attntopo.attention import Attention
from attntopo.diagrams import bottleneck_distance, bottleneck_matching, exact_wasserstein
from attntopo.distances import RowDistances
from attntopo.photos import Photo
from attntopo.topology import Diagrams, persistence_diagrams

Pair = tuple[float, float]
"""A number in dimension 0 and one in dimension 1."""


@dataclass(frozen=True)
class DiagramDistances:
    """How far apart the diagrams of two photos are.

    Attributes
    ----------
    bottleneck, wasserstein : tuple of float
        Exact bottleneck and 1-Wasserstein distances in dimensions 0 and 1, of whole diagrams; NaN
        where there are too many bars for the exact Wasserstein distance.
    """

    bottleneck: Pair
    wasserstein: Pair


@dataclass(frozen=True, eq=False)
class HeadStability:
    """What a perturbation did to a head.

    Attributes
    ----------
    distances : DiagramDistances
        From the clean photo's diagrams.
    bound : float
        The largest change of a distance between matched tokens.
    matched_bottleneck : tuple of float
        Bottleneck distances in dimensions 0 and 1 of the diagrams of matched tokens alone: at most
        the bound. Where all tokens are matched they are those of `distances`.
    survives : tuple of ndarray of bool, each of shape (n_bars,)
        Of each bar of the clean diagrams in dimensions 0 and 1, whether it survives.
    n_matched, n_points : int
        How many tokens are matched, and how many points the clean photo has.
    paired : PairedComparison
        Of the matched tokens; NaN, with a note, where there are fewer than three.
    """

    distances: DiagramDistances
    bound: float
    matched_bottleneck: Pair
    survives: tuple[np.ndarray, np.ndarray]
    n_matched: int
    n_points: int
    paired: PairedComparison


def stability_of_head(
    photo: Photo,
    attend: Callable[[Photo], Attention],
    layer: int,
    head: int | str,
    distance: str = "double-softmax",
    tokens: str = "all",
    perturbations: Iterable[tuple[str, float]] | None = None,
    seed: int = 0,
) -> Generator[tuple[str, float, HeadStability], None, None]:
    """Perturb a photo in many ways and compare a head's topology with that of the clean photo.

    Parameters
    ----------
    photo : Photo
    attend : callable
        Photo -> attention. What it raises is raised here.
    layer, head, distance, tokens
        As for `analyse`.
    perturbations : iterable of tuple, optional
        Names and strengths; by default all that are offered.
    seed : int
        Of noise and places.

    Yields
    ------
    tuple
        Name, strength, and what it did, one after the other.

    Raises
    ------
    AttentionError, DistanceError, EvidenceError
        If there is no such head, distance, perturbation or strength.
    """
    seen = attend(photo)
    clean = analyse(seen, layer, head, distance, tokens)
    for name, strength in offered_strengths() if perturbations is None else perturbations:
        changed = perturb(photo, name, strength, seed, seen)
        other = attend(changed.photo)
        sizes = [one.pixels.shape[:2] for one in (photo, changed.photo)]
        pairs = matched_tokens(seen, other, changed.warp, *sizes)
        topology = analyse(other, layer, head, distance, tokens)
        yield name, strength, compare_perturbed(clean, topology, pairs)


def offered_strengths() -> list[tuple[str, float]]:
    """List the names and strengths of all perturbations that are offered."""
    return [(name, strength) for name, one in PERTURBATIONS.items() for strength in one.strengths]


def compare_perturbed(
    clean: HeadTopology, perturbed: HeadTopology, pairs: np.ndarray
) -> HeadStability:
    """Compare a head's topology on a perturbed photo with that on the clean one.

    Parameters
    ----------
    clean, perturbed : HeadTopology
        Of the same head and distance.
    pairs : ndarray of int, shape (n_pairs, 2)
        Tokens of both that show the same place, as from `matched_tokens`; those that aren't
        points are passed over.

    Returns
    -------
    HeadStability
    """
    both = [one.distances for one in (clean, perturbed)]
    place = [{token: k for k, token in enumerate(one.tokens.tolist())} for one in both]
    points = np.array(
        [
            (place[0][own], place[1][other])
            for own, other in np.asarray(pairs).tolist()
            if own in place[0] and other in place[1]
        ],
        dtype=np.int64,
    ).reshape(-1, 2)
    matched = [matched_points(one, points[:, k]) for k, one in enumerate(both)]
    n_points = len(both[0].values)
    distances = diagram_distances(clean.diagrams, perturbed.diagrams)
    everyone = len(points) == n_points == len(both[1].values)
    return HeadStability(
        distances=distances,
        bound=float(np.abs(matched[0].values - matched[1].values).max(initial=0.0)),
        matched_bottleneck=distances.bottleneck if everyone else _bottlenecks_of(*matched),
        survives=(
            surviving_bars(clean.diagrams, perturbed.diagrams, 0),
            surviving_bars(clean.diagrams, perturbed.diagrams, 1),
        ),
        n_matched=len(points),
        n_points=n_points,
        paired=_paired(*matched),
    )


def surviving_bars(clean: Diagrams, perturbed: Diagrams, dimension: int) -> np.ndarray:
    """Say which bars survive: those that a matching pairs at a cost below half their length.

    Parameters
    ----------
    clean, perturbed : Diagrams
    dimension : {0, 1}

    Returns
    -------
    ndarray of bool, shape (n_bars,)
        Of the clean diagram's bars, by the bottleneck matching of least sum of both diagrams.
        Diagrams don't know which token is which: bars survive in other photos too, by chance, so
        what survives a perturbation is to be held against that.

    Raises
    ------
    EvidenceError
        If there are too many bars for a matching here.
    """
    bars = clean[dimension]
    matching = bottleneck_matching(clean, perturbed, dimension)
    if matching.note and not len(matching.pairs):
        raise EvidenceError(matching.note)
    survives = np.zeros(len(bars), dtype=bool)
    own, other = matching.pairs.T
    paired = (own >= 0) & (other >= 0)
    own, costs = own[paired], matching.costs[paired]
    survives[own] = costs < (bars[own, 1] - bars[own, 0]) / 2
    return survives


def diagram_distances(first: Diagrams, second: Diagrams) -> DiagramDistances:
    """Compute how far apart two photos' diagrams are in dimensions 0 and 1."""
    return DiagramDistances(
        (bottleneck_distance(first, second, 0), bottleneck_distance(first, second, 1)),
        (exact_wasserstein(first, second, 0), exact_wasserstein(first, second, 1)),
    )


def distances_to_others(
    clean: HeadTopology, others: Sequence[HeadTopology]
) -> list[DiagramDistances]:
    """Compute how far a photo's diagrams are from those of other photos in the same head.

    Parameters
    ----------
    clean : HeadTopology
    others : sequence of HeadTopology
        Of the same head and distance.

    Returns
    -------
    list of DiagramDistances
        What a perturbation did is to be held against.
    """
    return [diagram_distances(clean.diagrams, other.diagrams) for other in others]


def _bottlenecks_of(first: RowDistances, second: RowDistances) -> Pair:
    if not len(first.values):
        return 0.0, 0.0
    one, other = (persistence_diagrams(each) for each in (first, second))
    return bottleneck_distance(one, other, 0), bottleneck_distance(one, other, 1)


def _paired(first: RowDistances, second: RowDistances) -> PairedComparison:
    try:
        return paired_comparison(first, second)
    except EvidenceError as error:
        return PairedComparison(float("nan"), float("nan"), len(first.values), str(error))
