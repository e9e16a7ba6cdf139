"""Scores of all photos -> the rows of the table, and the curves by layer and head."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from studies.objects.measure import PLACE_WEIGHTS, RULES, SCALES, middle_layer
from studies.objects.study import Scored
from studies.statistics import chosen_elsewhere, estimate_row, interval_row

Row = dict[str, Any]
Candidates = Sequence[tuple[str, tuple[int, ...]]]
"""What is chosen from: a name, and where its scores are in an array."""
OWN_SCALE = "0.9 quantile of H0 deaths"
"""The rule that all others of `RULES`, and scales, are compared with: the app's own."""
Scores = tuple[str, np.ndarray, dict[str, Any]]
"""What offers regions, the score of each object, and what else its row has."""
FEW_PHOTOS = 10
"""A set of fewer photos isn't halved: its choices are made on another set."""


class SetRows:
    """Makes the rows of one set of photos.

    Parameters
    ----------
    scored : Scored
    choices_from : Scored, optional
        What layers, heads and scales are chosen on; by default each half of the set's photos is
        scored with what was best on the other half.
    objects_recur : bool
        Whether objects of one name are the same object, in several photos: intervals are made by
        resampling the objects, too, then.
    """

    def __init__(
        self, scored: Scored, choices_from: Scored | None = None, objects_recur: bool = False
    ) -> None:
        self._scored, self._elsewhere = scored, choices_from
        self._n_layers, self._n_with_mean = scored.arrays["single"].shape[:2]
        self._objects = None
        if objects_recur:
            self._objects = np.unique(scored.object_names, return_inverse=True)[1]

    def rows(self) -> list[Row]:
        """Return all rows, in the table's order."""
        arrays, middle = self._scored.arrays, middle_layer(self._n_layers)
        trees = arrays["single"][middle, -1]
        own_scale = arrays["rules"][middle, RULES.index(OWN_SCALE)]
        return [
            self._row(scores, reference)
            for every, reference in (
                ((*self._of_trees(), *self._of_baselines()), trees),
                ((*self._of_scales(), *self._of_rules()), own_scale),
            )
            for scores in every
        ]

    def _of_trees(self) -> Iterator[Scores]:
        middle = middle_layer(self._n_layers)
        for name, what in (
            ("single", "merge tree"),
            ("average", "average linkage"),
            ("double_softmax", "merge tree of double-softmax"),
            ("untrained", "merge tree, untrained weights"),
        ):
            yield self._fixed(
                f"{what}, layer {middle}, mean of heads", name, (middle, self._n_with_mean - 1)
            )
            yield self._chosen(f"{what}, one head chosen", name, self._single_heads())
            yield self._chosen(f"{what}, one layer's mean of heads chosen", name, self._means())
        every = self._scored.arrays["single"][:, :-1]
        n_heads = every.shape[0] * every.shape[1]
        yield (
            f"merge trees of all {n_heads} heads, the best for each object "
            f"({n_heads} times as many regions)",
            every.max(axis=(0, 1)),
            {},
        )

    def _of_baselines(self) -> Iterator[Scores]:
        arrays = self._scored.arrays
        if len(arrays["embeddings"]):
            last = self._n_layers - 1
            yield self._fixed("last layer's embeddings, single linkage", "embeddings", (last,))
            layers = [(f"layer {k}", (k,)) for k in range(self._n_layers)]
            what = "one layer's embeddings chosen, single linkage"
            yield self._chosen(what, "embeddings", layers)
        weights = [(f"place weighs {w:g}", (k,)) for k, w in enumerate(PLACE_WEIGHTS)]
        yield self._chosen("colour and place, Ward, their weights chosen", "colour_place", weights)
        yield "random connected regions of the same sizes", arrays["random"], {}
        yield "mean colours, Ward", arrays["colour_ward"], {}
        yield "mean colours, single linkage", arrays["colour_single"], {}

    def _of_scales(self) -> Iterator[Scores]:
        """One scale for all photos: what someone has who leaves the scale alone."""
        middle, mean = middle_layer(self._n_layers), self._n_with_mean - 1
        scales = [f"scale {scale:.3f}" for scale in SCALES]
        of_mean = [(text, (middle, mean, k)) for k, text in enumerate(scales)]
        of_heads = [
            (f"{head}, {text}", (*place, k))
            for head, place in self._single_heads()
            for k, text in enumerate(scales)
        ]
        yield self._chosen(f"layer {middle}, mean of heads, one scale chosen", "at_scales", of_mean)
        yield self._in_hindsight(
            f"layer {middle}, mean of heads, the scale that is best in hindsight",
            "at_scales",
            of_mean,
        )
        yield self._chosen("one head and one scale chosen", "at_scales", of_heads)

    def _of_rules(self) -> Iterator[Scores]:
        middle = middle_layer(self._n_layers)
        for k, rule in enumerate(RULES):
            components = self._scored.arrays["n_components"][middle, k]
            what, scores, _ = self._fixed(
                f"layer {middle}, mean of heads, {rule}", "rules", (middle, k)
            )
            yield what, scores, {"components_of_four": float(np.median(components))}

    def _single_heads(self) -> Candidates:
        return [
            (f"({layer}, {head})", (layer, head))
            for layer in range(self._n_layers)
            for head in range(self._n_with_mean - 1)
        ]

    def _means(self) -> Candidates:
        return [(f"layer {k}", (k, self._n_with_mean - 1)) for k in range(self._n_layers)]

    def _fixed(self, what: str, name: str, place: tuple[int, ...]) -> Scores:
        return what, self._scored.arrays[name][place], {}

    def _chosen(self, what: str, name: str, candidates: Candidates) -> Scores:
        """Score with candidates chosen on other photos than those that are scored."""
        own = self._candidates(self._scored, name, candidates)
        if self._elsewhere is None:
            scores, chosen = chosen_elsewhere(own, self._scored.photos)
        else:
            other = self._candidates(self._elsewhere, name, candidates)
            chosen = [int(np.argmax(other.mean(axis=1)))]
            scores = own[chosen[0]]
        return what, scores, {"chosen": [candidates[k][0] for k in chosen]}

    def _in_hindsight(self, what: str, name: str, candidates: Candidates) -> Scores:
        own = self._candidates(self._scored, name, candidates)
        best = int(np.argmax(own.mean(axis=1)))
        return what, own[best], {"chosen": [candidates[best][0]]}

    @staticmethod
    def _candidates(scored: Scored, name: str, candidates: Candidates) -> np.ndarray:
        index = tuple(np.array([place for _, place in candidates]).T)
        return scored.arrays[name][index].astype(np.float64)

    def _row(self, row: Scores, reference: np.ndarray) -> Row:
        what, scores, others = row
        scores, reference = scores.astype(np.float64), reference.astype(np.float64)
        made = {"what": what, **estimate_row(scores, self._scored.photos), **others}
        is_reference = np.array_equal(scores, reference)
        if "low" in made and not is_reference:
            made["difference"] = interval_row(reference - scores, self._scored.photos)
        if self._objects is not None:
            made["by_object"] = interval_row(scores, self._objects)
            if "difference" in made:
                made["difference_by_object"] = interval_row(reference - scores, self._objects)
        return made


