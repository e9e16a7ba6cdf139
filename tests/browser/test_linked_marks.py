"""Where the marks of the linked view's pictures must lie, computed from birth and death.

Each place is looked up twice: in what the script holds, by which the pointer finds a mark, and on
the canvas, where it must be painted, and where its mirror image must not.
"""

import re
from itertools import pairwise

import numpy as np
import pytest
from PIL import ImageColor

import attntopo as at
from attntopo.figures import palette
from tests.harness.linked_page import CANVASES, GRID, N_TOKENS, STEP, LinkedPage, TwoHeads

H0, H1 = (
    np.array(ImageColor.getrgb(colour), dtype=float)
    for colour in (palette.H0_COLOUR, palette.H1_COLOUR)
)
LOOP = np.array(ImageColor.getrgb("#D6006C"), dtype=float)
SCALE = STEP / 100_000


@pytest.fixture(scope="module")
def heads() -> TwoHeads:
    return TwoHeads()


@pytest.fixture(scope="module")
def page(browser, heads):
    page = LinkedPage(browser, heads)
    yield page
    page.visitor.close()


def canvas_of(name: str, side: int = 0) -> str:
    return CANVASES[name][1].replace("[0]", f"[{side}]")


def share_of(colour: np.ndarray, pixel: np.ndarray) -> float:
    """How much of a colour lies on white at a pixel: 0 to 1, or NaN for another colour's mix."""
    covered = (255 - pixel) @ (255 - colour) / ((255 - colour) @ (255 - colour))
    other = np.abs(255 - covered * (255 - colour) - pixel).max()
    return float(covered) if other < 12 else float("nan")


def at_place(pixels: np.ndarray, x: float, y: float) -> np.ndarray:
    return pixels[int(y), int(x)]


def middle_of(point: int, width: float, height: float) -> tuple[float, float]:
    """Where the middle of a token's patch lies on a photo of that size."""
    row, column = divmod(point - 1, GRID[1])
    return width * (column + 0.5) / GRID[1], height * (row + 0.5) / GRID[0]


def end_of(heads: TwoHeads) -> float:
    """Where the axes of birth and death end: a little more than the largest finite death."""
    values = [points[np.isfinite(points)] for one in heads.topologies for points in one.diagrams]
    return 1.08 * max(array.max() for array in values)


class Axes:
    """Birth to the right and death upwards, in a box on a canvas."""

    def __init__(self, end: float, left: float, width: float, bottom: float, height: float) -> None:
        self.end, self.left, self.width, self.bottom, self.height = end, left, width, bottom, height

    def place(self, birth: float, death: float) -> tuple[float, float]:
        """What never ends lies 16 pixels above the axes."""
        x = self.left + self.width * birth / self.end
        share = death / self.end if np.isfinite(death) else 1 + 16 / self.height
        return x, self.bottom - self.height * share


@pytest.mark.parametrize("side", [0, 1])
def test_a_bars_mark_lies_at_its_birth_and_its_death(page, heads, side):
    page.show()
    pixels = page.painted(canvas_of("diagram", side))
    height, width = pixels.shape[:2]
    axes = Axes(end_of(heads), 44, width - 56, height - 36, height - 86)
    marks = page.ask(
        f"view.panel.content.diagrams[{side}].marks.map(({{dimension, number, x, y}}) => "
        "[dimension, number, x, y])"
    )
    places = {(dimension, number): (x, y) for dimension, number, x, y in marks}
    diagrams = heads.topologies[side].diagrams
    assert len(places) == sum(map(len, diagrams))
    for dimension, colour in enumerate((H0, H1)):
        for number, (birth, death) in enumerate(diagrams[dimension]):
            x, y = axes.place(birth, death)
            assert places[dimension, number] == pytest.approx((x, y), abs=0.01)
            # Beside the axis, and above the diagonal, which shine through.
            beside = at_place(pixels, x, y - 2) if dimension else at_place(pixels, x + 2, y)
            if abs(y - axes.place(0, SCALE)[1]) > 5:  # where the scale's line is
                alive = birth <= SCALE < death
                assert share_of(colour, beside) > (0.9 if alive else 0.3), (dimension, number)
            if not np.isfinite(death) or death - birth < 0.2:
                continue  # its mirror image is hidden by the axes, or by itself
            mirrored = at_place(pixels, *axes.place(death, birth))
            assert not share_of(colour, mirrored) > 0.1, "birth and death are swapped"


