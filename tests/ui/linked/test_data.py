"""What the browser makes of the data, against NumPy, SciPy and the numbers themselves."""

import itertools
from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

import attntopo as at
from attntopo.analysis import share_scale, shown_scales
from attntopo.diagrams import all_matchings, betti_curve
from attntopo.figures.linked import LinkedData, LinkedSide, linked_data
from attntopo.figures.linked_answers import answered_heat, answered_loops
from attntopo.figures.packing import packed_planes
from attntopo.figures.tokens import token_grid
from attntopo.links import parse_selection, scale_text
from attntopo.topology import Layout
from tests.harness.javascript import run_modules
from tests.harness.linked_page import GRID, N_TOKENS, WHOLE_PHOTO, TwoHeads


@pytest.fixture(scope="module")
def heads() -> TwoHeads:
    return TwoHeads()


def of_each_side(heads: TwoHeads, imports: str, expression: str, **given):
    """What an expression says of each `side`, decoded."""
    return run_modules(
        {"data.js": f"decode, {imports}"},
        f"(data => data.sides.map((side, k) => {expression}))(await decode(bytesOf(given.packed)))",
        {"packed": heads.data.packed, **given},
    )


def first_step(length: float) -> int:
    """The first step of the scale that isn't below a length, by the fractions that both are."""
    exact = Fraction(length)
    return next(
        step for step in itertools.count(int(exact * 100_000)) if Fraction(step / 100_000) >= exact
    )


def test_edges_come_in_the_order_of_their_steps(heads):
    sides = of_each_side(
        heads, "pairNumber", "[[...side.from], [...side.to], [...side.rank], [...side.edges]]"
    )
    for head, (first, second, rank, steps) in zip(heads.topologies, sides, strict=True):
        i, j = np.triu_indices(N_TOKENS, k=1)
        own = np.array([first_step(length) for length in head.distances.values[i, j].tolist()])
        order = np.lexsort((j, i, own))
        assert first == i[order].tolist()
        assert second == j[order].tolist()
        assert steps == own[order].tolist()
        assert np.array(rank)[order].tolist() == list(range(len(order)))


@cache
def of_noise(n: int, concentration: float, distance: str) -> tuple[at.HeadTopology, LinkedData]:
    """A head whose rows have no structure, with all that the browser gets of it, twice."""
    random = np.random.default_rng(0)
    attention = random.dirichlet(np.full(n, concentration), size=n)
    whole = at.Attention.from_arrays(attention, (1, n), 0)
    head = at.analyse(whole, 0, 0, distance)
    tokens = token_grid(whole, (), np.arange(n))
    layout = Layout(random.normal(size=(n, 3)), 1.0, 0.0)
    side = LinkedSide("noise", head, tokens, WHOLE_PHOTO, layout, attention, {})
    matchings = all_matchings(head.diagrams, head.diagrams)
    return head, linked_data((side, side), matchings, 0.0, 1.0)


@pytest.mark.parametrize("distance", ["jensen-shannon", "attention-graph"])
def test_every_pair_of_many_tokens_has_its_step(distance):
    """1,025 points, with steps of two bytes and of three; many pairs share one."""
    n = 1025
    head, data = of_noise(n, 0.1, distance)
    first, second, steps, rank_is_right = run_modules(
        {"data.js": "decode, edgesAt, stepOfPair"},
        "((side) => [...['from', 'to', 'edges'].map((name) => [...side[name]]), "
        "side.edges.every((step, k) => stepOfPair(side, side.from[k], side.to[k]) === step && "
        "stepOfPair(side, side.to[k], side.from[k]) === step)])"
        "((await decode(bytesOf(given))).sides[1])",
        data.packed,
    )
    assert rank_is_right
    values, grid = head.distances.values, np.arange(100_002) / 100_000
    assert np.array_equal(np.searchsorted(grid, values[first, second]), steps)
    assert (np.diff(steps) >= 0).all()
    assert max(steps) > 65_535
    assert len({*zip(first, second, strict=True)}) == n * (n - 1) // 2
    assert (np.array(first) < np.array(second)).all()