def all_rows(scored: dict[str, Scored]) -> dict[str, list[Row]]:
    """Make the rows of every set of photos.

    Parameters
    ----------
    scored : dict of str to Scored
        Of sets of fewer than `FEW_PHOTOS` photos the choices are made on the composites, where
        there are composites.

    Returns
    -------
    dict of str to list of dict
        Each row says what offers the regions, the mean and its interval, and what was chosen;
        and the `difference`, object by object, with its interval: of the merge tree of the mean of
        heads at two thirds of the depth less the row's scores, of rows at one scale the scale of
        `OWN_SCALE` less the row's. Of composites, whose objects recur, both stand there once more
        with the objects resampled in the photos' place (`by_object`, `difference_by_object`).
    """
    rows = {}
    for name, one in scored.items():
        few = len(one.photo_names) < FEW_PHOTOS and name != "composites"
        elsewhere = scored.get("composites") if few else None
        if elsewhere is None and len(one.photo_names) < 2:
            continue  # one photo has no halves
        rows[name] = SetRows(one, elsewhere, objects_recur=name == "composites").rows()
    return rows


def by_layer(scored: Scored) -> dict[str, list[float]]:
    """Average scores over objects by layer.

    Parameters
    ----------
    scored : Scored

    Returns
    -------
    dict of str to list of float
        Of the mean of heads and of single heads, of linkages, distances and weights.
    """
    arrays = scored.arrays
    untrained = arrays["untrained"]
    curves = {
        "merge tree, mean of heads": arrays["single"][:, -1],
        "merge tree, single heads' scores averaged": arrays["single"][:, :-1].mean(axis=1),
        "merge tree, the layer's best head": _best_head(arrays["single"]),
        "average linkage, mean of heads": arrays["average"][:, -1],
        "double-softmax, mean of heads": arrays["double_softmax"][:, -1],
        "untrained weights, mean of heads": untrained[:, -1],
        "untrained weights, single heads' scores averaged": untrained[:, :-1].mean(axis=1),
    }
    if len(arrays["embeddings"]):
        curves["embeddings, single linkage"] = arrays["embeddings"]
    return {
        name: [round(float(value), 4) for value in values.mean(axis=-1)]
        for name, values in curves.items()
    }


def _best_head(scores: np.ndarray) -> np.ndarray:
    """Return the scores of each layer's head with the best mean: (n_layers, n_objects)."""
    best = scores[:, :-1].mean(axis=-1).argmax(axis=1)
    return scores[np.arange(len(scores)), best]


def by_head(scored: Scored) -> dict[str, list[list[float]]]:
    """Average scores over objects by layer and head, the mean of heads last.

    Parameters
    ----------
    scored : Scored

    Returns
    -------
    dict of str to list of list of float
        Of both linkages, of double-softmax and of untrained weights.
    """
    return {
        name: [_rounded(layer) for layer in scored.arrays[name].mean(axis=-1)]
        for name in ("single", "average", "double_softmax", "untrained")
    }


def by_photo(scored: Scored) -> list[dict[str, Any]]:
    """List photos with their objects and what the mean of heads at two thirds makes of them."""
    arrays = scored.arrays
    middle = middle_layer(len(arrays["single"]))
    rule = RULES.index(OWN_SCALE)
    return [
        {
            "photo": name,
            "objects": [scored.object_names[k] for k in np.nonzero(own)[0].tolist()],
            "patches": arrays["patches"][own].tolist(),
            "best_node": _rounded(arrays["single"][middle, -1, own]),
            "at_0.9_quantile": _rounded(arrays["rules"][middle, rule][own]),
        }
        for number, name in enumerate(scored.photo_names)
        for own in [scored.photos == number]
    ]


def _rounded(values: np.ndarray) -> list[float]:
    return [round(float(value), 3) for value in values]
