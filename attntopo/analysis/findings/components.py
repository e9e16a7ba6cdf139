"""Results of the study of objects -> a section: components and objects."""

from attntopo.analysis.findings.sentences import (
    ALIKE,
    BETTER,
    SETS,
    WORSE,
    Curves,
    Estimates,
    Results,
    Row,
    Section,
    Table,
    few_photos_words,
    has_interval,
    interval,
    interval_text,
    joined,
    model_label,
    number_text,
    row_of,
    size_text,
    title_of,
    verdict,
)

_IOU = "best IoU with an object, mean over objects"
_RIVALS = {
    "mean colours, Ward": "colours",
    "colour and place, Ward, their weights chosen": "colour and place",
    "last layer's embeddings, single linkage": "embeddings",
}
"""What components are held against in a title, beside chance: without attention, and short."""
_BY_LAYER = {
    "merge tree, mean of heads": "trained, mean of heads",
    "merge tree, single heads' scores averaged": "trained, single heads averaged",
    "untrained weights, mean of heads": "untrained, mean of heads",
}


def main_row(results: Results, rows: list[Row]) -> Row:
    """Return the row that no choice went into: the mean of heads at two thirds of the depth."""
    what = f"merge tree, {mean_of_heads(results)}"
    row = row_of(rows, what)
    if row is None:
        raise ValueError(f"These results of the study of objects have no row {what!r}.")
    return row


def mean_of_heads(results: Results) -> str:
    """Return what rows of the mean of heads at two thirds of the depth begin with."""
    return f"layer {results['settings']['middle_layer']}, mean of heads"


def _chance(results: Results) -> dict[str, str]:
    """Return what overlaps objects by chance: a row's name, and words."""
    return {
        f"merge tree, untrained weights, {mean_of_heads(results)}": "untrained weights",
        "random connected regions of the same sizes": "random connected regions",
    }


def _others(results: Results) -> dict[str, str]:
    """Return all that components are held against."""
    return _chance(results) | {
        "mean colours, Ward": "mean colours (Ward)",
        "colour and place, Ward, their weights chosen": "colour and place (Ward)",
        "last layer's embeddings, single linkage": "the last layer's embeddings",
        "one layer's embeddings chosen, single linkage": "one layer's embeddings chosen on other "
        "photos",
        "merge tree, one head chosen": "one head chosen on other photos",
        f"average linkage, {mean_of_heads(results)}": "average linkage",
    }


def verdicts(rows: list[Row], names: dict[str, str]) -> dict[str, list[str]]:
    """Sort rows by how what they are held against stands to them, by paired differences.

    Parameters
    ----------
    rows : list of dict
    names : dict of str to str
        Of the rows, with words for each; those that aren't there are left out, and those without
        an interval of the difference.

    Returns
    -------
    dict of str to list of str
        By verdict, the words and the mean of each.
    """
    by_verdict: dict[str, list[str]] = {BETTER: [], ALIKE: [], WORSE: []}
    for what, words in names.items():
        other = row_of(rows, what)
        if other is not None and has_interval(other.get("difference", {})):
            by_verdict[verdict(other["difference"])].append(
                f"{words} ({number_text(other['mean'])})"
            )
    return by_verdict


def told(main: Row, rows: list[Row], names: dict[str, str]) -> str:
    """Write `verdicts` as words: `0.84 [0.81, 0.87]; better than … and …`."""
    if not has_interval(main):
        return f"{interval_text(main)} by photo; too few photos for an interval or a verdict."
    stands = [f"{how} {joined(others)}" for how, others in verdicts(rows, names).items() if others]
    return f"{'; '.join([interval_text(main), *stands])}.{few_photos_words(main['n_photos'])}"


def alike(results: Results, rows: list[Row]) -> list[str]:
    """Return what components aren't told apart from, in words."""
    return verdicts(rows, _others(results))[ALIKE]


def recurrence_words(main: Row, rows: list[Row], names: dict[str, str], n_objects: int) -> str:
    """Say what intervals and verdicts become when recurring objects are resampled, not photos."""
    low, high = main["by_object"]["low"], main["by_object"]["high"]
    wider = (high - low) / (main["high"] - main["low"])
    changed = [
        words
        for what, words in names.items()
        if (row := row_of(rows, what)) is not None
        and "difference_by_object" in row
        and verdict(row["difference"]) != verdict(row["difference_by_object"])
    ]
    verdicts_then = (
        f"the verdicts on {joined(changed)} would be others" if changed else "no verdict changes"
    )
    return (
        f"Composites reuse {n_objects} objects. With those resampled in the composites' place it "
        f"is {interval_text(main['by_object'])}, {wider:.1f} times as wide, and {verdicts_then}."
    )