def test_two_points_are_joined_at_the_first_step_that_is_not_below_their_distance(heads):
    pairs = [[i, j] for i in range(N_TOKENS) for j in range(N_TOKENS) if i != j]
    said = of_each_side(
        heads, "stepOfPair", "given.pairs.map(([i, j]) => stepOfPair(side, i, j))", pairs=pairs
    )
    steps = np.arange(100_001) / 100_000
    for head, shown in zip(heads.topologies, said, strict=True):
        lengths = [head.distances.values[i, j] for i, j in pairs]
        assert shown == [int(np.argmax(steps >= length)) for length in lengths]


def steps_worth_trying(heads: TwoHeads) -> list[int]:
    """Thousandths, and all steps at which something happens, with the steps before and after."""
    lengths = [one.distances.values[np.triu_indices(N_TOKENS, 1)] for one in heads.topologies]
    lengths += [one.diagrams[1].ravel() for one in heads.topologies]
    happens = np.ceil(np.concatenate(lengths) * 100_000).astype(int)
    near = happens[::5, None] + np.array([-1, 0, 1])
    return sorted({*range(0, 83_300, 700), *np.maximum(near, 0).ravel().tolist()})


def test_edges_components_and_loops_are_those_of_the_graph_at_every_step(heads):
    steps = steps_worth_trying(heads)
    said = of_each_side(
        heads,
        "componentsAt, edgesAt, loopsAt, mergesAt",
        "given.steps.map((step) => (({leader, sizes}) => [[...leader], [...sizes], "
        "edgesAt(side, step), mergesAt(side, step), loopsAt(side, step)])"
        "(componentsAt(side, step)))",
        steps=steps,
    )
    for head, shown in zip(heads.topologies, said, strict=True):
        values = head.distances.values
        for step, (leaders, sizes, n_edges, n_merges, n_loops) in zip(steps, shown, strict=True):
            scale = step / 100_000
            assert n_edges == np.count_nonzero(np.triu(values <= scale, k=1))
            assert n_loops == betti_curve(head.diagrams[1], np.array([scale]))[0]
            n_components, labels = connected_components(values <= scale)
            assert n_merges == N_TOKENS - n_components
            pairs = {*zip(leaders, labels.tolist(), strict=True)}
            assert len(pairs) == n_components == len(set(leaders))  # one leader a component
            counts = np.bincount(labels)
            assert [sizes[leader] for leader in leaders] == counts[labels].tolist()


def test_of_noise_a_photo_of_1025_tokens_takes_one_and_a_half_megabytes_at_most():
    for concentration, distance in ((0.1, "jensen-shannon"), (1.0, "double-softmax")):
        _, data = of_noise(1025, concentration, distance)
        assert len(data.packed) / 2 < 1.5e6


def test_steps_without_any_order_take_18_bits_a_pair():
    """The worst that there can be: each step as likely as any other."""
    n_pairs = 1025 * 1024 // 2
    steps = np.random.default_rng(0).integers(0, 100_001, n_pairs)
    planes = packed_planes(steps)
    assert sum(len(plane.piece) for plane in planes) < 18 / 8 * n_pairs < 1.2e6


def test_equal_documents_have_the_same_key_and_others_another(heads):
    again = TwoHeads().data
    assert again.packed == heads.data.packed
    a, b = (heads.side(letter) for letter in "AB")
    renamed = linked_data((replace(a, name="other"), b), heads.matchings, 0.0, heads.largest)
    assert renamed.key != heads.data.key
    assert renamed.identity == heads.data.identity
    swapped = linked_data((b, a), heads.matchings, 0.0, heads.largest)
    assert swapped.identity != heads.data.identity


