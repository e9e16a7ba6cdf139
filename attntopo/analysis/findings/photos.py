"""Published results of the study of photos -> a section: telling photos apart."""

from attntopo.analysis.findings.sentences import (
    REFERENCES,
    Estimates,
    Results,
    Row,
    Section,
    Table,
    interval,
    interval_text,
    joined,
    model_label,
    number_text,
    row_of,
    verdict,
)
from attntopo.wording import counted

_ALL_HEADS, _MEAN = "all heads", "mean of heads"


def _is_diagram(row: Row) -> bool:
    return row["what"].startswith(("H0", "H1", "merge scales"))


def _shares(words: str, rows: list[Row]) -> str:
    """Name the best and the worst of some measures."""
    best, worst = (choose(rows, key=lambda row: row["mean"]) for choose in (max, min))
    if best["mean"] == worst["mean"]:
        return f"**{words}**: {_share_text(best)}."
    return (
        f"**{words}**: from {_share_text(worst)} ({worst['what']}) to {_share_text(best)} "
        f"({best['what']})."
    )


def _against_pixels(words: str, rows: list[Row]) -> str:
    """Count the measures that are better than pixels, worse, and not told apart from them."""
    better, worse = len(_better(rows)), len(_worse(rows))
    alike = len(rows) - better - worse
    return (
        f"of {counted(len(rows), 'measure')} by {words}, {better} are better, {worse} worse and "
        f"{alike} not told apart"
    )


def _better(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["difference"]["low"] > 0]


def _worse(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["difference"]["high"] < 0]


def _title(one_head: list[Row], all_heads: list[Row]) -> str:
    """Say which diagrams do better than pixels, and how all heads' stand to the class token.

    Most measures of a kind must do better: of several, one in 20 is told apart by chance alone.
    """
    alone, together = (2 * len(_better(rows)) > len(rows) for rows in (one_head, all_heads))
    token = _from_class_token(all_heads)
    beside = f" ({token} the class token)" if token else ""
    what = _what_of(all_heads)
    if together:
        ones = (
            f"of {counted(len(one_head), 'measure')} of one head or a layer mean "
            f"{len(_better(one_head))} are better, {len(_worse(one_head))} worse"
        )
        return f"All heads' {what} find altered copies better than pixels{beside}; {ones}"
    if alone:
        return (
            "One head's or a layer mean's diagrams find altered copies better than pixels, "
            f"all heads' {what} not measurably"
        )
    return "Diagrams don't find altered copies measurably better than pixels"


def _what_of(rows: list[Row]) -> str:
    """Say of what measures are: of both diagrams, or of components alone."""
    of_components = all(row["what"].startswith(("H0", "merge scales")) for row in rows)
    return "components (H0)" if of_components else "diagrams"


def _from_class_token(all_heads: list[Row]) -> str:
    """Say how the best of all heads stands to the class token; nothing where there is none."""
    best = max(all_heads, key=lambda row: row["mean"])
    return verdict(best["from_class_token"]) if "from_class_token" in best else ""


def _against_class_token(rows: list[Row], all_heads: list[Row]) -> str:
    """Say how the best of all heads stands against the class token, where there is one."""
    token, how = row_of(rows, REFERENCES["from_class_token"]), _from_class_token(all_heads)
    if token is None or not how:
        return ""
    best = max(all_heads, key=lambda row: row["mean"])
    return (
        f" The best is {how} the class token's last state ({_share_text(token)}): a difference of "
        f"{_difference_text(best['from_class_token'])}."
    )


def _share_text(row: Row) -> str:
    """Write a share with its interval; as a count where all are right, or none.

    Resampling makes no spread then, and an interval of no width would look like certainty.
    """
    if row["low"] < row["high"]:
        return interval_text(row)
    right = round(row["mean"] * row["n_versions"])
    return f"{right} of {row['n_versions']}, {counted(row['n_photos'], 'photo')}"


def _difference_text(difference: Row) -> str:
    """Write a difference; without an interval where it is the same for every photo."""
    if difference["low"] < difference["high"]:
        return interval_text(difference)
    return f"{number_text(difference['mean'])} for every photo"


def _bare_dots(rows: list[Row]) -> str:
    """Say what a dot without an interval means, where there is one."""
    all_right = any(row["low"] == row["high"] == 1 for row in rows)
    return "; a dot without a bar: all are right" if all_right else ""


def _missed_words(pixels: Row, altered: list[str]) -> str:
    """Say which copies pixels miss: the easy ones are no test."""
    missed = [name for name, share in zip(altered, pixels["by_version"], strict=True) if share < 1]
    return (
        f" Pixels miss copies by {joined(missed)} alone." if 0 < len(missed) < len(altered) else ""
    )


def _table(rows: list[Row], n_versions: int) -> Table:
    has_token = all("from_class_token" in row for row in rows)
    head = ["told apart by", "nearest original", "less pixels"]
    head += ["less the class token"] if has_token else []
    lines = []
    for row in rows:
        among_all = {**row["among_all"], "n_photos": row["n_photos"]}
        among_all["n_versions"] = row["n_photos"] * n_versions
        cells = (
            "itself" if row["what"] == itself else _difference_text(row[name])
            for name, itself in REFERENCES.items()
            if name in row
        )
        lines.append((row["what"], _share_text(row), *cells, _share_text(among_all)))
    return ((*head, "nearest of all versions"), *lines)


def photos_section(results: Results) -> Section:
    """Say whether diagrams tell photos apart, beside trivial baselines and the class token."""
    name, rows = model_label(results), results["rows"]["samples"]
    settings = results["settings"]
    all_heads = [row for row in rows if _is_diagram(row) and _ALL_HEADS in row["what"]]
    one_head = [row for row in rows if _is_diagram(row) and _ALL_HEADS not in row["what"]]
    title = _title(one_head, all_heads)
    groups = {
        "one head's diagrams": [row for row in one_head if _MEAN not in row["what"]],
        "a layer's mean of heads": [row for row in one_head if _MEAN in row["what"]],
        f"all heads' {_what_of(all_heads)}": all_heads,
    }
    groups = {what: of_it for what, of_it in groups.items() if of_it}
    against = [_against_pixels(what, of_it) for what, of_it in groups.items()]
    shares = [_shares(f"By {what}", of_it) for what, of_it in groups.items()]
    words = [
        f"{counted(rows[0]['n_photos'], 'photo')}, each altered in "
        f"{len(settings['versions']) - 1} ways ({', '.join(settings['versions'][1:])}): the share "
        "of altered versions whose nearest original is their own. By chance it is "
        f"{settings['by_chance']:.2f}. In the table's last column the nearest is sought among all "
        f"versions of all photos; by chance {settings['by_chance_among_all']:.2f}.",
        _shares("Without diagrams", [row for row in rows if not _is_diagram(row)]),
        *shares[:-1],
        shares[-1] + _against_class_token(rows, all_heads),
        f"Held against pixels, version by version: {'; '.join(against)}."
        + _missed_words(rows[0], settings["versions"][1:]),
    ]
    figure = Estimates(
        f"Telling photos apart: {name}",
        f"share whose nearest original is their own; the line: by chance{_bare_dots(rows)}",
        tuple(row["what"] for row in rows),
        {"sample photos": tuple(interval(row) for row in rows)},
        chance=settings["by_chance"],
    )
    table = _table(rows, len(settings["versions"]))
    return Section(f"{title}: {name}", tuple(words), (figure,), table)
