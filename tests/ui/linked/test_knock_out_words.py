"""Which patches the linked view knocks out of what is selected, and what it says of it."""

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis import KnockOut
from tests.harness.javascript import run_modules
from tests.harness.linked_page import TwoHeads

REGIONS = """
((data) => given.picks.map((pick) => {
  const selection = parseSelection(data, pick);
  const leader = selection && componentsAt(data.sides[0], given.step).leader;
  return regionOf(data, selection, leader);
}))(await decode(bytesOf(given.packed)))
"""
IMPORTS = {
    "data.js": "decode, componentsAt",
    "selection.js": "parseSelection",
    "knock_out_words.js": "regionOf",
}
STEP = 8_000


@pytest.fixture(scope="module")
def heads() -> TwoHeads:
    return TwoHeads()


def regions_of(heads: TwoHeads, picks: list[str]) -> list[dict]:
    given = {"picks": picks, "step": STEP, "packed": heads.data.packed}
    return run_modules(IMPORTS, REGIONS, given)


def expected(tokens) -> tuple[list[int], int]:
    tokens = np.unique(tokens)
    return (tokens[tokens > 0] - 1).tolist(), int((tokens == 0).sum())


def test_a_tokens_component_is_that_at_the_present_scale(heads):
    head = heads.topologies[0]
    tokens = head.distances.tokens
    assert tokens[0] == 0  # the class token is a point
    leaders = at.skeleton_at(head.distances, head.tree, STEP / 100_000).leaders
    said = regions_of(heads, [f"a-token-{token}" for token in tokens])
    for point, one in enumerate(said):
        patches, others = expected(tokens[leaders == leaders[point]])
        assert one == {"kind": "component", "side": 0, "patches": patches, "others": others}
    assert 1 < len({tuple(one["patches"]) for one in said}) < len(tokens)


def test_a_loop_is_the_tokens_of_its_cycle_and_a_component_what_the_bar_ends(heads):
    head = heads.topologies[0]
    tokens = head.distances.tokens
    cycles = heads.cycles[0]
    said = regions_of(heads, [f"a-h1-{row}" for row in range(len(cycles))])
    for one, cycle in zip(said, cycles, strict=True):
        patches, others = expected(tokens[np.concatenate(cycle.loops)])
        assert one == {"kind": "loop", "side": 0, "patches": patches, "others": others}
    bars = regions_of(heads, [f"a-h0-{row}" for row in range(len(head.diagrams[0]))])
    # Single linkage from scratch: what hangs on the absorbed leader before each merge.
    groups = {point: {point} for point in range(len(tokens))}
    ended = []
    for stays, goes in zip(head.tree.survivors.tolist(), head.tree.absorbed.tolist(), strict=True):
        ended.append(expected(tokens[sorted(groups[goes])])[0])
        groups[stays] |= groups.pop(goes)
    whole = expected(tokens)[0]
    assert sorted(one["patches"] for one in bars) == sorted([*ended, whole])


@pytest.mark.parametrize("pick", ["none", "pair-h1-bottleneck-0"])
def test_what_is_no_component_and_no_loop_has_no_patches(heads, pick):
    assert regions_of(heads, [pick]) == [None]


def said_of(
    known: KnockOut | None, *, busy: bool, kind: str = "component", others: int = 0
) -> dict:
    asked = known and {
        "text": known.text,
        "done": 1 + len(known.regions) + len(known.translations),
        "total": 1 + known.n_regions + known.n_translations,
    }
    given = [{"about": "", "busy": busy, "asked": asked}, {"kind": kind, "others": others}]
    return run_modules(
        {"knock_out_words.js": "knockOutWords"}, "knockOutWords(given[0], given[1])", given
    )


def known(n_regions: int, n_translations: int) -> KnockOut:
    random = np.random.default_rng(0)
    return KnockOut(12, 9, 0.5, random.random(n_regions), random.random(n_translations), 40, 40, 0)


def test_the_sentence_is_the_librarys_and_what_it_does_not_say_follows():
    whole = known(40, 40)
    said = said_of(whole, busy=False)
    assert said["counting"] == ""
    sentence, rest = said["stand"].split("\n")
    assert sentence == whole.text
    assert rest == "That is the class token's last state alone, in this photo."
    loop = said_of(whole, busy=False, kind="loop", others=1)["stand"]
    assert "Its 1 prefix token stayed. A loop's tokens are patches" in loop


def test_what_is_still_being_counted_is_apart():
    said = said_of(known(20, 0), busy=True)
    assert said["stand"] == ""
    assert said["counting"].endswith("of 20 random connected regions of its size …")
    assert "Stopped after 20 of 80." in said_of(known(20, 0), busy=False)["stand"]
    assert said_of(None, busy=True)["stand"].startswith("Nobody attends to these patches")