def test_answers_are_taken_by_the_heads_that_they_are_of(heads):
    """What was asked for: the cycle of a bar, and what a token attends to."""
    a, b = (replace(heads.side(letter), attention=None, cycles={}) for letter in "AB")
    data = linked_data((a, b), heads.matchings, 0.0, heads.largest)
    row, token = len(heads.cycles[1]) - 1, 7
    maps = heads.attentions[1].head(0, 0)
    answers = {
        "loops": answered_loops({row: heads.cycles[1][row]}),
        "heat": answered_heat(maps, np.arange(N_TOKENS), token),
    }
    nothing = {"loops": {}, "heat": {}}
    before, other, taken, after = run_modules(
        {"data.js": "decode, heatOf", "answer_store.js": "keepAnswers, takeAnswers"},
        """await (async () => {
          const data = await decode(bytesOf(given.packed));
          const side = data.sides[1];
          const said = () => [
            side.bars[1].map(({ loops }) => loops),
            ...["to", "by"].map((heat) => heatOf(side, given.token, heat) &&
              [...heatOf(side, given.token, heat)]),
          ];
          const before = said();
          keepAnswers({ id: "of others", sides: given.sides });
          const other = takeAnswers(data);
          keepAnswers({ id: data.id, sides: given.sides });
          return [before, other, takeAnswers(data), said()];
        })()""",
        {"packed": data.packed, "token": token, "sides": [nothing, answers]},
    )
    assert before == [[None] * (row + 1), None, None]
    assert [other, taken] == [False, True]
    loops, to, by = after
    assert loops == [None] * row + [[loop.tolist() for loop in heads.cycles[1][row].loops]]
    assert np.allclose(to, np.sqrt(maps[token] / maps[token].max()), atol=0.51 / 255)
    assert np.allclose(by, np.sqrt(maps[:, token] / maps[:, token].max()), atol=0.51 / 255)


def test_shares_are_at_the_scales_that_python_gives_them(heads):
    shares = [*range(0, 10_001, 37), 9000, 10_000]
    said = of_each_side(
        heads, "stepAtShare", "given.shares.map(share => stepAtShare(side, share))", shares=shares
    )
    for head, shown in zip(heads.topologies, said, strict=True):
        scales = [shown_scales([head.tree], share=share / 100)[0] for share in shares]
        assert [step / 100_000 for step in shown] == scales
        assert scales[-1] >= share_scale([head.tree], 100.0) == head.tree.lengths[-1]


def test_scales_are_written_as_links_write_them(heads):
    steps = [0, 1, 10, 100, 5811, 5800, 12_345, 83_300, 100_000]
    shown = run_modules(
        {"data.js": "decode", "words.js": "scaleText"},
        "((data) => given.steps.map((step) => scaleText(data, step)))"
        "(await decode(bytesOf(given.packed)))",
        {"packed": heads.data.packed, "steps": steps},
    )
    assert shown == [scale_text(step / 100_000) for step in steps]


def test_each_component_is_in_one_piece_in_the_leaves_order(heads):
    said = of_each_side(heads, "leafOrder", "leafOrder(side)")
    for head, order in zip(heads.topologies, said, strict=True):
        assert sorted(order) == list(range(N_TOKENS))
        for step in range(0, 834, 10):
            n_components, labels = connected_components(head.distances.values <= step / 1000)
            assert np.count_nonzero(np.diff(labels[order])) == n_components - 1


def test_heat_and_neighbours_are_those_of_the_attention_and_the_distances(heads):
    points = [0, 7, N_TOKENS - 1]
    said = of_each_side(
        heads,
        "heatOf, nearestPoints",
        "given.points.map(point => [['to', 'by', 'near'].map(heat => "
        "[...heatOf(side, point, heat)]), nearestPoints(side, point, 5)])",
        points=points,
    )
    for attention, head, shown in zip(heads.attentions, heads.topologies, said, strict=True):
        maps, distances = attention.head(0, 0), head.distances.values
        for point, ((to, by, near), nearest) in zip(points, shown, strict=True):
            for heat, own in ((to, maps[point]), (by, maps[:, point])):
                # Bytes of roots: half a byte is the least that can be told.
                roots = np.sqrt(own / own.max())
                scale = np.sqrt(maps.max() / own.max())
                assert np.allclose(heat, roots, atol=scale / 255)
            steps = [first_step(length) for length in distances[point].tolist()]
            order = np.argsort(steps, kind="stable")  # within a step, in the order of tokens
            assert nearest == order[1:6].tolist()
            assert np.argsort(near)[::-1].tolist() == order.tolist()
            assert near[point] == 1


