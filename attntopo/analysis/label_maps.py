"""Attention -> components of a head as a map of labels, on the patch grid and on the photo."""

from dataclasses import dataclass

import numpy as np

from attntopo.analysis.head import opening_head, points_of
from attntopo.analysis.lifetimes import LEAST_TOKENS, components_by_lifetime
from attntopo.analysis.merge_scales import OBJECTS_SHARE, shown_scales
from attntopo.attention import Attention, AttentionError
from attntopo.distances import RowDistances, row_distances
from attntopo.topology import MergeTree, merge_tree


class ComponentError(ValueError):
    """Components can't be chosen so; the message says why."""


@dataclass(frozen=True)
class ComponentChoice:
    """Which components of a head are labelled.

    Attributes
    ----------
    scale : float, optional
        Those at this scale, in the units of the distance.
    share : float, optional
        Those at the scale at which this share of the head's merges has happened, in percent, 0 to
        100, with two decimals at most: as Compare's % merged. By default, where no other choice
        is made, 90: nine of ten merges, as Compare's Objects.
    by_lifetime : bool
        Those that last longest, without a scale: see `components_by_lifetime`.
    least_tokens : int
        Components of fewer tokens aren't labelled. 1 labels single tokens too; by lifetime it is
        at least 2.

    Raises
    ------
    ComponentError
        If more than one choice is made, or a number is out of its range.
    """

    scale: float | None = None
    share: float | None = None
    by_lifetime: bool = False
    least_tokens: int = LEAST_TOKENS

    def __post_init__(self) -> None:
        if (self.scale is not None) + (self.share is not None) + self.by_lifetime > 1:
            raise ComponentError(
                "Components are chosen at a scale, at a share of merges, or by lifetime: by one "
                "of the three."
            )
        if self.scale is not None and not 0 <= self.scale < np.inf:
            raise ComponentError(f"A scale is 0 or more and finite, not {self.scale:g}.")
        if self.share is not None and not 0 <= self.share <= 100:
            raise ComponentError(f"A share of merges is 0 to 100 percent, not {self.share:g}.")
        least = 2 if self.by_lifetime else 1
        if self.least_tokens < least:
            raise ComponentError(
                f"The fewest tokens of a component are {least} or more here, not "
                f"{self.least_tokens}."
            )

    def about(self) -> dict[str, str]:
        """Say how components were chosen, for the files that hold them."""
        if self.by_lifetime:
            rule = "by lifetime"
        elif self.scale is not None:
            rule = "at a scale"
        else:
            rule = f"at {self.merged_share:g} % of the photo's merges"
        return {"components": rule, "fewest tokens of a component": str(self.least_tokens)}

    @property
    def merged_share(self) -> float:
        """The share of merges, in percent, where neither a scale nor lifetimes choose."""
        return OBJECTS_SHARE if self.share is None else self.share


OBJECTS_CHOICE = ComponentChoice()
"""At nine of ten merges of the photo itself."""


@dataclass(frozen=True, eq=False)
class LabelMap:
    """The components of a head on the patch grid.

    Attributes
    ----------
    labels : ndarray of int32, shape (grid height, grid width)
        0 for patches of no labelled component; 1, 2, … for those of each, by descending number of
        patches, then by the first patch. Read-only.
    scale : float or None
        At which they are components; None where they are chosen by lifetime.
    box : tuple of float
        Left, top, right and bottom of the patch grid, in widths and heights of the photo:
        `Attention.patches_box`.
    """

    labels: np.ndarray
    scale: float | None
    box: tuple[float, float, float, float]

    @property
    def n_components(self) -> int:
        """Number of components that are labelled."""
        return int(self.labels.max(initial=0))

    def on_photo(self, height: int, width: int) -> np.ndarray:
        """Return each pixel's label: that of the patch in which the pixel's middle lies.

        Parameters
        ----------
        height, width : int
            Of the photo, in pixels.

        Returns
        -------
        ndarray of int32, shape (height, width)
            0 also where the model didn't see the photo.
        """
        left, top, right, bottom = self.box
        rows, columns = self.labels.shape
        down = np.floor(((np.arange(height) + 0.5) / height - top) / (bottom - top) * rows)
        across = np.floor(((np.arange(width) + 0.5) / width - left) / (right - left) * columns)
        seen = ((down >= 0) & (down < rows))[:, None] & ((across >= 0) & (across < columns))
        inner_rows = down.clip(0, rows - 1).astype(np.int64)
        inner_columns = across.clip(0, columns - 1).astype(np.int64)
        return np.where(seen, self.labels[np.ix_(inner_rows, inner_columns)], 0).astype(np.int32)


