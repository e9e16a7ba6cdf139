"""The contact sheet's modules: their numbers against the library's, the order, what they paint."""

import json
import re
from collections import Counter

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis import photo_head, share_scale
from attntopo.analysis.photo_sets.heads import PhotoHead, numbers_at
from attntopo.distances import SCALE_STEPS
from attntopo.figures import palette
from attntopo.figures.contact_sheet import packed_heads, packed_pictures, small_jpeg
from attntopo.links import scale_text
from attntopo.topology import SINGLE, components_at
from attntopo.ui.linked.modules import joined_modules
from tests.harness.javascript import MODULES, deno, run_modules

FOLDER = MODULES.parent / "contact_sheet"
FILES = sorted(FOLDER.glob("*.js"))
OF_THE_BROWSER = {
    "Event", "IntersectionObserver", "Option", "ResizeObserver", "cancelAnimationFrame",
    "createImageBitmap", "document", "location", "requestAnimationFrame",
}  # fmt: skip
STORE = {"../contact_sheet/store.js": "headOf, keepMessage, pictureOf"}
NUMBERS = {"../contact_sheet/numbers.js": "lettersOf, shownAt, sortedIds, stepOf, stepText"}


@pytest.fixture(scope="module")
def heads(astronaut, coffee) -> dict[str, PhotoHead]:
    return {
        "all": photo_head(astronaut, 9, 3, "jensen-shannon"),
        "patches": photo_head(coffee, 4, "mean", "double-softmax", "patches"),
    }


@pytest.mark.parametrize("name", ["all", "patches"])
def test_the_browsers_numbers_and_colours_are_the_librarys(heads, name):
    head = heads[name]
    lengths = head.summary.tree.lengths
    steps = [0, *(round(float(np.quantile(lengths, q)) * SCALE_STEPS) for q in (0.1, 0.5, 0.9, 1))]
    steps.append(steps[-1] + 1)
    shares = [0, 1234, 5000, 9000, 10_000]
    given = {"packed": packed_heads("id", heads), "steps": steps, "shares": shares, "name": name}
    code = """await (async () => {
        await keepMessage(bytesOf(given.packed));
        const head = headOf("id", given.name);
        return {
          shown: given.steps.map((step) => {
            const { components, numbers } = shownAt(head, step);
            return [numbers, lettersOf(components, head, given.letters)];
          }),
          own: given.shares.map((share) => stepOf(head, { step: null, share })),
          features: head.features, grid: head.grid, missing: headOf("id", "other") ?? null,
        };
      })()"""
    said = run_modules(STORE | NUMBERS, code, given | {"letters": palette.LETTERS})
    for step, (numbers, letters) in zip(steps, said["shown"], strict=True):
        scale = step / SCALE_STEPS
        assert numbers == pytest.approx(numbers_at(head, scale), abs=1e-9)
        colours = components_at(head.summary.tree, scale).colours[head.n_prefix :]
        assert letters == "".join(palette.LETTERS[one - SINGLE] for one in colours)
    own = [share_scale([head.summary.tree], share / 100) for share in shares]
    for step, scale in zip(said["own"], own, strict=True):
        assert step == pytest.approx(scale * SCALE_STEPS, abs=1)
        assert step / SCALE_STEPS >= scale
    assert sorted(said["features"].values()) == pytest.approx(sorted(head.features.values()))
    assert said["grid"] == list(head.grid)
    assert said["missing"] is None


def test_messages_that_come_together_lose_nothing():
    jpegs = {name: small_jpeg(at.sample(name)) for name in ("coffee", "camera")}
    given = [packed_pictures({name: data}) for name, data in jpegs.items()]
    code = """await (async () => {
        await Promise.all(given.map((one) => keepMessage(bytesOf(one))));
        return [pictureOf("coffee").size, pictureOf("camera").size, pictureOf("x") ?? null];
      })()"""
    assert run_modules(STORE, code, given) == [*map(len, jpegs.values()), None]


def test_heads_that_come_together_are_all_there(heads):
    given = [packed_heads("id", {name: head}) for name, head in heads.items()]
    code = """await (async () => {
        await Promise.all(given.map((one) => keepMessage(bytesOf(one))));
        return [headOf("id", "all").n, headOf("id", "patches").n];
      })()"""
    assert run_modules(STORE, code, given) == [257, 256]


def test_scales_are_written_as_links_write_them():
    steps = [0, 5, 50, 120, 21_000, 21_110, 100_000]
    said = run_modules(NUMBERS, "given.map(stepText)", steps)
    assert said == [scale_text(step / SCALE_STEPS) for step in steps]


