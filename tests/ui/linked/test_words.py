"""What the linked view says in words: the right number, and the right form of its noun."""

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

import attntopo as at
from attntopo.figures.linked import LinkedSide, linked_data
from attntopo.figures.tokens import token_grid
from attntopo.topology import Layout
from attntopo.wording import components_text, counted, share_text
from tests.harness.javascript import run_modules
from tests.harness.linked_page import WHOLE_PHOTO


def test_counts_and_shares_are_said_as_python_says_them():
    numbers, shares = [0, 1, 2, 999, 1000, 1679], [0, 1e-9, 0.004, 0.02, 0.5, 0.994, 0.997, 1]
    said = run_modules(
        {"counts.js": "counted", "words.js": "shareText"},
        "[given[0].map(one => counted(one, 'edge')), given[1].map(shareText)]",
        [numbers, shares],
    )
    assert said == [[counted(one, "edge") for one in numbers], [share_text(one) for one in shares]]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0.0000"), (4.2e-5, "0.000042"), (9.5e-4, "0.00095"), (0.0123456, "0.0123"), (None, "∞")],
)
def test_a_length_that_is_not_0_does_not_look_like_0(value, text):
    assert run_modules({"words.js": "lengthText"}, "lengthText(given)", value) == text


def test_the_line_of_counts_at_every_step():
    """Against the graph itself, of so few tokens that each number is 1 somewhere."""
    n = 4
    attention = np.random.default_rng(1).dirichlet(np.ones(n), size=n)
    whole = at.Attention.from_arrays(attention, (1, n), 0)
    head = at.analyse(whole, 0, 0, "jensen-shannon")
    tokens = token_grid(whole, (), np.arange(n))
    layout = Layout(np.zeros((n, 3)), 1.0, 0.0)
    side = LinkedSide("four", head, tokens, WHOLE_PHOTO, layout, attention, {})
    last = 833
    lines = run_modules(
        {"data.js": "componentsAfter, decode, mergesAt", "words.js": "countsText"},
        f"(side => Array.from({{ length: {last} }}, (_, k) => "
        "countsText(side, componentsAfter(side, mergesAt(side, 100 * k)), 100 * k)))"
        "((await decode(bytesOf(given))).sides[0])",
        linked_data((side, side), {}, 0.0, 1.0).packed,
    )
    upper = head.distances.values[np.triu_indices(n, 1)]
    seen = set()
    for step, line in enumerate(lines):
        edges = int((upper <= step / 1000).sum())
        part = line.rpartition(" · ")[2]
        assert part == f"{edges} edge{'s' * (edges != 1)} ({round(100 * edges / 6)} % of pairs)"
        seen.add(edges)
    assert {0, 1} <= seen
    for step, line in enumerate(lines):
        graph = head.distances.values <= step / 1000
        n_components, labels = connected_components(graph)
        single = int((np.bincount(labels) == 1).sum())
        assert line.startswith(f"{components_text(n_components, single)} · ")
    assert not any("1 edges" in line or "1 loops" in line for line in lines)


def test_each_distance_between_diagrams_says_what_it_sums():
    names = [f"h{k}-{kind}" for k in (0, 1) for kind in ("bottleneck", "wasserstein-1")]
    names += ["h0-wasserstein-2", "h1-wasserstein-2"]
    captions = run_modules({"words.js": "matchingCaption"}, "given.map(matchingCaption)", names)
    said = dict(zip(names, captions, strict=True))
    for name, caption in said.items():
        assert ("largest step alone" in caption) == name.endswith("bottleneck")
        assert ("sum of all steps," in caption) == name.endswith("-1")
        assert ("root of the sum of all steps' squares" in caption) == name.endswith("-2")
        assert ("deaths lie above" in caption) == name.startswith("h0")
