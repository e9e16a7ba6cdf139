"""Results of the study of objects -> sections: components, and components at one scale."""

from attntopo.analysis.findings_text import (
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
    interval,
    interval_text,
    joined,
    model_label,
    row_of,
    size_text,
    title_of,
    verdict,
)

_FEW = 10  # photos, below which an interval says little
_IOU = "best IoU with an object, mean over objects"
_BY_LAYER = {
    "merge tree, mean of heads": "trained, mean of heads",
    "merge tree, single heads' scores averaged": "trained, single heads averaged",
    "untrained weights, mean of heads": "untrained, mean of heads",
}


def main_row(results: Results, rows: list[Row]) -> Row:
    """Return the row that no choice went into: the mean of heads at two thirds of the depth."""
    what = f"merge tree, {_mean(results)}"
    row = row_of(rows, what)
    if row is None:
        raise ValueError(f"These results of the study of objects have no row {what!r}.")
    return row


def _mean(results: Results) -> str:
    return f"layer {results['settings']['middle_layer']}, mean of heads"


def _chance(results: Results) -> dict[str, str]:
    """Return what components must be better than to follow objects: a row's name, and words."""
    return {
        f"merge tree, untrained weights, {_mean(results)}": "untrained weights",
        "random connected regions of the same sizes": "random connected regions",
    }


def _others(results: Results) -> dict[str, str]:
    """Return all that components are held against."""
    return _chance(results) | {
        "mean colours, Ward": "mean colours (Ward)",
        "colour and place, Ward, their weights chosen": "colour and place (Ward)",
        "last layer's embeddings, single linkage": "the last layer's embeddings",
        "merge tree, one head chosen": "one head chosen on other photos",
        f"average linkage, {_mean(results)}": "average linkage",
    }


def verdicts(main: Row, rows: list[Row], names: dict[str, str]) -> dict[str, list[str]]:
    """Sort rows by how one stands against them.

    Parameters
    ----------
    main : dict
    rows : list of dict
    names : dict of str to str
        Of the rows it is held against, with words for each; those that aren't there are left out.

    Returns
    -------
    dict of str to list of str
        By verdict, the words and the mean of each.
    """
    by_verdict: dict[str, list[str]] = {BETTER: [], ALIKE: [], WORSE: []}
    for what, words in names.items():
        other = row_of(rows, what)
        if other is not None:
            by_verdict[verdict(main, other)].append(f"{words} ({other['mean']:.2f})")
    return by_verdict


def told(main: Row, rows: list[Row], names: dict[str, str]) -> str:
    """Write `verdicts` as words: `0.84 [0.81, 0.87]; better than … and …`."""
    stands = [
        f"{how} {joined(others)}" for how, others in verdicts(main, rows, names).items() if others
    ]
    few = " So few photos say little." if main["n_photos"] < _FEW else ""
    return f"{'; '.join([interval_text(main), *stands])}.{few}"


def alike(results: Results, rows: list[Row]) -> list[str]:
    """Return what components aren't told apart from, in words."""
    return verdicts(main_row(results, rows), rows, _others(results))[ALIKE]


def components_section(results: Results) -> Section:
    """Say whether components follow objects, against all that they are held against."""
    rows_of, name = results["rows"], model_label(results)
    holds = all(
        verdict(main_row(results, rows), other) == BETTER
        for rows in rows_of.values()
        for what in _chance(results)
        if (other := row_of(rows, what)) is not None
    )
    words = [
        "The score is the best intersection over union (IoU) of any node of the merge tree with "
        f"an outlined object. Taken is the mean of the heads of layer "
        f"{results['settings']['middle_layer']}, at two thirds of the depth: fixed beforehand, "
        "not chosen on these photos."
    ]
    for key, rows in rows_of.items():
        main = main_row(results, rows)
        words.append(
            f"**{title_of(key)}** ({size_text(main)}): {told(main, rows, _others(results))}"
        )
    names = {f"merge tree, {_mean(results)}": "components", **_others(results)}
    by_layer = results["by_layer"]["composites"]
    curves = {
        words_: tuple(by_layer[what]) for what, words_ in _BY_LAYER.items() if what in by_layer
    }
    figures = (
        _estimates(f"Components and objects: {name}", rows_of, names),
        Curves(f"By layer, on composites: {name}", _IOU, curves),
    )
    verb = "follow" if holds else "don't always follow"
    return Section(
        f"Components {verb} objects: {name}", tuple(words), figures, _table(rows_of, names)
    )


def scales_section(results: Results) -> Section:
    """Say what is left of it at one scale, and which rule chooses it best."""
    mean, name = _mean(results), model_label(results)
    own = f"{mean}, 0.9 quantile of H0 deaths"
    others = {
        f"{mean}, one scale chosen": "one scale for all chosen on other photos",
        "one head and one scale chosen": "one head and one scale chosen on other photos",
        f"{mean}, components by lifetime, 3 tokens at least (no scale)": "components by lifetime",
        f"{mean}, most components of four and more": "most components of four and more",
        f"{mean}, widest gap between merges": "widest gap between merges",
    }
    quantiles = {
        f"{mean}, {quantile} quantile of H0 deaths": f"its {quantile} quantile"
        for quantile in ("0.95", "0.85", "0.8")
    }
    names = {own: "each photo's 0.9 quantile", **quantiles, **others}
    words = [
        "A page shows the components of one scale, not all nodes of the tree, and their best IoU "
        f"is lower. Taken is the {mean.partition(', ')[2]} of {mean.partition(', ')[0]}; each "
        "photo's own scale is where nine of ten of its merges have happened, their 0.9 quantile."
    ]
    fixed, worse = f"{mean}, one scale chosen", False
    for key, rows in results["rows"].items():
        main, other = row_of(rows, own), row_of(rows, fixed)
        if main is not None:
            words.append(f"**{title_of(key)}**: {told(main, rows, others)}")
            worse |= other is not None and verdict(main, other) == WORSE
    how = "worse than" if worse else "no worse than"
    return Section(
        f"Each photo's own scale is {how} one for all: {name}",
        tuple(words),
        (_estimates(f"Components at one scale: {name}", results["rows"], names),),
        _table(results["rows"], names),
    )


def _estimates(title: str, rows_of: dict[str, list[Row]], names: dict[str, str]) -> Estimates:
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


def _table(rows_of: dict[str, list[Row]], names: dict[str, str]) -> Table:
    """Make a table of some rows of all sets."""
    lines = [
        (words, *("" if row is None else interval_text(row) for row in of_sets))
        for what, words in names.items()
        for of_sets in [[row_of(rows, what) for rows in rows_of.values()]]
        if any(of_sets)
    ]
    return (("", *(SETS[key] for key in rows_of)), *lines)
