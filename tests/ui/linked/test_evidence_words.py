"""What the selection box says of a bar's evidence, against the library's own words."""

import re

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis import (
    FEWER_THAN_FOUR,
    LONGER_THAN,
    NEVER_ABSORBED,
    EvidenceError,
    NullDraws,
    component_life,
)
from attntopo.figures.linked_evidence import ranked
from tests.harness.javascript import run_modules
from tests.harness.linked_page import TwoHeads


@pytest.fixture(scope="module")
def heads() -> TwoHeads:
    return TwoHeads()


def draws(null: str, count: int) -> NullDraws:
    random = np.random.default_rng(count)
    return NullDraws.of({draw: tuple(random.uniform(0, 0.2, 2)) for draw in range(count)}, null, 0)


def evidence_of(head: at.HeadTopology, *counts: int, busy: bool = False) -> dict:
    nulls = [draws(null, count) for null, count in zip(at.NULLS, counts, strict=False)]
    side = {"busy": busy, "done": sum(counts), "total": 60, "note": "", "about": ""}
    return {
        "sides": [side | {"nulls": ranked(head, nulls)}],
        "seed": 0,
        "each": 20,
        "longer": LONGER_THAN,
        "small": FEWER_THAN_FOUR,
        "whole": NEVER_ABSORBED,
    }


def words_of(evidence: dict, kind: str, number: int, name: str) -> dict[str, str]:
    subject = {"kind": kind, "side": 0, "number": number, "name": name}
    return run_modules(
        {"evidence_words.js": "rankWords"}, "rankWords(given[0], given[1])", [evidence, subject]
    )


def test_a_loop_is_ranked_in_the_librarys_words_strictest_first(heads):
    head = heads.topologies[0]
    said = words_of(evidence_of(head, 20, 20, 20), "loop", 0, "This loop")
    birth, death = head.diagrams[1][0]
    lines = said["stand"].split("\n")
    for line, null in zip(lines, at.NULLS, strict=False):
        text = draws(null, 20).rank_loop(death - birth).text
        assert line.partition(" (")[0].rstrip(".;").removeprefix("This loop is ") in text
        assert f" of 20 {at.NULLS[null].matrices}" in line
    assert lines[0].startswith("This loop is longer than the longest loop in ")
    assert lines[0].endswith(
        " (by chance a head's longest loop reaches 20 of 20 in 1 head of 21, in more of those that "
        "you try; seed 0);"
    )
    assert len(lines) == 3
    assert said["counting"] == ""


def test_what_is_still_being_counted_is_apart(heads):
    head = heads.topologies[0]
    said = words_of(evidence_of(head, 20, 7, busy=True), "loop", 0, "This loop")
    assert said["stand"].count("\n") == 1
    assert "of 20" in said["stand"]
    assert " of 7 " in said["counting"]
    assert said["counting"].endswith(" …")
    said = words_of(evidence_of(head, 20, 7), "loop", 0, "This loop")
    assert " of 7 " in said["stand"]
    assert said["stand"].endswith("Stopped after 27 of 60 draws.")
    assert said["counting"] == ""
    said = words_of(evidence_of(head, busy=True), "loop", 0, "This loop")
    assert said["stand"].startswith("Drawing attention")


@pytest.mark.parametrize("counts", [(20, 20, 20), ()])
def test_each_component_is_ranked_or_says_why_not(heads, counts):
    head = heads.topologies[0]
    evidence = evidence_of(head, *counts)
    said = run_modules(
        {"data.js": "decode", "evidence_words.js": "unranked"},
        "((data, {evidence}) => Array.from({length: data.sides[0].n}, (_, number) =>"
        " unranked(data.sides[0], {kind: 'component', number}, evidence, 0)))"
        "(await decode(bytesOf(given.packed)), given)",
        {"packed": heads.data.packed, "evidence": evidence},
    )
    reasons = {why for why in said if why}
    for point, why in enumerate(said):
        if why:
            with pytest.raises(EvidenceError, match=re.escape(why)):
                component_life(head.tree, point)
            continue
        life = component_life(head.tree, point)
        if counts:
            words = words_of(evidence, "component", point, "Its component")["stand"]
            text = draws("spectrum", 20).rank_component(life).text
            assert words.startswith(f"Its component is {text} (by chance ")
    assert reasons == {FEWER_THAN_FOUR, NEVER_ABSORBED}


def test_a_bar_says_its_certificate_and_a_loop_its_universal_p(heads):
    head = heads.topologies[0]
    said = run_modules(
        {"data.js": "decode", "evidence_words.js": "certaintyWords"},
        "(({sides: [side]}) => [0, 1].map((dimension) => side.bars[dimension].map((_, number) =>"
        " certaintyWords(side, {dimension, number}))))(await decode(bytesOf(given)))",
        heads.data.packed,
    )
    for dimension, of_bars in enumerate(said):
        points = head.diagrams[dimension]
        for words, (birth, death) in zip(of_bars, points, strict=True):
            if np.isinf(death):
                assert words == ""
                continue
            radius = float(words.split("no distance changes by ")[1].split(",")[0])
            assert radius == pytest.approx((death - birth) / 2, abs=6e-5)
    corrected = at.universal_p(head.diagrams[1])
    for words, p in zip(said[1], corrected, strict=True):
        said_p = words.partition("= ")[2].partition(". ")[0]
        assert float(said_p) == pytest.approx(p, rel=0.06)
        assert f" × {len(corrected)} bars = " in words
    assert not any("Universal" in words for words in said[0])
