"""Loops of all photos -> rows: own loops beside those of other photos, steps, and nulls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from attntopo.analysis import heads_by_chance
from studies.kept import Arrays
from studies.loops.measure import NO_RANK
from studies.statistics import chosen_elsewhere, estimate_row, halves, interval_row

Row = dict[str, Any]
HALF = 0.5
"""A loop runs round an object if it does so round at least this share of it."""
SIGNIFICANT = 0.05
Score = Callable[[np.ndarray, np.ndarray], np.ndarray]


def object_rows(
    photos: list[Arrays],
    middle: int,
    choices_from: list[Arrays] | None = None,
    names: list[str] | None = None,
) -> list[Row]:
    """Compare the loops of objects' own photos with those of other photos.

    Parameters
    ----------
    photos : list of dict
        As `measure` returns them, of one model and one patch grid; those without objects have
        loops alone.
    middle : int
        The layer whose mean of heads is looked at.
    choices_from : list of dict, optional
        The photos that a head is chosen on; by default each half of the photos is scored with what
        was best on the other half.
    names : list of str, optional
        Of each object that was measured, photo after photo, where objects recur in photos.

    Returns
    -------
    list of dict
        Each row says `what`; the mean and interval of the object's own photo's loops; the same of
        all other photos' loops (`others`); and of the `difference`, object by object; where
        objects recur, that once more with the objects resampled in the photos' place
        (`difference_by_object`).
    """
    rows: list[Row] = []
    recurring = None if names is None else np.unique(names, return_inverse=True)[1]
    for score, field, words in (
        (_any_round, "inside", "one of the five longest loops runs round the object"),
        (_longest_round, "inside", "the longest loop runs round the object"),
        (_best_iou, "filled", "best IoU of what the five longest loops run round"),
    ):
        elsewhere = _Compared(choices_from, score, field) if choices_from else None
        rows += _rows_of(_Compared(photos, score, field, recurring), middle, words, elsewhere)
    best = _Compared(photos, _best_of_heads, "filled", recurring)
    n_heads = photos[0]["universal"].size
    what = f"all {n_heads} heads, the best for each object: {words}"
    return [*rows, best.row(what, best.own, best.others)]


class _Compared:
    """Scores of objects with their own photo's loops, and on average with each other photo's.

    Of both, `own` and `others`, the last axis has the objects; `of_photo` has their photos, and
    `recurring` says which of them are the same one in other places.
    """

    def __init__(
        self, photos: list[Arrays], score: Score, field: str, recurring: np.ndarray | None = None
    ) -> None:
        self.recurring = recurring
        self.of_photo = np.repeat(np.arange(len(photos)), [len(one["kept"]) for one in photos])
        objects = np.concatenate([one["objects"] for one in photos]).astype(np.float32)
        total: Any = 0.0
        for number, one in enumerate(photos):
            loops = np.unpackbits(one[field], axis=-1, count=objects.shape[1])
            scores = score(loops.astype(np.float32), objects).astype(np.float64)
            if number == 0:
                self.own = np.empty_like(scores)
            mine = self.of_photo == number
            self.own[..., mine] = scores[..., mine]
            total = total + scores
        self.others = (total - self.own) / (len(photos) - 1)

    def row(self, what: str, own: np.ndarray, others: np.ndarray) -> Row:
        """Make a row of the scores of some head, or of some heads."""
        made = {
            "what": what,
            **estimate_row(own, self.of_photo),
            "others": interval_row(others, self.of_photo),
            "difference": interval_row(own - others, self.of_photo),
        }
        if self.recurring is not None:
            made["difference_by_object"] = interval_row(own - others, self.recurring)
        return made


def _rows_of(
    compared: _Compared, middle: int, words: str, elsewhere: _Compared | None
) -> Iterator[Row]:
    """Make the rows of one score, by layer and head, the mean of heads last."""
    own, others, of_photo = compared.own, compared.others, compared.of_photo
    what = f"layer {middle}, mean of heads: {words}"
    yield compared.row(what, own[middle, -1], others[middle, -1])
    n_heads = own.shape[1] - 1
    single = [_single(own), _single(others)]
    if elsewhere is None:
        _, chosen = chosen_elsewhere(single[0] - single[1], of_photo)
        first = halves(of_photo)
        # What was best on one half is scored on the other.
        picked = [np.where(first, each[chosen[1]], each[chosen[0]]) for each in single]
    else:
        gain = _single(elsewhere.own) - _single(elsewhere.others)
        chosen = [int(gain.mean(axis=1).argmax())]
        picked = [each[chosen[0]] for each in single]
    names = [f"({k // n_heads}, {k % n_heads})" for k in chosen]
    yield compared.row(f"one head chosen: {words}", *picked) | {"chosen": names}
    every = [each.mean(axis=0) for each in single]
    yield compared.row(f"mean over all heads: {words}", *every)


def _single(scores: np.ndarray) -> np.ndarray:
    """Return the scores of single heads: (n_heads, n_objects)."""
    return scores[:, :-1].reshape(-1, scores.shape[-1])


def _any_round(loops: np.ndarray, objects: np.ndarray) -> np.ndarray:
    return np.any(_round(loops, objects), axis=-2)


def _longest_round(loops: np.ndarray, objects: np.ndarray) -> np.ndarray:
    return _round(loops, objects)[..., 0, :]


def _round(loops: np.ndarray, objects: np.ndarray) -> np.ndarray:
    """Say which loops (..., n_loops, n_places) run round which objects: (..., n_objects)."""
    return np.asarray(loops @ objects.T >= HALF * objects.sum(axis=1))


def _best_iou(loops: np.ndarray, objects: np.ndarray) -> np.ndarray:
    shared = loops @ objects.T
    union = loops.sum(axis=-1)[..., None] + objects.sum(axis=1) - shared
    return (shared / union).max(axis=-2)


def _best_of_heads(loops: np.ndarray, objects: np.ndarray) -> np.ndarray:
    return _best_iou(loops[:, :-1], objects).max(axis=(0, 1))


def step_rows(photos: list[Arrays], middle: int) -> list[Row]:
    """Say how many of the longest loops' steps join patches that touch, and how long loops are.

    Parameters
    ----------
    photos : list of dict
        As `measure` returns them.
    middle : int

    Returns
    -------
    list of dict
        Of the five longest loops of each head; photos are what is resampled.
    """
    numbers = np.arange(len(photos))
    rows = []
    for field, words in (
        ("touching", "share of a loop's steps between patches that touch"),
        ("tokens", "tokens of a loop"),
    ):
        for what, place in (
            (f"layer {middle}, mean of heads", np.s_[middle, -1]),
            ("mean over all heads", np.s_[:, :-1]),
        ):
            means = [one[field][place][one["tokens"][place] > 0].mean() for one in photos]
            rows.append({"what": f"{what}: {words}", **estimate_row(np.array(means), numbers)})
    return rows


def null_rows(ranks: dict[str, dict[str, Arrays]], n_draws: int) -> list[Row]:
    """Count the heads whose longest loop, or component, beats all draws of a null.

    Parameters
    ----------
    ranks : dict of str to dict of str to dict
        By null and photo: `loop` and `component`, how many draws are beaten, by layer and head.
    n_draws : int

    Returns
    -------
    list of dict
        A row for each null and kind: the heads of each photo that beat all draws, how many could
        be ranked, and how many of those would by chance.
    """
    rows = []
    for null, by_photo in ranks.items():
        for kind in ("loop", "component"):
            beaten = {name: one[kind] for name, one in by_photo.items()}
            ranked = [int((one != NO_RANK).sum()) for one in beaten.values()]
            heads = [int((one == n_draws).sum()) for one in beaten.values()]
            rows.append(
                {
                    "null": null,
                    "kind": kind,
                    "photos": list(beaten),
                    "heads": heads,
                    "ranked": ranked,
                    "n_draws": n_draws,
                    "by_chance": round(heads_by_chance(sum(ranked), n_draws) / len(ranked), 2),
                    "beaten": [one.tolist() for one in beaten.values()],
                }
            )
    return rows


def universal_row(photos: list[Arrays]) -> Row:
    """Count the heads with a loop that is significant under the universal null.

    Parameters
    ----------
    photos : list of dict
        As `measure` returns them.

    Returns
    -------
    dict
        The mean over photos of how many single heads have one, with an interval; how many there
        are, and how many would have one by chance, at most.
    """
    counts = np.array([(one["universal"] <= SIGNIFICANT).sum() for one in photos])
    n_heads = photos[0]["universal"].size
    return {
        "what": "heads with a loop that is significant under the universal null",
        **estimate_row(counts, np.arange(len(photos))),
        "n_heads": n_heads,
        "by_chance": round(SIGNIFICANT * n_heads, 2),
        "heads": counts.tolist(),
    }