def test_what_a_bar_is_selected_by_is_its_mark_and_no_other(page, heads):
    """A click on each of the loops' marks; those that lie on another's are left out."""
    page.show()
    height, width = page.painted(canvas_of("diagram")).shape[:2]
    axes = Axes(end_of(heads), 44, width - 56, height - 36, height - 86)
    all_places = [axes.place(*bar) for diagram in heads.topologies[0].diagrams for bar in diagram]
    clicked = 0
    for number, bar in enumerate(heads.topologies[0].diagrams[1]):
        x, y = axes.place(*bar)
        if sorted(np.hypot(x - a, y - b) for a, b in all_places)[1] < 6:
            continue
        page.page.locator(".diagram-canvas").first.click(position={"x": x, "y": y})
        assert page.ask("view.state.selection.text") == f"a-h1-{number}"
        clicked += 1
    assert clicked >= 3


class DeathAxes:
    """A's deaths to the right on a line above, B's on one below; without partner is at 0."""

    def __init__(self, heads: TwoHeads, width: float, height: float) -> None:
        self.end = 1.04 * max(one.tree.lengths[-1] for one in heads.topologies)
        self.width, self.levels = width - 60, (52, height - 52)

    def place(self, side: int, death: float) -> tuple[float, float]:
        x = self.width * death / self.end if np.isfinite(death) else self.width + 16
        return 16 + x, self.levels[side]


@pytest.mark.parametrize("name", ["h0-bottleneck", "h0-wasserstein-1"])
def test_deaths_that_are_matched_are_joined_between_two_axes(page, heads, name):
    page.show(tab="matching", matching=name)
    pixels = page.painted(canvas_of("matching"))
    axes = DeathAxes(heads, pixels.shape[1], pixels.shape[0])
    deaths = [one.diagrams[0][:, 1] for one in heads.topologies]
    matching = heads.matchings[name]
    assert (matching.pairs < 0).any(axis=1).sum() < len(matching.pairs)
    marks = page.ask("view.panel.content.picture.marks.map(({number, x, y}) => [number, x, y])")
    painted = []
    for number, pair in enumerate(matching.pairs):
        ends = [
            axes.place(side, deaths[side][bar] if bar >= 0 else 0) for side, bar in enumerate(pair)
        ]
        own = [(x, y) for which, x, y in marks if which == number]
        assert np.allclose([own[0], own[-1]], ends, atol=0.01)
        painted.append(at_place(pixels, *np.mean(ends, axis=0)).min() < 235)
        if pair[0] >= 0:
            assert share_of(H0, at_place(pixels, *ends[0])) > 0.5
    assert all(painted)
    meaning = {"bottleneck": "largest step alone", "wasserstein-1": "sum of all steps"}
    above, caption = page.page.locator(".panel .caption").all_inner_texts()
    assert meaning[name[3:]] in above
    assert "born at 0" in caption


@pytest.mark.parametrize("name", ["h1-bottleneck", "h1-wasserstein-2"])
def test_a_matchings_lines_join_the_bars_that_are_matched(page, heads, name):
    page.show(tab="matching", matching=name)
    pixels = page.painted(canvas_of("matching"))
    height, width = pixels.shape[:2]
    axes = Axes(end_of(heads), 44, width - 60, height - 34, height - 70)
    diagrams = [one.diagrams[1] for one in heads.topologies]
    matching = heads.matchings[name]
    marks = page.ask("view.panel.content.picture.marks.map(({number, x, y}) => [number, x, y])")
    hollow = np.array([axes.place(*bar) for bar in diagrams[1]])
    for number, (a, b) in enumerate(matching.pairs):
        # A bar without partner goes to the middle between its birth and its death.
        one = diagrams[0][a] if a >= 0 else np.repeat(diagrams[1][b].mean(), 2)
        other = diagrams[1][b] if b >= 0 else np.repeat(diagrams[0][a].mean(), 2)
        ends = np.array([axes.place(*one), axes.place(*other)])
        own = [(x, y) for which, x, y in marks if which == number]
        assert np.allclose(sorted([own[0], own[-1]]), sorted(map(tuple, ends)), atol=0.01)
        near = np.linalg.norm(hollow - ends[0], axis=1)
        if a >= 0 and ((near < 2) | (near > 8)).all():  # no other's outline is over it
            assert share_of(H1, at_place(pixels, *ends[0])) > 0.5
        middle = at_place(pixels, *ends.mean(axis=0))
        assert middle.min() < 235, "no line is painted"