def label_map(
    attention: Attention,
    layer: int | None = None,
    head: int | str | None = None,
    distance: str = "jensen-shannon",
    tokens: str = "all",
    choice: ComponentChoice = OBJECTS_CHOICE,
) -> LabelMap:
    """Label the components of one head of one photo: masks without supervision.

    Parameters
    ----------
    attention : Attention
    layer : int, optional
        Counted from 0; by default two thirds of the depth: `2 * n_layers // 3`.
    head : int, "mean" or "rollout", optional
        As for `Attention.head`; the mean of the layer's heads by default.
    distance : str
        A key of `DISTANCES`.
    tokens : {"all", "patches"}
        Whether the prefix tokens are points too.
    choice : ComponentChoice
        At nine of ten merges by default.

    Returns
    -------
    LabelMap

    Raises
    ------
    AttentionError, DistanceError, PersistenceError
        If there is no such head or distance, or it would take too long; also if some layers alone
        are kept and none is named.

    Examples
    --------
    >>> import attntopo as at
    >>> at.label_map(at.ring_attention()).labels.shape
    (16, 16)
    """
    if layer is None and attention.layers is not None:
        raise AttentionError("Some layers alone are kept here: please say which one is meant.")
    opening = opening_head(attention.n_layers)
    rows = attention.head(
        opening[0] if layer is None else layer, opening[1] if head is None else head
    )
    distances = row_distances(rows, distance, points_of(attention, tokens))
    return labelled_components(attention, distances, merge_tree(distances), choice)


def labelled_components(
    attention: Attention, distances: RowDistances, tree: MergeTree, choice: ComponentChoice
) -> LabelMap:
    """Label the components of a head whose distances and merges are known.

    Parameters
    ----------
    attention : Attention
        For its patch grid.
    distances : RowDistances
    tree : MergeTree
        Of the same distances.
    choice : ComponentChoice

    Returns
    -------
    LabelMap
    """
    scale = None
    if choice.by_lifetime:
        members = components_by_lifetime(distances.values, choice.least_tokens)
    else:
        share = choice.merged_share if choice.scale is None else None
        (scale,) = shown_scales([tree], choice.scale, share)
        members = _components_at(tree, scale, choice.least_tokens)
    patch = distances.tokens - attention.n_prefix
    of_components = [patch[one & (patch >= 0)] for one in members]
    of_components = sorted(filter(len, of_components), key=lambda one: (-len(one), one[0]))
    labels = np.zeros(attention.grid[0] * attention.grid[1], dtype=np.int32)
    for number, patches in enumerate(of_components, start=1):
        labels[patches] = number
    labels = labels.reshape(attention.grid)
    labels.setflags(write=False)
    return LabelMap(labels, scale, attention.patches_box)


def _components_at(tree: MergeTree, scale: float, least_tokens: int) -> np.ndarray:
    """Return which points are in each component at a scale: bool, (n_components, n_points)."""
    leaders = tree.leaders(scale)
    sizes = np.bincount(leaders, minlength=len(leaders))
    return leaders[None, :] == np.nonzero(sizes >= least_tokens)[0][:, None]
