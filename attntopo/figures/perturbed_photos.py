"""A photo and the same photo perturbed -> both painted, in colours that are carried over."""

from dataclasses import dataclass, replace

import numpy as np

from attntopo.analysis import HeadTopology, followed_colours
from attntopo.figures.marks import Marks
from attntopo.figures.painting import WholePhoto, painted_photo
from attntopo.figures.tokens import TokenGrid
from attntopo.topology import SINGLE, Components, Skeleton, components_at

_LONGEST, _SMALLER = 600, 440  # pixels of pictures' longer sides
_NO_EDGES = np.empty((0, 2), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Painted:
    """A photo with its components.

    Attributes
    ----------
    picture : ndarray of uint8, shape (height, width, 3)
    components : Components
        With the colours that they are painted in.
    """

    picture: np.ndarray
    components: Components


def paint_components(
    tokens: TokenGrid,
    topology: HeadTopology,
    scale: float,
    whole: WholePhoto,
    before: np.ndarray | None = None,
    marks: Marks | None = None,
) -> Painted:
    """Paint a photo with its components at a scale.

    Parameters
    ----------
    tokens : TokenGrid
    topology : HeadTopology
    scale : float
    whole : WholePhoto
    before : ndarray of int64, shape (n_points,), optional
        The colours that the points had, from `carried_colours`: components keep them.
    marks : Marks, optional
        What is selected.

    Returns
    -------
    Painted
    """
    there = components_at(topology.tree, scale)
    if before is not None:
        there = replace(there, colours=followed_colours(there, before))
    picture = painted_photo(
        tokens, _without_edges(there, scale), marks, longest=_LONGEST, whole=whole
    )
    return Painted(np.asarray(picture), there)


def _without_edges(there: Components, scale: float) -> Skeleton:
    """Return what is painted of a 1-skeleton: no edges, of which there may be very many."""
    return Skeleton(scale, _NO_EDGES, there.leaders, there.sizes, there.colours)


def carried_colours(
    clean: tuple[HeadTopology, Components], perturbed: HeadTopology, pairs: np.ndarray
) -> np.ndarray:
    """Carry the colours of the clean photo's points over to the perturbed one's.

    Parameters
    ----------
    clean : tuple
        Topology, and components with their colours.
    perturbed : HeadTopology
    pairs : ndarray of int64, shape (n_pairs, 2)
        Tokens of both that show the same place.

    Returns
    -------
    ndarray of int64, shape (n_points,)
        `SINGLE` for a point without a partner.
    """
    topology, components = clean
    own = dict(zip(topology.distances.tokens.tolist(), components.colours.tolist(), strict=True))
    of = {other: own[token] for token, other in pairs.tolist() if token in own}
    tokens = perturbed.distances.tokens.tolist()
    return np.array([of.get(token, SINGLE) for token in tokens], dtype=np.int64)


def paint_survival(
    tokens: TokenGrid, topology: HeadTopology, survives: np.ndarray, whole: WholePhoto
) -> np.ndarray:
    """Paint on the clean photo where components begin that are lost (orange) or survive (blue).

    Parameters
    ----------
    tokens : TokenGrid
    topology : HeadTopology
        Of the clean photo.
    survives : ndarray of bool, shape (n_bars,)
        Of its bars in dimension 0.
    whole : WholePhoto

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
    """
    skeleton = _without_edges(components_at(topology.tree, 0.0), 0.0)
    marks = survival_marks(topology, survives)
    return np.asarray(painted_photo(tokens, skeleton, marks, longest=_SMALLER, whole=whole))


def survival_marks(topology: HeadTopology, survives: np.ndarray) -> Marks:
    """Mark on the clean photo where components begin that are lost (orange) or survive (blue).

    Parameters
    ----------
    topology : HeadTopology
        Of the clean photo.
    survives : ndarray of bool, shape (n_bars,)
        Of its bars in dimension 0.

    Returns
    -------
    Marks
        By the point at which each bar begins; points that begin none, being the same as another
        from the start, are in neither group.
    """
    tree, n_finite = topology.tree, len(survives) - 1
    # Merges at length 0, of identical rows, are no bars; the last bar never ends.
    begins = tree.absorbed[len(tree.lengths) - n_finite :]
    last = np.setdiff1d(np.arange(len(tree.colours)), tree.absorbed)
    points = np.concatenate([begins, last])
    return Marks(groups=(points[~survives], points[survives]))