@pytest.mark.parametrize("side", [0, 1])
def test_a_bar_of_the_barcode_runs_from_birth_to_death(page, heads, side):
    page.show(tab="barcode")
    pixels = page.painted(canvas_of("barcode", side))
    width = pixels.shape[1]
    end = end_of(heads)
    rows = page.ask(
        f"view.panel.content.pictures[{side}].rows.map("
        "({dimension, number, top, bottom}) => [dimension, number, top, bottom])"
    )
    for dimension, colour in enumerate((H0, H1)):
        diagram = heads.topologies[side].diagrams[dimension]
        own = [row for row in rows if row[0] == dimension]
        order = np.lexsort(diagram.T[::-1]).tolist()
        assert [number for _, number, _, _ in own] == order
        assert all(above[3] <= below[2] for above, below in pairwise(own))
        for _, number, top, bottom in own:
            birth, death = diagram[number]
            row = pixels[int((top + bottom) / 2 - 0.3)]
            left = 8 + (width - 22) * birth / end
            right = width - 8 if np.isinf(death) else 8 + (width - 22) * death / end
            scale = 8 + (width - 22) * SCALE / end
            if min(abs(left - scale), abs(right - scale)) < 4:
                continue
            painted = np.array([share_of(colour, pixel) > 0.25 for pixel in row])
            painted[int(scale) - 2 : int(scale) + 3] = left < scale < right  # the line of the scale
            columns = np.nonzero(painted)[0]
            assert columns[0] == pytest.approx(left, abs=1.1)
            assert columns[-1] + 1 == pytest.approx(max(right, left + 1.5), abs=1.1)
            assert len(columns) == columns[-1] - columns[0] + 1


@pytest.mark.parametrize("side", [0, 1])
def test_a_merge_of_the_dendrogram_spans_its_two_components_at_its_length(page, heads, side):
    page.show(tab="dendrogram")
    pixels = page.painted(canvas_of("dendrogram", side))
    height, width = pixels.shape[:2]
    picture = f"view.panel.content.pictures[{side}]"
    marks = page.ask(f"{picture}.marks.map(({{from, to, y}}) => [from, to, y])")
    tree = heads.topologies[side].tree
    values = heads.topologies[side].distances.values
    end = 1.05 * max(one.tree.lengths[-1] for one in heads.topologies)  # one scale for both
    assert len(marks) == N_TOKENS - 1
    # Where the leaves are is for the script to say (each component in one piece: test_data.py).
    leaves = page.ask(f"{picture}.marks.flatMap(one => [one.places[0], one.places[3]])")
    leaves = [x for x, y in leaves if y == pytest.approx(height - 18)]
    expected = 44 + (width - 52) * (np.arange(N_TOKENS) + 0.5) / N_TOKENS
    assert np.allclose(sorted(leaves), expected)
    for (left, right, y), length, (i, j) in zip(marks, tree.lengths, tree.edges, strict=True):
        assert values[i, j] == length
        assert y == pytest.approx(height - 18 - (height - 18 - 26) * length / end, abs=0.01)
        bridge = pixels[int(y) - 1 : int(y) + 2, int((left + right) / 2)]
        assert bridge.min() < 215, "no bridge is painted"
    longest = max(marks, key=lambda mark: mark[1] - mark[0])
    assert pixels[int(height - longest[2]), int((longest[0] + longest[1]) / 2)].min() > 200