def n_composed(results: Results) -> int:
    """Count the objects that composites are made of."""
    return len({name for one in results["photos"]["composites"] for name in one["objects"]})


def components_section(results: Results) -> Section:
    """Say whether components overlap objects more than chance, and than what else does."""
    rows_of, name = results["rows"], model_label(results)
    layer, others = results["settings"]["middle_layer"], _others(results)
    words = [
        "The score is the best intersection over union (IoU) of any node of the merge tree with "
        f"an outlined object. Taken is the mean of the heads of layer {layer}, at two thirds of "
        "the depth, not chosen in this study: an earlier pilot, on similar and partly perhaps the "
        "same photos, suggested that depth."
    ]
    for key, rows in rows_of.items():
        main = main_row(results, rows)
        words.append(f"**{title_of(key)}** ({size_text(main)}): {told(main, rows, others)}")
        if has_interval(main.get("by_object", {})):
            words.append(recurrence_words(main, rows, others, n_composed(results)))
    names = {f"merge tree, {mean_of_heads(results)}": "components", **others}
    by_layer = results["by_layer"]["composites"]
    curves = {
        words_: tuple(by_layer[what]) for what, words_ in _BY_LAYER.items() if what in by_layer
    }
    figures = (
        estimates_of(f"Components and objects: {name}", rows_of, names),
        Curves(f"By layer, on composites: {name}", _IOU, curves),
    )
    return Section(
        f"{_components_title(results)}: {name}",
        tuple(words),
        figures,
        table_of(rows_of, names, "components"),
    )


def _components_title(results: Results) -> str:
    """Say how components of composites stand to chance, and to the best of what has no attention.

    Composites alone: of the other sets there are too few photos for a verdict in a title.
    """
    rows = results["rows"]["composites"]
    told_apart = {
        verdict(row["difference"])
        for what in _chance(results)
        if (row := row_of(rows, what)) is not None
    }
    if WORSE in told_apart:
        title = "On composites, components overlap objects less than chance"
    elif ALIKE in told_apart:
        title = "On composites, components don't overlap objects measurably more than chance"
    else:
        title = "On composites, components overlap objects more than chance"
    rivals = {what: row for what in _RIVALS if (row := row_of(rows, what)) is not None}
    if not rivals:
        return title
    best = max(rivals, key=lambda what: rivals[what]["mean"])
    how = {
        BETTER: "and more than",
        ALIKE: "but not measurably more than",
        WORSE: "and less than",
    }[verdict(rivals[best]["difference"])]
    return f"{title}, {how} {_RIVALS[best]}"


def estimates_of(title: str, rows_of: dict[str, list[Row]], names: dict[str, str]) -> Estimates:
    """Describe a figure of some rows of all sets."""
    there = [what for what in names if any(row_of(rows, what) for rows in rows_of.values())]
    return Estimates(
        title,
        _IOU,
        tuple(names[what] for what in there),
        {
            SETS[key]: tuple(
                None if (row := row_of(rows, what)) is None else interval(row) for what in there
            )
            for key, rows in rows_of.items()
        },
    )


def table_of(rows_of: dict[str, list[Row]], names: dict[str, str], less: str) -> Table:
    """Make a table of some rows of all sets, with paired differences where photos are enough.

    `less` says what they are differences of: such as `components`, less the row's.
    """
    paired = {
        key: any(has_interval(row.get("difference", {})) for row in rows)
        for key, rows in rows_of.items()
    }
    head = [""]
    for key in rows_of:
        head += [SETS[key], f"{less} less it, {SETS[key]}"] if paired[key] else [SETS[key]]
    lines = []
    for what, words in names.items():
        cells = [words]
        for key, rows in rows_of.items():
            row = row_of(rows, what) or {}
            cells.append(interval_text(row) if row else "")
            if paired[key]:
                difference = row.get("difference")
                cells.append("" if difference is None else interval_text(difference))
        if any(cells[1:]):
            lines.append(tuple(cells))
    return (tuple(head), *lines)
