"""The kinds of rows that runs make: features, vectors, components.

A kind says of which heads it makes rows, which columns they have, and what stands in them for one
head of one photo. All else, from files to tables, knows no kind by name.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from attntopo.analysis import (
    OBJECTS_CHOICE,
    head_features,
    labelled_components,
    opening_head,
    points_of,
)
from attntopo.attention import MEAN, ROLLOUT, Attention
from attntopo.diagrams import bound_grid, head_vectors
from attntopo.distances import DISTANCES, RowDistances, row_distances
from attntopo.models import ModelInfo
from attntopo.runs.run_error import RunError
from attntopo.runs.run_options import RunOptions
from attntopo.runs.stage_clock import StageClock
from attntopo.topology import Diagrams, merge_tree, persistence_diagrams

Head = tuple[int, int | str]


class RowKind(ABC):
    """What is computed of one head of one photo, and the columns that it goes into.

    Parameters
    ----------
    options : RunOptions
    info : ModelInfo
        Of the model that is run.

    Raises
    ------
    RunError
        If the model hasn't these layers or heads.
    """

    def __init__(self, options: RunOptions, info: ModelInfo) -> None:
        self.options, self.info = options, info
        layers = self.default_layers if options.layers is None else options.layers
        heads = self.default_heads if options.heads is None else options.heads
        self.heads: list[Head] = [(layer, head) for layer in layers for head in heads]
        self._check(layers, heads)

    @property
    def layers(self) -> tuple[int, ...]:
        """Layers of which attention is needed."""
        return tuple(sorted({layer for layer, _ in self.heads}))

    @property
    def default_layers(self) -> Sequence[int]:
        """Layers, where none are chosen."""
        return range(self.info.n_layers)

    @property
    def default_heads(self) -> Sequence[int | str]:
        """Heads, where none are chosen."""
        return range(self.info.n_heads)

    named_heads: tuple[str, ...] = ()
    """What a head can be besides a number."""

    @abstractmethod
    def columns(self) -> dict[str, tuple[Any, int]]:
        """Name the columns after photo, layer and head.

        Returns
        -------
        dict of str to tuple
            NumPy's type of the entries and how many they are: 1 for a number, more for an array of
            that many, 0 for an array whose length differs from photo to photo.
        """

    @abstractmethod
    def values(self, attention: Attention, head: Head, clock: StageClock) -> dict[str, Any]:
        """Compute what stands in these columns for one head of one photo."""

    def distances(self, attention: Attention, head: Head, clock: StageClock) -> RowDistances:
        """Compute the row distances of a head, in this thread."""
        with clock.running("distances"):
            tokens = points_of(attention, self.options.tokens)
            return row_distances(attention.head(*head), self.options.distance, tokens, threads=1)

    def diagrams(self, attention: Attention, head: Head, clock: StageClock) -> Diagrams:
        """Compute the diagrams of a head, in this thread."""
        distances = self.distances(attention, head, clock)
        with clock.running("persistence"):
            return persistence_diagrams(distances)

    def _check(self, layers: Sequence[int], heads: Sequence[int | str]) -> None:
        info = self.info
        wrong = [layer for layer in layers if layer not in range(info.n_layers)]
        if wrong or not layers:
            raise RunError(f"{info.id} has layers 0 to {info.n_layers - 1}.")
        wrong_heads = [
            h for h in heads if h not in range(info.n_heads) and h not in self.named_heads
        ]
        if wrong_heads or not heads:
            named = "".join(f", {name}" for name in self.named_heads)
            raise RunError(
                f"Heads of {info.id} are here 0 to {info.n_heads - 1}{named}; of "
                f"{', '.join(map(str, wrong_heads)) or 'none'} no rows can be made."
            )


class FeatureRows(RowKind):
    """The features of `head_features`, a column each."""

    def columns(self) -> dict[str, tuple[Any, int]]:
        """Name the features: those of any attention with as many prefix tokens."""
        n_tokens = self.info.n_prefix + 4
        maps = np.full((1, 1, n_tokens, n_tokens), 1 / n_tokens)
        any_attention = Attention.from_arrays(maps, (2, 2), self.info.n_prefix)
        empty = Diagrams((np.empty((0, 2)), np.empty((0, 2))))
        names = head_features(any_attention, 0, 0, empty, 0.0)
        return dict.fromkeys(names, (np.float64, 1))

    def values(self, attention: Attention, head: Head, clock: StageClock) -> dict[str, Any]:
        """Compute the features."""
        diagrams = self.diagrams(attention, head, clock)
        scale = DISTANCES[self.options.distance].default_scale
        layer, number = head
        assert isinstance(number, int)
        with clock.running("features"):
            return head_features(attention, layer, number, diagrams, scale)


class VectorRows(RowKind):
    """The vectors of `head_vectors`, an array a column, all on one grid."""

    def __init__(self, options: RunOptions, info: ModelInfo) -> None:
        super().__init__(options, info)
        # From the distance's bound, which no photo is needed for.
        self._grid = bound_grid(options.distance, info.with_input(options.input).n_tokens)

    def columns(self) -> dict[str, tuple[Any, int]]:
        """Name the vectors of both dimensions."""
        empty = Diagrams((np.empty((0, 2)), np.empty((0, 2))))
        vectors = head_vectors(empty, self._grid)
        return {name: (np.float32, vector.size) for name, vector in vectors.items()}

    def values(self, attention: Attention, head: Head, clock: StageClock) -> dict[str, Any]:
        """Compute the vectors; images and landscapes row by row."""
        diagrams = self.diagrams(attention, head, clock)
        with clock.running("features"):
            vectors = head_vectors(diagrams, self._grid)
            return {name: vector.ravel() for name, vector in vectors.items()}


class ComponentRows(RowKind):
    """The components at nine of ten merges, as labels of the patches."""

    named_heads = (MEAN, ROLLOUT)

    @property
    def default_layers(self) -> Sequence[int]:
        """Two thirds of the depth."""
        return (opening_head(self.info.n_layers)[0],)

    @property
    def default_heads(self) -> Sequence[int | str]:
        """The mean of the layer's heads."""
        return (opening_head(self.info.n_layers)[1],)

    def columns(self) -> dict[str, tuple[Any, int]]:
        """Name the columns."""
        numbers = {"scale": (np.float64, 1), "components": (np.int32, 1)}
        grid = {"grid height": (np.int32, 1), "grid width": (np.int32, 1)}
        return {**numbers, **grid, "labels": (np.int32, 0)}

    def values(self, attention: Attention, head: Head, clock: StageClock) -> dict[str, Any]:
        """Label the components."""
        distances = self.distances(attention, head, clock)
        with clock.running("persistence"):
            tree = merge_tree(distances)
        with clock.running("features"):
            labelled = labelled_components(attention, distances, tree, OBJECTS_CHOICE)
        height, width = labelled.labels.shape
        return {
            "scale": labelled.scale,
            "components": labelled.n_components,
            "grid height": height,
            "grid width": width,
            "labels": labelled.labels.ravel(),
        }


ROW_KINDS: dict[str, type[RowKind]] = {
    "features": FeatureRows,
    "vectors": VectorRows,
    "components": ComponentRows,
}
"""What a run can make, by name."""