def test_tokens_have_the_names_and_cells_that_python_gives_them(heads):
    said = of_each_side(
        heads,
        "cellOf, nameOf, tokenOf",
        "Array.from({length: side.n}, (_, point) => "
        "[tokenOf(side, point), cellOf(side, point), nameOf(side, point)])",
    )
    for shown in said:
        assert shown[0] == [0, None, "class token"]
        for point, (token, cell, name) in enumerate(shown[1:], start=1):
            row, column = divmod(point - 1, GRID[1])
            assert [token, cell] == [point, [row, column]]
            assert name == f"token {point} (row {row}, column {column})"


def test_places_and_colours_arrive_as_they_were(heads):
    said = of_each_side(heads, "decode as _", "[[...side.positions], [...side.means]]")
    for attention, (positions, means) in zip(heads.attentions, said, strict=True):
        assert len(positions) == 3 * N_TOKENS
        patches = attention.input_pixels[::14, ::14].reshape(-1, 3)  # each of one colour
        assert means[3:] == patches.ravel().tolist()
    for head, (positions, _) in zip(heads.topologies, said, strict=True):
        expected = at.distance_layout(head.distances).positions
        assert np.allclose(positions, expected.ravel(), atol=1e-6)


SELECTIONS = [
    "none",
    "a-token-0",
    "b-token-45",
    "a-token-46",
    "c-token-1",
    "a-h0-0",
    "b-h1-1",
    "a-h1-999",
    "a-h2-0",
    "pair-h0-bottleneck-0",
    "pair-h1-wasserstein-2-1",
    "pair-h1-wasserstein-3-1",
    "pair-h1-bottleneck-999",
    "pair-h1-bottleneck-",
    "a-token-1 ",
    "",
]


def test_selections_are_read_as_python_reads_them(heads):
    shown = run_modules(
        {"data.js": "decode", "selection.js": "parseSelection"},
        "((data) => given.selections.map((one) => parseSelection(data, one)))"
        "(await decode(bytesOf(given.packed)))",
        {"packed": heads.data.packed, "selections": SELECTIONS},
    )
    for text, selection in zip(SELECTIONS, shown, strict=True):
        expected = parse_selection(text)
        assert (selection is not None) == (expected is not None and heads.data.has(text)), text
        if selection is None:
            continue
        assert [selection["kind"], selection["text"]] == [expected.kind, text]
        if expected.kind == "token":
            assert selection["point"] == expected.number
        else:
            assert selection["dimension"] == expected.dimension
            assert selection["number"] == expected.number
        if expected.kind == "pair":
            pairs = heads.matchings[expected.matching].pairs
            assert selection["bars"] == pairs[expected.number].tolist()
        else:
            assert "ab"[selection["side"]] == expected.side


def test_a_bar_of_dimension_0_marks_the_two_components_that_its_death_joins(heads):
    shown = run_modules(
        {"data.js": "decode", "selection.js": "marksOf, parseSelection"},
        "(data => data.sides.map((side, k) => side.bars[0].map((_, number) => "
        "marksOf(data, parseSelection(data, `${'ab'[k]}-h0-${number}`), k))))"
        "(await decode(bytesOf(given)))",
        heads.data.packed,
    )
    for head, marked in zip(heads.topologies, shown, strict=True):
        values = head.distances.values
        for (_, death), marks in zip(head.diagrams[0], marked, strict=True):
            if np.isinf(death):
                assert marks == {"groups": [list(range(N_TOKENS))], "edges": []}
                continue
            ((i, j),) = marks["edges"]
            assert values[i, j] == death
            _, before = connected_components(values < death)
            groups = [np.nonzero(before == before[point])[0].tolist() for point in (i, j)]
            assert sorted(marks["groups"]) == sorted(groups)
            assert groups[0] != groups[1]
