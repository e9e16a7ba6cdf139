"""The numbers that the Atlas shows for every head, and what is kept of a head to read them off."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from attntopo.analysis.head import points_of
from attntopo.analysis.paired_result import PairedComparison
from attntopo.analysis.patch_attention import PatchRows
from attntopo.analysis.ranks import (
    COMPONENT,
    FEWEST_DRAWS,
    LOOP,
    NullDraws,
    longest_life,
    longest_loop,
)
from attntopo.attention import MEAN, Attention
from attntopo.diagrams import (
    betti_curve,
    bottleneck_distance,
    exact_wasserstein,
    finite_lengths,
    persistence_entropy,
)
from attntopo.distances import distances_of_rows, row_distances
from attntopo.topology import Diagrams, MergeTree, find_bars, merge_tree, persistence_diagrams


@dataclass(frozen=True)
class HeadSummary:
    """What the Atlas keeps of one head of one photo.

    Attributes
    ----------
    diagrams : Diagrams
        Their points only, in dimensions 0 and 1.
    attention_entropy : float
        In nats; see `patch_attention.attention_entropy`.
    attention_distance : float
        In patches; see `patch_attention.mean_attention_distance`.
    tree : MergeTree
    nulls : NullDraws, optional
        All draws of a null of the head, where they are known.
    chosen, twin : PairedComparison, optional
        The head token by token against a chosen one of the same photo, and against the same head
        of the untrained twin, where that is known.
    """

    diagrams: Diagrams
    attention_entropy: float
    attention_distance: float
    tree: MergeTree
    nulls: NullDraws | None = None
    chosen: PairedComparison | None = None
    twin: PairedComparison | None = None


@dataclass(frozen=True)
class Quantity:
    """A number that the Atlas shows for every head.

    Attributes
    ----------
    key, label, explanation : str
    between : callable or None
        Two summaries of the same head -> a number between the photos.
    of_one : callable or None
        A summary and a scale -> a number of one photo.
    of_scale : bool
        Whether it depends on the scale.
    of_nulls : {"", "loop", "component"}
        What it ranks among draws of the strictest null, which have to be asked for; empty for none.
    of_pairs : {"", "chosen", "twin"}
        What it compares each head with token by token, which has to be asked for; empty for
        nothing.
    of_comparison : {"", "rtd_lite", "merge_heights"}
        Which number of a `PairedComparison` it is then.
    """

    key: str
    label: str
    explanation: str
    between: Callable[[HeadSummary, HeadSummary], float] | None = None
    of_one: Callable[[HeadSummary, float], float] | None = None
    of_scale: bool = False
    of_nulls: str = ""
    of_pairs: str = ""
    of_comparison: str = ""


def summarise_head(
    attention: Attention,
    layer: int,
    head: int | str,
    distance: str = "double-softmax",
    tokens: str = "all",
) -> HeadSummary:
    """Summarise one head of one photo.

    Parameters
    ----------
    attention : Attention
    layer : int
        Counted from 0.
    head : int, "mean" or "rollout"
        As for `Attention.head`.
    distance : str
        A key of `DISTANCES`.
    tokens : {"all", "patches"}

    Returns
    -------
    HeadSummary

    Raises
    ------
    AttentionError, DistanceError, PersistenceError
        If there is no such head or distance, or it would take too long.
    """
    patches = PatchRows(attention.head(layer, head), attention.n_prefix, attention.grid)
    points = points_of(attention, tokens)
    # One thread a head: the heads are what is dealt out to threads.
    distances = distances_of_rows(patches.of_all_tokens, distance, points, threads=1)
    bars = find_bars(distances.values)
    return HeadSummary(
        Diagrams(persistence_diagrams(distances, bars=bars).points),
        patches.entropy(),
        patches.mean_distance(),
        merge_tree(distances, bars),
    )


def mean_tree(attention: Attention, layer: int, distance: str, tokens: str) -> MergeTree:
    """Return how the components of the mean of a layer's heads merge.

    Parameters, and what is raised, are as for `summarise_head`.
    """
    rows = attention.head(layer, MEAN)
    return merge_tree(row_distances(rows, distance, points_of(attention, tokens), threads=1))


def _between(
    distance: Callable[..., float], a: HeadSummary, b: HeadSummary, **options: int
) -> float:
    return distance(a.diagrams, b.diagrams, **options)


def _of_points(
    read: Callable[[np.ndarray], Any], summary: HeadSummary, _scale: float, dimension: int
) -> float:
    return float(read(summary.diagrams[dimension]))


def _betti_number(summary: HeadSummary, scale: float, dimension: int) -> float:
    return float(betti_curve(summary.diagrams[dimension], np.array([scale]))[0])


def _beaten(summary: HeadSummary, _scale: float, kind: str) -> float:
    if summary.nulls is None:
        return float("nan")
    if kind == LOOP:
        return summary.nulls.rank_loop(longest_loop(summary.diagrams)).beaten
    return summary.nulls.rank_component(longest_life(summary.tree)).beaten


def is_outlasted_by_all(summary: HeadSummary, kind: str) -> bool:
    """Say whether the longest of every draw is longer than the head's own; a tie isn't.

    Parameters
    ----------
    summary : HeadSummary
        Without draws of a null it is False.
    kind : {"loop", "component"}

    Returns
    -------
    bool
        By chance alone it is so in at most 1 head of as many as there are draws, and one.
    """
    if summary.nulls is None:
        return False
    if kind == LOOP:
        return bool((summary.nulls.longest_loops > longest_loop(summary.diagrams)).all())
    return bool((summary.nulls.longest_lives > longest_life(summary.tree)).all())


def _compared(summary: HeadSummary, _scale: float, kind: str, number: str) -> float:
    compared: PairedComparison | None = getattr(summary, kind)
    return float("nan") if compared is None else float(getattr(compared, number))


_OTHERS = {
    "chosen": ("the chosen head", "the chosen head of the same photo"),
    "twin": ("the untrained twin", "the same head with random weights, an example and no test"),
}
"""What heads are compared with token by token, in short and in full."""

_COMPARISONS = (
    (
        "rtd-lite",
        "rtd_lite",
        "RTD-lite to {}",
        "How far apart the components of each head and of {} are, token by token: 0 for the same "
        "distances or a multiple of them, no upper end. It is small, too, where both trees are "
        "short, so of heads that hardly tell tokens apart it says little. It knows nothing of "
        "loops.",
    ),
    (
        "merges",
        "merge_heights",
        "Merge correlation with {}",
        "Spearman's correlation of the scales at which pairs of tokens are joined, in each head "
        "and in {}: 1 for the same order, about 0 for unrelated ones, below 0 for a contrary one "
        "(-1 can't be reached). It knows the order alone, and nothing of loops.",
    ),
)
"""Key, attribute of a `PairedComparison`, label and explanation."""

_OF_BARS: tuple[tuple[str, str, str, Callable[[np.ndarray], Any]], ...] = (
    (
        "total-persistence",
        "total persistence",
        "The sum of the lengths of all finite bars of {}.",
        lambda points: finite_lengths(points).sum(),
    ),
    (
        "entropy",
        "persistence entropy",
        "How evenly the bars of {} share the total persistence, in nats.",
        persistence_entropy,
    ),
    (
        "longest",
        "longest bar",
        "The length of the longest finite bar of {}.",
        lambda points: finite_lengths(points).max(initial=0.0),
    ),
)
"""What is read off the bars of one dimension: key, label, explanation, points -> number."""


def _quantities() -> Iterator[Quantity]:
    kinds = ((0, "H0", "components"), (1, "H1", "loops"))
    for k, name, what in kinds:
        yield Quantity(
            f"{name.lower()}-bottleneck",
            f"{name} bottleneck distance",
            f"How far apart A's and B's diagrams of {what} are: the largest shift of a bar.",
            between=partial(_between, bottleneck_distance, dimension=k),
        )
    for order in (1, 2):
        for k, name, what in kinds:
            yield Quantity(
                f"{name.lower()}-wasserstein-{order}",
                f"{name} {order}-Wasserstein distance",
                f"How far apart A's and B's diagrams of {what} are, all shifts together; empty "
                "where they have too many bars for the exact number.",
                between=partial(_between, exact_wasserstein, dimension=k, order=order),
            )
    for k, name, what in kinds:
        for key, label, explanation, read in _OF_BARS:
            yield Quantity(
                f"{name.lower()}-{key}",
                f"{name} {label}",
                explanation.format(what),
                of_one=partial(_of_points, read, dimension=k),
            )
    for k, _name, what in kinds:
        yield Quantity(
            what,
            f"{what.capitalize()} at the scale",
            f"How many {what} there are at the chosen scale.",
            of_one=partial(_betti_number, dimension=k),
            of_scale=True,
        )
    for kind, name, what in ((COMPONENT, "H0", "longest life"), (LOOP, "H1", "longest loop")):
        yield Quantity(
            f"{name.lower()}-nulls",
            f"{name} {what} against the strictest null",
            f"Longer than by chance? Of {FEWEST_DRAWS} random attention matrices as smooth as the "
            f"head's, in how many the {what} is shorter than the head's own: a rank of each head "
            "alone, which doesn't allow for how many heads are looked at. Single heads; Compare "
            "ranks a layer's mean and rollout, too.",
            of_one=partial(_beaten, kind=kind),
            of_nulls=kind,
        )
    for kind, (short, whole) in _OTHERS.items():
        for key, number, label, explanation in _COMPARISONS:
            yield Quantity(
                f"{key}-{kind}",
                label.format(short),
                explanation.format(whole),
                of_one=partial(_compared, kind=kind, number=number),
                of_pairs=kind,
                of_comparison=number,
            )
    yield Quantity(
        "attention-distance",
        "Mean attention distance",
        "How far a head looks: the mean distance, in patches, from a patch to what it attends to.",
        of_one=lambda summary, _scale: summary.attention_distance,
    )
    yield Quantity(
        "attention-entropy",
        "Attention entropy",
        "How widely a patch spreads its attention, in nats; 0 if all goes to one token.",
        of_one=lambda summary, _scale: summary.attention_entropy,
    )


QUANTITIES: dict[str, Quantity] = {quantity.key: quantity for quantity in _quantities()}
"""What the Atlas shows, by name, in the order in which it is offered."""