@pytest.mark.parametrize("what", ["components", "loops"])
def test_a_curve_is_as_high_as_the_number_at_each_step(page, heads, what):
    page.show()
    pixels = page.painted(canvas_of("curves"))
    left, right = 56, pixels.shape[1] - 16
    last = page.ask("view.controls.range.last")
    assert (page.ask("view.controls.range.first"), last % 100) == (0, 0)
    scales = np.arange(last // 100) / 1000 + 0.0005  # in the middle of each thousandth
    dimension = ["components", "loops"].index(what)
    tall = (pixels.shape[0] - 3 - 14) / 2  # without the room above, and the scale's numbers
    bottom, rise = 3 + (dimension + 1) * tall - 3, tall - 6
    counts = []
    for head in heads.topologies:
        births, deaths = head.diagrams[dimension].T
        alive = (births <= scales[:, None]) & (scales[:, None] < deaths)
        zero = N_TOKENS - len(births) if dimension == 0 else 0
        assert zero == 0
        counts.append(alive.sum(axis=1))
    most = max(one.max() for one in counts)
    colour = (H0, H1)[dimension]
    checked = 0
    for step, scale in enumerate(scales):
        x = left + (right - left) * scale * 100_000 / last
        y = bottom - rise * counts[0][step] / most
        if abs(scale - SCALE) < 0.004 or x > right - 160:  # the scale's line, and the words
            continue
        column = pixels[int(y) - 1 : int(y) + 2, int(x)]
        assert max(np.nan_to_num([share_of(colour, pixel) for pixel in column])) > 0.3, step
        checked += 1
    assert checked > 0.6 * len(scales)


@pytest.mark.parametrize("side", [0, 1])
def test_each_patch_has_its_components_colour(page, heads, side):
    page.show(paint=100)
    pixels = page.painted(canvas_of("photo", side))
    height, width = pixels.shape[:2]
    head = heads.topologies[side]
    skeleton = at.skeleton_at(head.distances, head.tree, SCALE)
    photo = heads.attentions[side].input_pixels
    colours = {-1: palette.GREY_COLOUR, -2: palette.PALE_COLOUR}
    largest = np.bincount(skeleton.leaders).argmax()
    for point in range(1, N_TOKENS):
        row, column = divmod(point - 1, GRID[1])
        middle = at_place(pixels, *middle_of(point, width, height))
        number = int(skeleton.colours[point])
        expected = photo[14 * row + 7, 14 * column + 7].astype(float)
        if number != at.topology.SINGLE:
            # The largest is painted lightly, on a photo that is more than half grey.
            paint = 0.4 if skeleton.leaders[point] == largest else 1
            grey = min(1, 1.6 * paint)
            expected = (1 - grey) * expected + grey * (expected @ [0.299, 0.587, 0.114])
            colour = ImageColor.getrgb(colours.get(number) or palette.COMPONENT_COLOURS[number])
            expected = (1 - paint) * expected + paint * np.array(colour)
        assert np.abs(middle - expected).max() < 12, (row, column)


@pytest.mark.parametrize("side", [0, 1])
def test_a_loops_tokens_are_marked_on_the_photo_palely_where_it_is_not_there(page, heads, side):
    diagrams = heads.topologies[side].diagrams
    births, deaths = diagrams[1].T
    longest = int(np.argmax(deaths - births))
    page.show(pick=f"{'ab'[side]}-h1-{longest}")
    (loop,) = heads.cycles[side][longest].loops
    # The class token has no patch.
    own = set(loop.tolist()) - set(diagrams.birth_edges[longest].tolist()) - {0}
    others = set(range(1, N_TOKENS)) - set(loop.tolist())
    assert len(own) > 3

    def marked(points: set[int], scale: float) -> list[bool]:
        page.page.evaluate(f"() => drawn((view) => view.moveTo({round(scale * 100_000)}))")
        photo = page.painted(canvas_of("photo", side))
        places = [middle_of(one, photo.shape[1], photo.shape[0]) for one in points]
        return [np.abs(at_place(photo, *place) - LOOP).max() < 12 for place in places]

    birth, death = births[longest], deaths[longest]
    assert all(marked(own, (birth + death) / 2))
    assert np.mean(marked(others, (birth + death) / 2)) < 0.3  # where its line crosses them
    said = page.page.locator(".selection-words").inner_text
    assert "Dashed" not in said()
    for scale, why in ((birth / 2, "it hasn't opened yet"), (1.5 * death, "it is filled in")):
        assert not any(marked(own, scale))
        assert re.search(rf"Dashed: at the present scale, [0-9.]+, {why}\.", said())


def test_a_click_on_a_patch_selects_its_token(page):
    page.show()
    height, width = page.painted(canvas_of("photo")).shape[:2]
    # Not in the upper corners, where the photo's name and its upload are.
    for point in (6, GRID[1] + 1, 2 * GRID[1], 2 * GRID[1] + 3, N_TOKENS - 1):
        x, y = middle_of(point, width, height)
        page.page.locator(".photo-canvas").first.click(position={"x": x, "y": y})
        assert page.ask("view.state.selection.text") == f"a-token-{point}"


@pytest.mark.parametrize("side", [0, 1])
def test_a_node_in_3d_lies_where_its_layout_says(page, heads, side):
    """Looked at along the second axis: the first to the right, the third upwards.

    All tokens stay within 84 % of the box, however they are turned about the third.
    """
    page.show(camera_a="0.00,0.00,1.00", camera_b="0.00,0.00,1.00")
    pixels = page.painted(canvas_of("scene", side))
    height, width = pixels.shape[:2]
    positions = at.distance_layout(heads.topologies[side].distances).positions
    places = positions - (positions.min(axis=0) + positions.max(axis=0)) / 2
    places /= np.linalg.norm(places, axis=1).max()
    around = np.hypot(places[:, 0], places[:, 1]).max()
    size = 0.42 * min(width / around, height / np.abs(places[:, 2]).max())
    size = size * 3.2 / (3.2 + places[:, 1])
    x, y = width / 2 + size * places[:, 0], height / 2 - size * places[:, 2]
    scene = f"view.parts[{side}].scene"
    assert np.allclose(page.ask(f"[[...{scene}.x], [...{scene}.y]]"), [x, y], atol=0.01)
    painted = np.array([at_place(pixels, *place).min() < 225 for place in zip(x, y, strict=True)])
    assert painted.all()
    mirrored = [at_place(pixels, width - a, b).min() < 225 for a, b in zip(x, y, strict=True)]
    assert np.mean(mirrored) < 0.6


@pytest.mark.parametrize("place", [(0.99, 0.5), (0.99, 0.99), (0.3, 0.99)])
def test_words_beside_the_pointer_stay_within_the_view(page, place):
    """So nothing has to be scrolled because of them."""
    page.show(tab="matrix")
    canvas = page.page.locator(".panel canvas").last
    size = canvas.bounding_box()["width"]
    canvas.hover(position={"x": place[0] * size, "y": place[1] * size})
    tip, view = (page.page.locator(one).bounding_box() for one in (".tip", ".linked"))
    assert page.page.locator(".tip").inner_text().count("\n") == 2
    assert tip["x"] >= view["x"]
    assert tip["x"] + tip["width"] <= view["x"] + view["width"] + 0.5
    assert tip["y"] + tip["height"] <= view["y"] + view["height"] + 0.5


def colours_of(far: np.ndarray | float) -> np.ndarray:
    return np.stack([60 + 193 * far, 10 + 228 * far**1.1, 95 + 90 * far], axis=-1)


@pytest.mark.parametrize("side", [0, 1])
def test_a_cell_of_the_matrix_is_as_dark_as_its_tokens_are_near(page, heads, side):
    page.show(tab="matrix")
    pixels = page.painted(canvas_of("matrix", side))
    order = page.ask(f"view.panel.content.pictures[{side}].order")
    values = heads.topologies[side].distances.values[np.ix_(order, order)]
    steps = np.ceil(values * 100_000 - 1e-9)
    longest = max(one.distances.values.max() for one in heads.topologies)
    largest = np.ceil(100_000 * longest - 1e-9)
    size = pixels.shape[1]
    places = ((np.arange(N_TOKENS) + 0.5) * size / N_TOKENS).astype(int)
    expected = colours_of(steps / largest)
    assert np.abs(pixels[np.ix_(places, places)] - expected).max() < 1.01
    # Below it the colours, from 0 to the largest distance of both.
    width = min(size, 280) - 24
    for value in np.linspace(0.02, 0.98, 25):
        shown = at_place(pixels, 12 + width * value, size + 16)
        assert np.abs(shown - colours_of(value)).max() < 3
    for value in np.arange(0, largest / 100_000, 0.2):
        assert at_place(pixels, 12 + 100_000 * width * value / largest, size + 24).min() < 235
    row, column = 30, 4
    point_at = f"view.panel.content.pictures[{side}].pairAt({places[column]}, {places[row]})"
    assert page.ask(point_at) == [order[row], order[column]]


def test_with_reduced_motion_the_story_jumps_and_waits_for_the_visitor(page):
    page.show(pick="a-token-3")
    page.page.emulate_media(reduced_motion="reduce")
    before = page.ask("view.message()")
    page.page.get_by_role("button", name="Story", exact=True).click()
    assert page.page.get_by_role("button", name="Pause").count() == 0
    steps = page.ask("view.story.scenes.map(({step}) => step)")
    assert len(steps) == 6
    for step in steps:
        for _ in range(2):  # it stays where it is
            page.page.evaluate("() => new Promise(requestAnimationFrame)")
            assert page.ask("view.state.step") == step
        assert page.ask("view.message()") == before  # the link says what it said
        page.page.get_by_role("button", name="Next scene").click()
    assert page.ask("[view.story.words, view.state.step]") == [None, STEP]
    assert page.ask("view.state.selection.text") == "a-token-3"
    page.page.emulate_media(reduced_motion="no-preference")
