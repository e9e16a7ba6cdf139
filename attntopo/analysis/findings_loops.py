"""Published results of the study of loops -> sections: loops and objects, loops and nulls."""

from attntopo.analysis.findings_objects import main_row
from attntopo.analysis.findings_text import (
    SETS,
    WORSE,
    Estimates,
    Results,
    Row,
    Section,
    Table,
    difference_verdict,
    interval,
    interval_text,
    model_label,
    row_of,
    size_text,
    title_of,
    verdict,
)
from attntopo.wording import counted, share_text

_SCORES = {
    "one of the five longest loops runs round the object": "one of five runs round",
    "the longest loop runs round the object": "the longest runs round",
    "best IoU of what the five longest loops run round": "best IoU of five",
}
_NULLS = {
    "spectrum": "as smooth (the strictest)",
    "profile": "same profile and sinks",
    "shuffled": "rows shuffled",
}


def loops_section(results: Results, objects: list[Results]) -> Section:
    """Say whether loops run round objects, beside loops of other photos and beside components."""
    layer, name = results["settings"]["middle_layer"], model_label(results)
    mean = f"layer {layer}, mean of heads"
    iou = f"{mean}: best IoU of what the five longest loops run round"
    composites = results["rows"]["composites"]
    loop = row_of(composites, iou)
    of_model = [one for one in objects if one["settings"]["model"] == results["settings"]["model"]]
    of_objects = of_model[0]["rows"]["composites"] if of_model else []
    tree = main_row(of_model[0], of_objects) if of_model else None
    poor = loop is not None and tree is not None and verdict(loop, tree) == WORSE
    words = []
    if loop is not None and tree is not None:
        words.append(
            f"What the best of the five longest loops runs round, its own patches included, has an "
            f"IoU of {interval_text(loop)} with a composite's object; the best node of the same "
            f"head's merge tree {interval_text(tree)}. Loops of other photos, which know nothing "
            f"of the object, reach {interval_text(loop['others'])}."
        )
        drawn = row_of(of_objects, "random connected regions of the same sizes")
        if drawn is not None:
            words.append(
                "A merge tree offers many more regions than five loops: as many random connected "
                f"ones, of the same sizes, reach {interval_text(drawn)}."
            )
    for key, rows in results["rows"].items():
        words.append(f"**{title_of(key)}** ({size_text(rows[0])}): {_own_loops(rows)}.")
    steps = {row["what"]: row for row in results["steps"]}
    touch = steps[f"{mean}: share of a loop's steps between patches that touch"]
    tokens = steps[f"{mean}: tokens of a loop"]
    touching = share_text(touch["mean"])
    by_chance = share_text(results["settings"]["touching_by_chance"])
    words.append(
        f"A loop has {tokens['mean']:.0f} tokens, and {touching} of its steps join patches that "
        f"touch ({by_chance} of all pairs do): it closes in attention's space, and need not in the "
        "picture."
    )
    title = "Loops don't outline objects" if poor else "Loops outline objects"
    return Section(
        f"{title}: {name}",
        tuple(words),
        tuple(_loops_figure(name, key, rows) for key, rows in results["rows"].items()),
        _loops_table(results["rows"]),
    )


def _own_loops(rows: list[Row]) -> str:
    """Say how often own loops run round objects, and loops of other photos."""
    said = []
    for row in rows:
        what, _, score = row["what"].partition(": ")
        if score.startswith("one of the five"):
            told = difference_verdict(row["difference"], "more often", "less often")
            said.append(
                f"{what} {row['mean']:.2f} against {row['others']['mean']:.2f}, a difference of "
                f"{interval_text(row['difference'])}, {told}"
            )
    return "one of the five longest loops runs round the object: " + "; ".join(said)


def _loops_figure(name: str, key: str, rows: list[Row]) -> Estimates:
    return Estimates(
        f"Loops and objects, {SETS[key]}: {name}",
        "share of objects, or IoU",
        tuple(_short(row["what"]) for row in rows),
        {
            "own photo's loops": tuple(interval(row) for row in rows),
            "other photos' loops": tuple(interval(row["others"]) for row in rows),
        },
    )


def _short(what: str) -> str:
    """Write a row's name so that a figure has room for it: the score first."""
    heads, _, score = what.partition(": ")
    return f"{_SCORES.get(score, score)}: {heads}"


def _loops_table(rows_of: dict[str, list[Row]]) -> Table:
    head = ("", "own photo's loops", "other photos' loops", "difference")
    lines = [
        (
            f"{SETS[key]}, {row['what']}",
            *(interval_text(one) for one in (row, row["others"], row["difference"])),
        )
        for key, rows in rows_of.items()
        for row in rows
    ]
    return (head, *lines)


def nulls_section(results: Results) -> Section:
    """Say in how many heads the longest loop is longer than those of each null."""
    name = model_label(results)
    rows = results["nulls"]
    loops = [row for row in rows if row["kind"] == "loop"]
    strictest = loops[0]
    heads = sum(strictest["heads"]) / len(strictest["heads"])
    title = (
        f"Loops beat the strictest null in {heads:.0f} of {max(strictest['ranked'])} heads, by "
        f"chance in {strictest['by_chance']:.0f}"
    )
    words = [
        "A null keeps some properties of a head's attention and draws the rest at random. Counted "
        f"are the heads whose longest loop is longer than in all of {strictest['n_draws']} draws; "
        f"by chance {strictest['by_chance']:.1f} of {max(strictest['ranked'])} would be."
    ]
    words += [f"**{_NULLS[row['null']].capitalize()}**: {_heads_text(row)}." for row in loops]
    lives = [row for row in rows if row["kind"] == "component"]
    words.append(
        "The longest-lived component against the same nulls: "
        + "; ".join(f"{_NULLS[row['null']]} {_heads_text(row)}" for row in lives)
        + "."
    )
    universal = results["universal"]
    words.append(
        "Under the universal null of Bobrowski and Skraba, corrected by Bonferroni, "
        f"{universal['mean']:.1f} [{universal['low']:.1f}, {universal['high']:.1f}] of "
        f"{universal['n_heads']} heads have a significant loop, over "
        f"{counted(universal['n_photos'], 'photo')}; by chance at most "
        f"{universal['by_chance']:.1f} would."
    )
    figure = Estimates(
        f"Heads that beat all draws of a null: {name}",
        f"heads of {max(strictest['ranked'])}; the line: by chance",
        tuple(f"{row['kind']}: {_NULLS[row['null']]}" for row in (*loops, *lives)),
        {
            photo: tuple(
                interval(dict.fromkeys(("mean", "low", "high"), float(row["heads"][k])))
                for row in (*loops, *lives)
            )
            for k, photo in enumerate(strictest["photos"])
        },
        (0.0, float(max(strictest["ranked"]))),
        strictest["by_chance"],
    )
    return Section(f"{title}: {name}", tuple(words), (figure,))


def _heads_text(row: Row) -> str:
    return ", ".join(
        f"{heads} of {ranked} ({photo})"
        for photo, heads, ranked in zip(row["photos"], row["heads"], row["ranked"], strict=True)
    )
