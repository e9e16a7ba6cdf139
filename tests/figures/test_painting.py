"""What is selected, on photos and in words, as the linked view shows it."""

import numpy as np
import pytest

import attntopo as at
from attntopo.diagrams import all_matchings
from attntopo.figures.marks import MarkedSide, marks_of, selection_words
from attntopo.figures.painting import WholePhoto, painted_photo
from attntopo.figures.palette import rgb_colour
from attntopo.figures.tokens import token_grid
from attntopo.links import parse_selection
from attntopo.topology.skeleton import SINGLE, skeleton_at

SCALE = 0.2


@pytest.fixture(scope="module")
def sides(coffee, astronaut) -> tuple[MarkedSide, MarkedSide]:
    return side_of(coffee, "all"), side_of(astronaut, "all")


def side_of(attention: at.Attention, tokens: str) -> MarkedSide:
    topology = at.analyse(attention, 9, 5, "jensen-shannon", tokens)
    points = topology.distances.tokens
    grid = token_grid(attention, ("class token",), points)
    cycles = at.representative_cycles(topology.distances, topology.diagrams)
    return MarkedSide(topology, grid, attention.head(9, 5), cycles)


@pytest.fixture(scope="module")
def matchings(sides):
    return all_matchings(*(side.topology.diagrams for side in sides))


def shown(text: str, sides, matchings, heat: str = "to"):
    selection = parse_selection(text)
    marks = marks_of(selection, sides, matchings, heat)
    return marks, selection_words(selection, sides, marks, matchings, heat)


@pytest.mark.parametrize("tokens", ["all", "patches"])
def test_a_tokens_heat_is_where_it_looks(coffee, tokens):
    """In the browser: roots of shares, over the largest; see `heatOf` in data.js."""
    side = side_of(coffee, tokens)
    attention, first = coffee.head(9, 5), int(side.topology.distances.tokens[0])
    n, distances = len(side.topology.distances.tokens), side.topology.distances.values
    point = 120 - first
    for heat, share in {
        "to": lambda k: attention[120, k + first],
        "by": lambda k: attention[k + first, 120],
    }.items():
        (marks, other), words = shown("a-token-120", (side, side), {}, heat)
        largest = max(share(k) for k in range(n))
        expected = [np.sqrt(share(k) / largest) for k in range(n)]
        assert np.allclose(marks.heat, expected)
        assert other is None
        assert "Selected in A: token 120: row 7, column 7; yellow is" in words
    (marks, _), _ = shown("a-token-120", (side, side), {}, "near")
    pairs = sorted((distances[i, j], i, j) for i in range(n) for j in range(i + 1, n))
    rank = {frozenset(pair): k for k, (_, *pair) in enumerate(pairs)}
    near = [
        1 if k == point else (1 - rank[frozenset((k, point))] / len(pairs)) ** 3 for k in range(n)
    ]
    assert np.allclose(marks.heat, near)
    nearest = sorted((k for k in range(n) if k != point), key=lambda k: rank[frozenset((k, point))])
    assert list(marks.neighbours) == nearest[:5]


@pytest.mark.parametrize("number", [0, 130, 250, 255])
def test_a_components_groups_are_those_that_its_edge_joins(sides, matchings, number):
    distances, bars = sides[1].topology.distances.values, sides[1].topology.diagrams[0]
    (other, marks), words = shown(f"b-h0-{number}", sides, matchings)
    assert other is None
    ((i, j),) = marks.edges
    assert distances[i, j] == bars[number, 1]
    for start, group in zip((i, j) if i in marks.groups[0] else (j, i), marks.groups, strict=True):
        reached, edge = {start}, [start]  # by edges before this one in the order of all
        while edge:
            point = edge.pop()
            for k in range(len(distances)):
                before = (distances[point, k], *sorted((point, k))) < (distances[i, j], i, j)
                if before and k not in reached:
                    reached.add(k)
                    edge.append(k)
        assert sorted(reached) == group.tolist()
    assert f"({len(marks.groups[0])} orange, {len(marks.groups[1])} blue)" in words


def test_loops_and_pairs(sides, matchings):
    (marks, _), words = shown("a-h1-44", sides, matchings)
    cycle = sides[0].cycles[44]
    assert [loop.tolist() for loop in marks.loops] == [loop.tolist() for loop in cycle.loops]
    assert marks.edges == (tuple(cycle.edges[-1].tolist()),)
    birth, death = sides[0].topology.diagrams[1][44]
    assert f"the H1 bar {birth:.4f} to {death:.4f}. The black edge closes the pink ring" in words
    pairs = matchings["h1-bottleneck"].pairs
    for number in range(0, len(pairs), 9):
        marks, words = shown(f"pair-h1-bottleneck-{number}", sides, matchings)
        bars = [one.bar[1] if one else -1 for one in marks]
        assert bars == pairs[number].tolist()
        assert ("has no partner" in words) == (-1 in bars)


