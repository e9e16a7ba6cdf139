"""Published results of the study of loops -> sections: loops and objects, loops and nulls."""

from attntopo.analysis.findings.components import main_row, n_composed
from attntopo.analysis.findings.sentences import (
    ALIKE,
    BETTER,
    SETS,
    WORSE,
    Estimates,
    Interval,
    Results,
    Row,
    Section,
    Table,
    difference_verdict,
    few_photos_words,
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
from attntopo.wording import counted, share_text

_FITS = 0.5
"""The IoU from which a region counts as a find of an object, as in Pascal VOC."""
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
    words = []
    if loop is not None and tree is not None:
        words.append(
            f"What the best of the five longest loops runs round, its own patches included, has an "
            f"IoU of {interval_text(loop)} with a composite's object; the best node of the same "
            f"head's merge tree {interval_text(tree)}. Loops of other photos, which know nothing "
            f"of the object, reach {interval_text(loop['others'])}, a difference of "
            f"{interval_text(loop['difference'])}. From {_FITS} on a region usually counts as a "
            "find of an object."
        )
        drawn = row_of(of_objects, "random connected regions of the same sizes")
        if drawn is not None:
            words.append(
                "A merge tree offers many more regions than five loops: as many random connected "
                f"ones, of the same sizes, reach {interval_text(drawn)}."
            )
    for key, rows in results["rows"].items():
        words.append(
            f"**{title_of(key)}** ({size_text(rows[0])}): {_own_loops(rows)}.{_own_iou(rows, iou)}"
            f"{few_photos_words(rows[0]['n_photos'])}"
        )
    steps = {row["what"]: row for row in results["steps"]}
    touch = steps[f"{mean}: share of a loop's steps between patches that touch"]
    tokens = steps[f"{mean}: tokens of a loop"]
    touching = share_text(touch["mean"])
    by_chance = share_text(results["settings"]["touching_by_chance"])
    words.append(
        f"On average a loop of the mean of layer {layer}'s heads has {tokens['mean']:.0f} tokens, "
        f"and {touching} of its steps join patches that touch ({by_chance} of all pairs do): it "
        "closes in attention's space, and need not in the "
        "picture."
    )
    if of_model and all("difference_by_object" in row for row in composites):
        words.insert(-1, _with_objects_resampled(composites, n_composed(of_model[0])))
    round_ = row_of(composites, f"{mean}: one of the five longest loops runs round the object")
    title = "Loops and objects" if not loop or not round_ else _loops_title(loop, round_)
    return Section(
        f"{title}: {name}",
        tuple(words),
        tuple(_loops_figure(name, key, rows) for key, rows in results["rows"].items()),
        _loops_table(results["rows"]),
    )


def _loops_title(loop: Row, round_: Row) -> str:
    """Say how own loops stand to other photos' loops, and whether they fit objects well."""
    how = {
        BETTER: "overlap objects more than other photos' loops do",
        ALIKE: "aren't told apart from other photos' loops in overlapping objects",
        WORSE: "overlap objects less than other photos' loops do",
    }[verdict(loop["difference"])]
    scores = f"IoU {number_text(loop['mean'])} against {number_text(loop['others']['mean'])}"
    fit = ", and outline them" if loop["mean"] >= _FITS else ", but outline them poorly"
    runs = {
        BETTER: "run round them more often",
        ALIKE: "aren't told apart in running round them",
        WORSE: "run round them less often",
    }[verdict(round_["difference"])] + f" ({round_['what'].partition(':')[0]})"
    return f"On composites, loops {how} ({scores}){fit} and {runs}"


def _with_objects_resampled(rows: list[Row], n_objects: int) -> str:
    """Say which verdicts would be others if recurring objects were resampled, not photos."""
    others = [
        f"“{row['what']}” would be another ({interval_text(row['difference_by_object'])})"
        for row in rows
        if verdict(row["difference"]) != verdict(row["difference_by_object"])
    ]
    then = f"the verdict on {joined(others)}" if others else "no verdict changes"
    return (
        f"Composites reuse {n_objects} objects. With those resampled in the composites' place, "
        f"{then}."
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


def _own_iou(rows: list[Row], what: str) -> str:
    """Say how well own loops fit objects, beside loops of other photos."""
    row = row_of(rows, what)
    if row is None:
        return ""
    told = difference_verdict(row["difference"], "better", "worse")
    return (
        f" Their best IoU, {what.partition(':')[0]}: {number_text(row['mean'])} against "
        f"{number_text(row['others']['mean'])}, a difference of "
        f"{interval_text(row['difference'])}, {told}."
    )


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
    lives = [row for row in rows if row["kind"] == "component"]
    photos = counted(len(strictest["photos"]), "photo")
    title = (
        f"Loops beat all {strictest['n_draws']} draws of the strictest null in "
        f"{_range_text(strictest['heads'])} of {max(strictest['ranked'])} heads, and none of them "
        f"in {_range_text(_beats_none(strictest))} ({photos}; "
        f"{strictest['by_chance']:.1f} of each expected by chance)"
    )
    words = [
        "A null keeps some properties of a head's attention and draws the rest at random. Counted "
        f"are the heads whose longest loop is longer than in all of {strictest['n_draws']} draws, "
        "and those in which it is longer than in none of them: by chance "
        f"{strictest['by_chance']:.1f} of {max(strictest['ranked'])} would be of each kind. "
        "Where they are many more, the null probably lacks something of the head; a few more may "
        "be chance. The second kind says that a head's loops are shorter than such attention "
        f"makes them. The {photos} were picked by hand, and "
        "heads of one photo aren't independent, so there is no interval.",
        *(f"**{_NULLS[row['null']].capitalize()}**: {_heads_text(row)}." for row in loops),
        "The longest-lived component against the same nulls: "
        + "; ".join(f"{_NULLS[row['null']]}: {_heads_text(row)}" for row in lives)
        + ".",
        _universal_words(results["universal"]),
    ]
    return Section(f"{title}: {name}", tuple(words), (_nulls_figure(name, [*loops, *lives]),))


def _nulls_figure(name: str, rows: list[Row]) -> Estimates:
    strictest = rows[0]
    return Estimates(
        f"Heads beyond all draws of a null: {name}",
        f"heads of {max(strictest['ranked'])}; the line: by chance",
        tuple(
            f"{row['kind']}, {which}: {_NULLS[row['null']]}"
            for row in rows
            for which in ("beats all", "beats none")
        ),
        {
            photo: tuple(
                Interval(*[float(heads[k])] * 3)
                for row in rows
                for heads in (row["heads"], _beats_none(row))
            )
            for k, photo in enumerate(strictest["photos"])
        },
        (0.0, float(max(strictest["ranked"]))),
        strictest["by_chance"],
    )


def _beats_none(row: Row) -> list[int]:
    """Count the heads of each photo whose longest bar is longer than in none of the draws."""
    return [sum(layer.count(0) for layer in photo) for photo in row["beaten"]]


def _range_text(numbers: list[int]) -> str:
    fewest, most = min(numbers), max(numbers)
    return f"{fewest}" if fewest == most else f"{fewest} to {most}"


def _heads_text(row: Row) -> str:
    """Write in how many heads of each photo all draws are beaten, and in how many none."""
    of_photos = zip(row["photos"], row["heads"], strict=True)
    most = joined([f"{heads} ({photo})" for photo, heads in of_photos])
    ranked = joined([str(n) for n in dict.fromkeys(row["ranked"])])
    none = joined([str(n) for n in _beats_none(row)])
    return f"longer than in all draws in {most} of {ranked} heads, than in none in {none}"


def _universal_words(universal: Row) -> str:
    """Say how many heads have a significant loop under the universal null, beside chance."""
    chance = universal["by_chance"]
    if universal["low"] > chance:
        how = f"more than chance gives, at most {number_text(chance)}"
    elif universal["high"] <= chance:
        how = (
            f"below {number_text(chance)}, the most that chance may give. How many chance gives "
            "isn't known, and may be far fewer, as the correction is cautious: this neither shows "
            "loops beyond chance nor rules them out"
        )
    else:
        how = f"not told apart from the most that chance may give, {number_text(chance)}"
    return (
        "Under the universal null of Bobrowski and Skraba, corrected by Bonferroni in each head, "
        f"{interval_text(universal)} of "
        f"{universal['n_heads']} heads have a significant loop, over "
        f"{counted(universal['n_photos'], 'photo')}: {how}."
    )