def test_photos_are_sorted_and_those_without_a_number_come_last():
    names = ["b 10", "a", "b 9", "c"]
    photos = [{"id": str(k), "name": name} for k, name in enumerate(names)]
    values = {"0": 2.0, "1": 1.0, "3": 2.0}
    code = "given.sorts.map(one => sortedIds(given.photos, one, id => given.values[id]).join(''))"
    sorts = [(c, way) for c in ("order", "name", "components") for way in ("up", "down")]
    said = run_modules(NUMBERS, code, {"photos": photos, "values": values, "sorts": sorts})
    assert said == ["0123", "3210", "1203", "3021", "1032", "0312"]


def test_tiles_are_as_large_as_lets_all_be_in_sight():
    cases = [
        (count, width, room)
        for count in (1, 2, 18, 60, 200)
        for width in (330, 700, 1060, 1500)
        for room in (-100, 200, 500, 1100)
    ]
    tiles = run_modules(
        {"../contact_sheet/tiles.js": "tilesOf"}, "given.map((one) => tilesOf(...one))", cases
    )
    for (count, width, room), tile in zip(cases, tiles, strict=True):
        # Each number of columns by itself, and whether all rows of its tiles fit.
        fits = {}
        for columns in range(1, 20):
            wide = (width - 8 * (columns - 1)) // columns
            if wide <= 256 and (wide >= 116 or columns == 3):
                # Half a pixel is rounded.
                high = [-(-count // columns) * (0.85 * wide + 46 + half) for half in (-0.5, 0.5)]
                fits[columns] = (high[0] <= room, high[1] <= room)
        best = [columns for columns, (may, _) in fits.items() if may]
        surely = [columns for columns, (_, does) in fits.items() if does]
        columns = tile["columns"]
        assert columns in fits
        assert tile["width"] == (width - 8 * (columns - 1)) // columns
        assert abs(tile["height"] - 0.85 * tile["width"]) <= 0.5
        assert min(best, default=max(fits)) <= columns <= min(surely, default=max(fits))


def test_what_is_painted_again_looks_as_if_it_were_painted_at_once():
    """A canvas that follows the slider paints only what changes: it ends as a fresh one does."""
    random = np.random.default_rng(0)
    photo = random.integers(0, 256, (24, 32, 4)).ravel().tolist()
    frames = ["".join(random.choice(list(".pg0123"), 12)) for _ in range(6)]
    frames.insert(3, frames[2])
    code = """given.boxes.map((box) => {
        globalThis.ImageData = class { constructor(data) { this.data = data; } };
        const shown = new Uint8ClampedArray(given.photo.length);
        const putImageData = ({ data }, _x, _y, left = 0, top = 0, wide = 32, high = 24) => {
          for (let y = top; y < top + high; y++) {
            const [from, to] = [4 * (32 * y + left), 4 * (32 * y + left + wide)];
            shown.set(data.subarray(from, to), from);
          }
        };
        const canvas = { style: {}, getContext: () => ({ putImageData }) };
        const pixels = Uint8ClampedArray.from(given.photo);
        const shape = { grid: [3, 4], palette: given.palette, box };
        const following = new FollowingCanvas(canvas, { ...shape, pixelsAt: () => pixels });
        return given.frames.map((letters) => {
          following.paint([32, 24], letters, 1);
          const fresh = paintedPixels(pixels, [32, 24], [3, 4], letters, given.palette, 1, box);
          return fresh.every((one, k) => one === shown[k]);
        });
      })"""
    given = {"photo": photo, "frames": frames, "palette": palette.BY_LETTER}
    given["boxes"] = [[0, 0, 1, 1], [0.1, -0.2, 0.8, 1.1]]
    imports = {"../atlas_view/paint.js": "FollowingCanvas, paintedPixels"}
    assert run_modules(imports, code, given) == [[True] * len(frames)] * 2


def test_the_joined_scripts_are_modules_with_each_name_once(tmp_path):
    declared = re.compile(r"^(?:export )?(?:const|let|function|class) (\w+|\[.*?\])", re.M)
    names = Counter(
        name
        for path in FILES
        for one in declared.findall(path.read_text())
        for name in re.findall(r"\w+", one)
    )
    assert [name for name, times in names.items() if times > 1] == []
    for entry in ("main.js", "message.js"):
        path = tmp_path / entry
        path.write_text(joined_modules(FOLDER, entry))
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