def test_what_is_not_there_marks_nothing(sides, matchings):
    for text in ("none", "a-token-257", "b-h1-99999", "a-h0-257", "pair-h1-bottleneck-9999"):
        assert shown(text, sides, matchings) == ((None, None), "")
    (marks, _), words = shown("a-h0-256", sides, matchings)
    assert marks.groups[0].tolist() == list(range(257))
    assert "All tokens are one component in the end" in words


def test_paint_is_the_colour_of_the_component_over_grey(sides):
    """On a photo of one red, where the mix is a line of arithmetic; see photo_paint.js."""
    side = sides[0]
    red = np.full((224, 224, 3), (200, 30, 30), dtype=np.uint8)
    maps = np.full((1, 1, 257, 257), 1 / 257)
    on_red = at.Attention.from_arrays(maps, (16, 16), 1, red)
    tokens = token_grid(on_red, ("class token",), side.topology.distances.tokens)
    skeleton = skeleton_at(side.topology.distances, side.topology.tree, SCALE)
    picture = painted_photo(tokens, skeleton, opacity=0.5, longest=640)
    assert picture.size == (640, 640)
    pixels = np.asarray(picture, dtype=float)[20::40, 20::40].reshape(-1, 3)
    grey = 0.299 * 200 + 0.587 * 30 + 0.114 * 30
    leaders = skeleton.leaders.tolist()
    largest = max(sorted(set(leaders)), key=leaders.count)  # it is painted lightly
    for point in range(1, 257):
        number = skeleton.colours[point]
        share = 0.5 * (0.4 if leaders[point] == largest else 1)
        under = (1 - 1.6 * share) * np.array([200, 30, 30]) + 1.6 * share * grey
        mixed = (1 - share) * under + share * rgb_colour(number)
        mixed = [200, 30, 30] if number == SINGLE else mixed
        assert np.abs(pixels[point - 1] - mixed).max() <= 1.5, point
    marks, _ = shown("a-token-120", (side, side), {})
    hot = np.asarray(painted_photo(tokens, skeleton, marks[0], longest=640), dtype=float)
    for point in set(range(1, 257)) - {120, *marks[0].neighbours}:
        row, column = divmod(point - 1, 16)
        share = 0.85 * marks[0].heat[point]
        mixed = (1 - share) * 0.65 * grey + share * np.array([255, 210, 61])
        assert np.abs(hot[row * 40 + 20, column * 40 + 20] - mixed).max() <= 1.5, point


def test_every_patch_is_on_the_picture_whatever_the_grid():
    for grid, size in (((1, 50), (720, 90)), ((50, 1), (90, 720)), ((3, 4), (720, 540))):
        maps = np.full((1, 1, n := grid[0] * grid[1], n), 1 / n)
        own = at.Attention.from_arrays(maps, grid, 0)
        topology = at.analyse(own, 0, 0, "jensen-shannon")
        tokens = token_grid(own, (), topology.distances.tokens)
        skeleton = skeleton_at(topology.distances, topology.tree, 1.0)
        picture = painted_photo(tokens, skeleton)
        assert picture.size == size


def test_patches_lie_on_the_whole_photo_where_the_model_had_them():
    """Of a photo of 200 x 100 the model saw the middle 100 x 100, as 2 x 2 patches."""
    maps = np.full((1, 1, 4, 4), 1 / 4)
    own = at.Attention.from_arrays(maps, (2, 2), 0, np.zeros((28, 28, 3), dtype=np.uint8))
    tokens = token_grid(own, (), np.arange(4))
    skeleton = at.Skeleton(
        0.0, np.empty((0, 2), dtype=int), np.array([0, 1, 0, 0]), np.array([3, 1, 3, 3]),
        np.array([0, SINGLE, 0, 0]),
    )  # fmt: skip
    whole = WholePhoto(np.full((100, 200, 3), 60, dtype=np.uint8), (0.25, 0.0, 0.75, 1.0))
    picture = painted_photo(tokens, skeleton, opacity=0.5, longest=400, whole=whole)
    assert picture.size == (400, 200)
    pixels = np.asarray(picture, dtype=float)
    unseen = 0.28 * 60 + 0.72 * 255
    for x in (20, 380):
        assert np.abs(pixels[100, x] - unseen).max() < 2
    assert np.abs(pixels[50, 250] - 60).max() < 2  # the patch that stands alone
    light = 0.2 * rgb_colour(0) + 0.8 * 60
    for y, x in ((50, 150), (150, 150), (150, 250)):
        assert np.abs(pixels[y, x] - light).max() < 2
    # Padded: what was added around the photo is part of the picture.
    padded = WholePhoto(whole.pixels, (0.0, -0.5, 1.0, 1.5))
    assert painted_photo(tokens, skeleton, longest=400, whole=padded).size == (400, 400)
