"""Results of the study of objects -> a section: what is left of components at one scale."""

from attntopo.analysis.findings.components import (
    estimates_of,
    main_row,
    mean_of_heads,
    n_composed,
    recurrence_words,
    table_of,
    told,
)
from attntopo.analysis.findings.sentences import (
    Results,
    Row,
    Section,
    has_interval,
    interval_text,
    model_label,
    number_text,
    row_of,
    title_of,
    verdict,
)


def scales_section(results: Results) -> Section:
    """Say what is left of it at one scale, and which rule chooses it best."""
    mean, name = mean_of_heads(results), model_label(results)
    own = f"{mean}, 0.9 quantile of H0 deaths"
    fixed, best = f"{mean}, one scale chosen", "one head and one scale chosen"
    others = {
        fixed: "one scale for all chosen on other photos",
        best: "one head and one scale chosen on other photos",
        f"{mean}, components by lifetime, 3 tokens at least (no scale)": "components by lifetime",
        f"{mean}, most components of four and more": "most components of four and more",
        f"{mean}, widest gap between merges": "widest gap between merges",
    }
    quantiles = {
        f"{mean}, {quantile} quantile of H0 deaths": f"its {quantile} quantile"
        for quantile in ("0.95", "0.85", "0.8")
    }
    others = quantiles | others
    names = {own: "each photo's 0.9 quantile", **others}
    composites = results["rows"]["composites"]
    words = [_one_scale_words(results, row_of(composites, own), row_of(composites, fixed))]
    for key, rows in results["rows"].items():
        main = row_of(rows, own)
        if main is not None:
            words.append(f"**{title_of(key)}**: {told(main, rows, others)}")
            if has_interval(main.get("by_object", {})):
                words.append(recurrence_words(main, rows, others, n_composed(results)))
    stands = [
        f"{how} {words_}"
        for what, words_ in ((fixed, "one for all"), (best, "one head and scale chosen elsewhere"))
        if (row := row_of(composites, what)) is not None
        for how in [verdict(row["difference"])]
    ]
    return Section(
        f"On composites, each photo's own scale is {' and is '.join(stands)}: {name}",
        tuple(words),
        (estimates_of(f"Components at one scale: {name}", results["rows"], names),),
        table_of(results["rows"], names, "0.9 quantile"),
    )


def _one_scale_words(results: Results, own: Row | None, fixed: Row | None) -> str:
    """Say how much less of objects one scale shows, and what can't be ruled out of its choice."""
    tree = main_row(results, results["rows"]["composites"])
    words = [
        "A page shows the components of one scale, not all nodes of the tree, and their best IoU "
        f"is lower. Taken is the mean of heads of layer {results['settings']['middle_layer']}; "
        "each photo's own scale is where nine of ten of its merges have happened, their 0.9 "
        "quantile, which the same pilot suggested. In the app that is % merged at 90, with patches "
        "alone as points; the scale that it opens on, one for both photos together, wasn't "
        "measured."
    ]
    if own is not None:
        words.append(
            f"On composites the tree's best node has {number_text(tree['mean'])}, the best "
            f"component at that scale {number_text(own['mean'])}."
        )
    if fixed is not None:
        difference = fixed["difference"]
        # Composites reuse objects: the interval with those resampled may reach further.
        by_object = fixed.get("difference_by_object") or difference
        lowest = min(difference["low"], by_object["low"])
        loss = (
            f": a loss of up to {number_text(-lowest)}, photos or objects resampled, isn't ruled "
            "out"
            if difference["low"] < 0 < difference["high"]
            else ""
        )
        words.append(
            "The difference from one scale for all, of the same heads, is "
            f"{interval_text(difference)}{loss}."
        )
    return " ".join(words)
