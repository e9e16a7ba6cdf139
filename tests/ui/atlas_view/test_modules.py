"""The Atlas' modules in the browser: what they paint, against NumPy, and how they are joined."""

import json
import re
from collections import Counter

import numpy as np
import pytest

from attntopo.ui.linked.modules import joined_modules
from attntopo.wording import components_text
from tests.harness.javascript import MODULES, deno, run_modules

FOLDER = MODULES.parent / "atlas_view"
FILES = sorted(FOLDER.glob("*.js"))
PAINT = {"../atlas_view/paint.js": "largestOf, paintedPixels"}
PALETTE = {letter: [20 * k, 255 - 20 * k, 7 * k] for k, letter in enumerate("pg01234567")}
OF_THE_BROWSER = {"CustomEvent", "Image", "ImageData", "ResizeObserver", "document", "location"}


def painted(photo: np.ndarray, grid: tuple[int, int], letters: str, border: int) -> np.ndarray:
    height, width = photo.shape[:2]
    given = [photo.ravel().tolist(), [width, height], list(grid), letters, PALETTE, border]
    code = "[...paintedPixels(Uint8ClampedArray.from(given[0]), ...given.slice(1))]"
    values = run_modules(PAINT, code, given)
    return np.array(values).reshape(height, width, 4)


