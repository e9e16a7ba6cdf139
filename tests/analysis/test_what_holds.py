"""What the studies found, in words: titles and verdicts follow the numbers."""

import copy
import re

import pytest

from attntopo.analysis import Curves, Estimates, all_findings, findings_sections
from attntopo.analysis.findings_text import BETTER, WORSE, interval_text, joined, verdict


@pytest.fixture
def findings():
    return copy.deepcopy(all_findings())


def texts(section) -> str:
    return " ".join(section.paragraphs)


def titled(sections, words: str):
    (section,) = [each for each in sections if words in each.title]
    return section


def test_two_results_are_told_apart_where_intervals_dont_overlap():
    low, high = ({"mean": m, "low": m - 0.1, "high": m + 0.1} for m in (0.3, 0.6))
    assert verdict(high, low) == BETTER
    assert verdict(low, high) == WORSE
    between = {"mean": 0.45, "low": 0.35, "high": 0.55}
    assert {verdict(between, low), verdict(between, high)} == {"not told apart from"}
    assert joined(["a"]) == "a"
    assert joined(["a", "b", "c"]) == "a, b and c"


def test_components_come_first_then_loops_then_photos(findings):
    titles = [each.title for each in findings_sections(findings)]
    places = [
        next(k for k, title in enumerate(titles) if re.search(words, title))
        for words in ("^Components", "scale", "^Loops", "null", "photos apart", "told apart", "How")
    ]
    assert places == sorted(places)


def test_untrained_weights_as_good_as_trained_change_the_verdict(findings):
    (rows, *_) = (one["rows"]["composites"] for one in findings["objects"])
    by_name = {row["what"]: row for row in rows}
    first = findings_sections({"objects": findings["objects"][:1]})
    assert first[0].title.startswith("Components follow objects")
    main = by_name["merge tree, layer 8, mean of heads"]
    assert interval_text(main) in texts(first[0])
    untrained = by_name["merge tree, untrained weights, layer 8, mean of heads"]
    untrained.update({name: main[name] for name in ("mean", "low", "high")})
    section = findings_sections({"objects": findings["objects"][:1]})[0]
    assert section.title.startswith("Components don't always follow objects")
    composites = next(text for text in section.paragraphs if text.startswith("**Composites"))
    assert "untrained weights" in composites.partition("not told apart from")[2]
    assert "untrained weights" not in composites.partition("not told apart from")[0]


def test_each_model_has_sections_of_its_own(findings):
    other = copy.deepcopy(findings["objects"][0])
    other["settings"]["model"] = "somebody/another"
    titles = [
        each.title for each in findings_sections({"objects": [findings["objects"][0], other]})
    ]
    assert sum(title.startswith("Components follow objects") for title in titles) == 2
    assert any("somebody/another" in title for title in titles)


def test_one_scale_that_is_better_for_all_changes_the_verdict(findings):
    one = findings["objects"][0]
    assert "no worse than" in titled(findings_sections({"objects": [one]}), "own scale").title
    for row in one["rows"]["composites"]:
        if row["what"].endswith("one scale chosen"):
            row.update(mean=0.9, low=0.88, high=0.92)
    assert "is worse than" in titled(findings_sections({"objects": [one]}), "own scale").title


def test_loops_as_good_as_components_change_the_verdict(findings):
    sections = findings_sections(findings)
    section = titled(sections, "outline")
    assert section.title.startswith("Loops don't outline objects")
    rows = findings["loops"][0]["rows"]["composites"]
    for row in rows:
        assert any(interval_text(row["difference"]) in line for line in section.table)
        if (
            row["what"]
            == "layer 8, mean of heads: best IoU of what the five longest loops run round"
        ):
            row.update(mean=0.84, low=0.8, high=0.88)
        row["difference"].update(mean=-0.2, low=-0.3, high=-0.1)
    section = titled(findings_sections(findings), "outline")
    assert section.title.startswith("Loops outline objects")
    assert "less often" in texts(section)
    assert "more often" not in next(t for t in section.paragraphs if t.startswith("**Composites"))


def test_nulls_say_what_chance_would_do(findings):
    row = findings["loops"][0]["nulls"][0]
    section = titled(findings_sections(findings), "null")
    for photo, heads, ranked in zip(row["photos"], row["heads"], row["ranked"], strict=True):
        assert f"{heads} of {ranked} ({photo})" in texts(section)
    assert f"by chance {row['by_chance']:.1f}" in texts(section)
    row["heads"] = [70, 72, 71]
    title = titled(findings_sections(findings), "null").title
    assert title.startswith("Loops beat the strictest null in 71 of 72 heads, by chance in 3")


def test_what_tells_photos_apart_better_than_pixels_makes_the_title(findings):
    rows = findings["photos"][0]["rows"]["samples"]
    one_head = next(row for row in rows if row["what"].startswith("H1"))
    all_heads = [row for row in rows if "all heads" in row["what"]]

    def title(alone: bool, together: bool) -> str:
        worse = {"mean": -0.2, "low": -0.3, "high": -0.1}
        better = {"mean": 0.2, "low": 0.1, "high": 0.3}
        for row in rows:
            row["difference"] = dict(worse)
        one_head["difference"] = dict(better if alone else worse)
        for row in all_heads:
            row["difference"] = dict(better if together else worse)
        section = titled(findings_sections(findings), "photos apart")
        counts = (
            f"by one head's diagrams, {int(alone)} are better",
            f"by the diagrams of all heads, {2 * together} are better",
        )
        assert all(words in texts(section) for words in counts)
        return section.title.partition(":")[0]

    neither, one, every, both = (
        title(*chosen) for chosen in ((False, False), (True, False), (False, True), (True, True))
    )
    assert neither == "Diagrams don't tell photos apart better than pixels"
    assert one == "Some single heads' diagrams tell photos apart better than pixels"
    assert every.endswith("those of all heads do")
    assert both == "Diagrams tell photos apart better than pixels"


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
