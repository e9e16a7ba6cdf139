"""Two topologies -> how far apart they are, and every number of the Compare page."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from attntopo.analysis.head import HeadTopology
from attntopo.analysis.paired_result import PairedComparison
from attntopo.analysis.token_comparison import paired_or_note
from attntopo.diagrams import (
    Matching,
    all_matchings,
    betti_curve,
    bottleneck_distance,
    notebook_bottleneck_distance,
)
from attntopo.topology import Skeleton, skeleton_at

Row = dict[str, str | int | float | None]
"""A row of the table of numbers: `quantity`, `A`, `B` and `between A and B`."""


@dataclass(frozen=True)
class Comparison:
    """How far apart two heads' topologies are; independent of the scale.

    Attributes
    ----------
    h0_bottleneck, h1_bottleneck : float
        Exact bottleneck distances of the whole diagrams.
    notebook : float
        The notebook's number: H0 bottleneck of the bars longer than 0.01.
    """

    h0_bottleneck: float
    h1_bottleneck: float
    notebook: float


def compare(first: HeadTopology, second: HeadTopology) -> Comparison:
    """Compute how far apart two heads' persistence diagrams are.

    Parameters
    ----------
    first, second : HeadTopology

    Returns
    -------
    Comparison
    """
    return Comparison(
        h0_bottleneck=bottleneck_distance(first.diagrams, second.diagrams, dimension=0),
        h1_bottleneck=bottleneck_distance(first.diagrams, second.diagrams, dimension=1),
        notebook=notebook_bottleneck_distance(first.diagrams, second.diagrams),
    )


@dataclass(frozen=True)
class Counts:
    """What there is in one photo at one scale.

    Attributes
    ----------
    scale : float
        In the units of the row distance.
    edges : int
        Edges of the 1-skeleton.
    share_of_edges : float
        The same as a share (0 to 1) of all pairs of tokens.
    components, single : int
        Connected components, and those among them that are one token.
    loops : int
        Betti number 1 of the Rips complex: H1 bars alive.
    """

    scale: float
    edges: int
    share_of_edges: float
    components: int
    single: int
    loops: int


def count(topology: HeadTopology, skeleton: Skeleton) -> Counts:
    """Count what there is at the skeleton's scale.

    Parameters
    ----------
    topology : HeadTopology
    skeleton : Skeleton
        Of the same topology.

    Returns
    -------
    Counts
    """
    loops = betti_curve(topology.diagrams[1], np.array([skeleton.scale]))
    return Counts(
        scale=skeleton.scale,
        edges=len(skeleton.edges),
        share_of_edges=skeleton.share_of_edges,
        components=skeleton.n_components,
        single=skeleton.n_single,
        loops=int(loops[0]),
    )


def number_rows(
    comparison: Comparison,
    a: Counts,
    b: Counts,
    matchings: Mapping[str, Matching],
    paired: PairedComparison | None = None,
) -> list[Row]:
    """List every number of a comparison, a row each.

    Parameters
    ----------
    comparison : Comparison
    a, b : Counts
    matchings : mapping of str to Matching
        From `diagrams.all_matchings`: their Wasserstein distances are listed.
    paired : PairedComparison, optional
        Listed first, where both heads have the same tokens.

    Returns
    -------
    list of dict
        With the keys `quantity`, `A`, `B` and `between A and B`. A distance that is approximate is
        a `diagrams.About`, which says so wherever it is written; in the place of one that can't
        be had stands a sentence.
    """
    between: dict[str, float | str] = {} if paired is None else _paired_values(paired)
    between |= {
        "H0 bottleneck": comparison.h0_bottleneck,
        "H1 bottleneck": comparison.h1_bottleneck,
        "H0 bottleneck, as the notebook": comparison.notebook,
    }
    between |= {
        f"H{k} {order}-Wasserstein": _distance_of(matchings[f"h{k}-wasserstein-{order}"])
        for k in (0, 1)
        for order in (1, 2)
    }
    each = {
        "scale": (a.scale, b.scale),
        "components": (a.components, b.components),
        "components of two tokens or more": (a.components - a.single, b.components - b.single),
        "single tokens": (a.single, b.single),
        "loops": (a.loops, b.loops),
        "edges": (a.edges, b.edges),
        "share of edges": (a.share_of_edges, b.share_of_edges),
    }
    return [
        *(
            {"quantity": name, "A": None, "B": None, "between A and B": value}
            for name, value in between.items()
        ),
        *(
            {"quantity": name, "A": first, "B": second, "between A and B": None}
            for name, (first, second) in each.items()
        ),
    ]


def _paired_values(paired: PairedComparison) -> dict[str, float | str]:
    values = {"RTD-lite": paired.rtd_lite, "merge-height correlation": paired.merge_heights}
    return {name: paired.note if np.isnan(value) else value for name, value in values.items()}


def _distance_of(matching: Matching) -> float | str:
    return matching.note if np.isnan(matching.distance) else matching.distance


def numbers(
    first: HeadTopology,
    second: HeadTopology,
    scale: float | tuple[float, float],
    same_tokens: bool = False,
) -> list[Row]:
    """Compute every number of the Compare page for two heads at a scale.

    Parameters
    ----------
    first, second : HeadTopology
    scale : float or tuple of float
        In the units of the row distance; two where each head has its own.
    same_tokens : bool
        Whether token k of both is the same, as in two heads of one photo: they are compared token
        by token too then, by `paired_comparison`.

    Returns
    -------
    list of dict
        A row a number, with the keys `quantity`, `A`, `B` and `between A and B`.
    """
    scales = scale if isinstance(scale, tuple) else (scale, scale)
    a, b = (
        count(one, skeleton_at(one.distances, one.tree, own))
        for one, own in zip((first, second), scales, strict=True)
    )
    matchings = all_matchings(first.diagrams, second.diagrams)
    paired = paired_or_note(first.distances, second.distances) if same_tokens else None
    return number_rows(compare(first, second), a, b, matchings, paired)


def number_text(value: str | int | float | None) -> str:
    """Write an entry of a row as the page shows it: four decimals; empty where there is none."""
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)