def naive(photo: np.ndarray, grid: tuple[int, int], letters: str) -> np.ndarray:
    """Each pixel by itself, without borders."""
    height, width = photo.shape[:2]
    counts = Counter(letter for letter in letters if letter.isdigit())
    largest = max(counts, key=counts.get)
    result = photo.astype(float)
    for y in range(height):
        for x in range(width):
            letter = letters[(y * grid[0] // height) * grid[1] + x * grid[1] // width]
            pixel = photo[y, x, :3].astype(float)
            colour = np.array(PALETTE.get(letter, [0, 0, 0]))
            if letter == largest:
                result[y, x, :3] = 0.75 * pixel + 0.25 * colour
            elif letter != ".":
                result[y, x, :3] = 0.4 * (pixel @ [0.299, 0.587, 0.114]) + 0.6 * colour
    return result


@pytest.mark.parametrize("size", [(12, 16), (13, 19), (3, 4)])
def test_paint_is_mixed_with_the_photo_patch_by_patch(size):
    random = np.random.default_rng(0)
    photo = random.integers(0, 256, (*size, 4))
    letters = "00012.pg1200"
    assert np.abs(painted(photo, (3, 4), letters, 0) - naive(photo, (3, 4), letters)).max() <= 0.51


def test_a_border_parts_two_colours_and_nothing_else():
    photo = np.full((12, 16, 4), 100)
    letters = "0011" * 2 + "2222"
    with_border = painted(photo, (3, 4), letters, 1)
    white = (with_border[:, :, :3] == 255).all(axis=2)
    expected = np.zeros((12, 16), dtype=bool)
    expected[:8, 8] = True  # between 0 and 1
    expected[8, :] = True  # between both and 2
    assert (white == expected).all()
    plain = painted(photo, (3, 4), letters, 0)
    assert (with_border[~white] == plain[~white]).all()


def test_the_largest_is_one_that_has_a_colour():
    letters = ["gggg0.pp", "...", "112221"]
    assert run_modules(PAINT, "given.map(largestOf)", letters) == ["0", None, "1"]


LOADED = """(async () => {
    const [drawn, images] = [[], []];
    globalThis.Image = class {
      decode() { return new Promise((done) => images.push(done)); }
    };
    const element = {
      clientWidth: 1000, style: { setProperty() {} }, classList: { toggle() {} }, switches: [],
      querySelector: () => ({}),
    };
    const nothing = () => {};
    const letters = () => view.data.sides.map(({ grid: [rows, columns] }) => rows * columns);
    const patches = (photos) => photos?.map(({ grid: [rows, columns] }) => rows * columns) ?? null;
    const view = Object.assign(Object.create(AtlasView.prototype), {
      root: element, frame: element, reading: {},
      switches: [], both: { setAttribute() {} }, chosen: null,
      life: new AbortController(),
      stage: {
        load: nothing, resize: nothing,
        setPhotos(photos) { this.photos = photos; },
        draw() { drawn.push(["large", patches(this.photos), letters()]); },
      },
      grid: {
        load: nothing, markLayer: nothing,
        paint: (photos) => drawn.push(["small", patches(photos), letters()]),
      },
    });
    for (const { sides, answered } of given) {
      view.load({ layers: 2, heads: 3, palette: {}, cells: {}, link: {}, sides });
      if (answered) images.splice(0).forEach((done) => done());
      await new Promise((done) => setTimeout(done));
    }
    return drawn;
})()"""


def test_other_photos_or_patches_are_never_painted_with_the_letters_of_the_last_ones():
    def sides(grid: tuple[int, int], photo: str) -> list[dict]:
        return [{"grid": grid, "photo": photo, "ratio": 1, "letter": one} for one in "AB"]

    given = [
        {"sides": sides((14, 14), "first"), "answered": True},
        {"sides": sides((8, 8), "first"), "answered": False},  # still to be decoded
        {"sides": sides((16, 16), "other"), "answered": True},
    ]
    drawn = run_modules({"../atlas_view/main.js": "AtlasView"}, f"await {LOADED}", given)
    assert all(photos in (None, letters) for _, photos, letters in drawn)
    assert [photos for what, photos, _ in drawn if what == "large"] == [
        *(None, [196] * 2),
        None,
        *(None, [256] * 2),
    ]
    assert [one[1:] for one in drawn[::2]] == [one[1:] for one in drawn[1::2]]


def test_a_heads_link_says_what_differs_and_lacks_what_has_to_go():
    link = {"layer": "9", "scale": "0.200", "share": "62.5", "pick": "a-h1-3"}
    cell = {"link": {"layer": "3", "head": "mean", "share": None, "pick": "none"}}
    said = run_modules({"../atlas_view/grid.js": "queryOf"}, "queryOf(...given)", [link, cell])
    assert said == "layer=3&scale=0.200&pick=none&head=mean"


def test_each_photos_scale_is_said_where_they_differ():
    counts = [[3, 1], [1, 0]]
    cells = [{"scales": both, "counts": counts} for both in (["0.1"] * 2, ["0.1", "0.2"])]
    said = run_modules({"../atlas_view/words.js": "countsText"}, "given.map(countsText)", cells)
    a, b = (components_text(*one) for one in counts)
    said_of_both = f"A: {a}; B: {b}"
    assert said == [f"Scale 0.1. {said_of_both}", f"Scales 0.1 and 0.2. {said_of_both}"]
    given = [{"one": True, "link": link} for link in ({"share": "70.0"}, {"scale": "0.1"})]
    said = run_modules({"../atlas_view/words.js": "captionOf"}, "given.map(captionOf)", given)
    for words, chosen in zip(said, ("share of merges", "scale"), strict=True):
        assert f"painted at the {chosen} that is chosen above." in words


def test_components_are_counted_in_the_words_that_python_uses():
    given = [[1, 0], [12, 0], [30, 20], [2, 1], [1679, 1200], [257, 257]]
    expected = [components_text(*one) for one in given]
    code = "given.map(one => componentsText(...one))"
    assert run_modules({"counts.js": "componentsText"}, code, given) == expected


def test_the_joined_script_is_one_module_with_each_name_once(tmp_path):
    declared = re.compile(r"^(?:export )?(?:const|let|function|class) (\w+|\[.*?\])", re.M)
    names = Counter(
        name
        for path in FILES
        for one in declared.findall(path.read_text())
        for name in re.findall(r"\w+", one)
    )
    assert [name for name, times in names.items() if times > 1] == []
    path = tmp_path / "joined.js"
    path.write_text(joined_modules(FOLDER))
    code = f"console.log(Object.keys(await import({json.dumps(path.as_uri())})))"
    assert deno("eval", code).stdout.split() == ["[", '"default"', "]"]
    report = json.loads(deno("lint", "--json", "--rules-include=no-undef", str(FOLDER)).stdout)
    undefined = {one["message"].split()[0] for one in report["diagnostics"]}
    assert undefined <= OF_THE_BROWSER


def test_files_are_short_and_so_are_their_lines():
    for path in FOLDER.iterdir():
        if path.suffix in (".js", ".css", ".html"):
            lines = path.read_text().splitlines()
            assert max(map(len, lines)) <= 100
            assert len(lines) <= 300
