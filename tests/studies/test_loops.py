"""The study of loops: what a loop runs round, and own loops beside those of other photos."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis import analyse
from studies.annotated import AnnotatedPhoto
from studies.kept import KeptResults
from studies.loops import __main__ as study
from studies.loops import measure, report, winding
from studies.loops.rows import null_rows, object_rows, step_rows, universal_row
from studies.results import write_json

GRID = (8, 10)


def turns(loop: np.ndarray, place: np.ndarray) -> int:
    """How often a path of patches runs round a place: its angles, summed."""
    rows, columns = np.divmod(loop, GRID[1])
    y, x = rows + 0.5 - place[0], columns + 0.5 - place[1]
    angles = np.diff(np.arctan2(np.append(y, y[0]), np.append(x, x[0])))
    return round(((angles + np.pi) % (2 * np.pi) - np.pi).sum() / (2 * np.pi))


def on_path(loop: np.ndarray, place: np.ndarray) -> bool:
    """Whether a place lies on one of the path's sides."""
    rows, columns = np.divmod(loop, GRID[1])
    ends = np.stack([rows, columns], axis=1) + 0.5
    for start, end in zip(ends, np.roll(ends, -1, axis=0), strict=True):
        along = np.linalg.norm(end - start)
        if abs(np.linalg.norm(place - start) + np.linalg.norm(place - end) - along) < 1e-9:
            return True
    return False


def test_a_loop_runs_round_places_that_it_winds_round_an_odd_number_of_times():
    generator = np.random.default_rng(0)
    places = winding.places(GRID)
    for _ in range(30):
        loops = [generator.permutation(GRID[0] * GRID[1])[:size] for size in (7, 5)]
        inside = winding.run_round(loops, GRID)
        for k, place in enumerate(places):
            if not any(on_path(loop, place) for loop in loops):
                assert inside[k] == sum(turns(loop, place) for loop in loops) % 2


def test_a_square_of_patches_runs_round_what_lies_between_their_centres():
    def square(first: int, last: int) -> np.ndarray:
        across = range(first, last + 1)
        top = [(first, c) for c in across]
        right = [(r, last) for r in range(first + 1, last + 1)]
        bottom = [(last, c) for c in reversed(range(first, last))]
        left = [(r, first) for r in reversed(range(first + 1, last))]
        return np.array([r * GRID[1] + c for r, c in top + right + bottom + left])

    inside = winding.run_round([square(1, 5)], GRID)
    assert inside.sum() == (4 * winding.PLACES) ** 2
    filled = winding.with_own_patches(inside, [square(1, 5)], GRID)
    mask = np.zeros(GRID, dtype=bool)
    mask[1:6, 1:6] = True
    np.testing.assert_array_equal(filled, winding.object_places(mask, (0, 0, 1, 1), GRID))
    # A loop within a loop, of one cycle: what both run round is not inside.
    ring = winding.run_round([square(1, 5), square(2, 4)], GRID)
    assert ring.sum() == (4 * winding.PLACES) ** 2 - (2 * winding.PLACES) ** 2


def test_steps_touch_as_a_kings_do():
    edges = np.array([(0, 1), (0, 11), (0, 10), (0, 2), (9, 10)])  # the last: other ends of rows
    assert winding.touching_steps(edges, GRID) == pytest.approx(3 / 5)
    pairs = [(i, j) for i in range(80) for j in range(i)]
    near = [max(abs(i // 10 - j // 10), abs(i % 10 - j % 10)) <= 1 for i, j in pairs]
    assert winding.touching_by_chance(GRID) == pytest.approx(np.mean(near))


def test_an_objects_places_are_those_of_its_pixels_on_the_patch_grid():
    mask = np.zeros((40, 60), dtype=bool)
    mask[:, 30:] = True
    places = winding.places(GRID)
    whole = winding.object_places(mask, (0, 0, 1, 1), GRID)
    np.testing.assert_array_equal(whole, places[:, 1] > 5)
    # The grid reaches beyond the photo on the right: nothing there is the object's.
    wider = winding.object_places(mask, (0.5, 0, 1.5, 1), GRID)
    np.testing.assert_array_equal(wider, places[:, 1] < 5)


def photos_with_loops(number: int, drawn_round: bool) -> list[dict[str, np.ndarray]]:
    """Photos with one object each, at a place of its own; head (1, 0) has loops round it, or not.

    All other loops, and those of the mean, run round random rectangles.
    """
    generator = np.random.default_rng(3)
    n_places = GRID[0] * GRID[1] * winding.PLACES**2
    photos = []
    for _ in range(number):
        top, left = generator.integers(0, (4, 6))

        def rectangle(top, left):
            mask = np.zeros(GRID, dtype=bool)
            mask[top : top + 4, left : left + 4] = True
            return winding.object_places(mask, (0, 0, 1, 1), GRID)

        loops = np.zeros((2, 3, measure.LONGEST, n_places), dtype=bool)
        for index in np.ndindex(loops.shape[:3]):
            loops[index] = rectangle(*generator.integers(0, (4, 6)))
        own = rectangle(top, left)
        if drawn_round:
            loops[1, 0, 0] = own
        packed = np.packbits(loops, axis=-1)
        photos.append(
            {
                "kept": np.arange(1),
                "objects": own[None],
                "inside": packed,
                "filled": packed,
                "tokens": np.full(loops.shape[:3], 12),
                "touching": np.full(loops.shape[:3], 0.25),
                "universal": np.array([[0.01, 0.5], [0.05, 1.0]]),
            }
        )
    return photos


def test_loops_that_run_round_their_objects_are_found_and_others_are_not():
    of_objects = {row["what"]: row for row in object_rows(photos_with_loops(40, True), 1)}
    chosen = of_objects["one head chosen: the longest loop runs round the object"]
    assert chosen["chosen"] == ["(1, 0)", "(1, 0)"]
    assert chosen["mean"] == 1.0
    assert chosen["others"]["mean"] < 0.5
    assert chosen["difference"]["low"] > 0.4
    iou = of_objects["one head chosen: best IoU of what the five longest loops run round"]
    assert iou["mean"] == 1.0
    by_chance = object_rows(photos_with_loops(40, False), 1)
    assert all(
        row["difference"]["low"] <= 0.02 and row["difference"]["high"] >= -0.02
        for row in by_chance
        if "mean over all heads" in row["what"]
    )


def test_own_loops_are_held_against_each_other_photos():
    photos = photos_with_loops(5, True)
    (row,) = [
        row
        for row in object_rows(photos, 1)
        if row["what"].startswith("layer 1") and "IoU" in row["what"]
    ]
    naive_own, naive_others = [], []
    for number, one in enumerate(photos):
        (target,) = one["objects"]
        for k, other in enumerate(photos):
            loops = np.unpackbits(other["filled"][1, -1], axis=-1).astype(bool)
            best = max((loop & target).sum() / (loop | target).sum() for loop in loops)
            (naive_own if k == number else naive_others).append(best)
    assert row["mean"] == pytest.approx(np.mean(naive_own), abs=1e-4)
    assert row["others"]["mean"] == pytest.approx(np.mean(naive_others), abs=1e-4)
    assert row["difference"]["mean"] == pytest.approx(
        np.mean(naive_own) - np.mean(naive_others), abs=1e-3
    )


def test_few_photos_take_their_head_from_others():
    rows = object_rows(photos_with_loops(3, False), 1, photos_with_loops(30, True))
    assert {
        tuple(row["chosen"])
        for row in rows
        if "longest loop runs" in row["what"] and "chosen" in row
    } == {("(1, 0)",)}


def test_heads_that_beat_nulls_are_counted():
    loop = np.array([[20, 19], [measure.NO_RANK, 20]])
    ranks = {"spectrum": {"one": {"loop": loop, "component": loop * 0 + 20}}}
    loops, components = null_rows(ranks, 20)
    assert (loops["heads"], loops["ranked"]) == ([2], [3])
    assert loops["by_chance"] == pytest.approx(3 / 21, abs=0.01)
    assert components["heads"] == [4]
    assert [row["mean"] for row in step_rows(photos_with_loops(2, False), 1)] == [
        0.25,
        0.25,
        12,
        12,
    ]
    universal = universal_row(photos_with_loops(3, False))
    assert (universal["mean"], universal["n_heads"], universal["by_chance"]) == (2, 4, 0.2)


def test_a_photo_is_measured_as_the_library_has_it(model):
    annotated = study.photo_sets(2)["photos"][2]
    assert annotated.photo.name == "coffee"
    arrays = measure.measure(annotated, model, 1)
    topology = analyse(model.attend(annotated.photo), 8, 5, measure.DISTANCE, measure.POINTS)
    bars = topology.diagrams[1]
    lengths = bars[:, 1] - bars[:, 0]
    assert arrays["universal"][8, 5] == pytest.approx(np.nanmin(at.universal_p(bars)))
    cycles = at.representative_cycles(topology.distances, topology.diagrams)
    for k, bar in enumerate(np.argsort(-lengths, kind="stable")[: measure.LONGEST]):
        cycle = cycles[bar]
        assert arrays["tokens"][8, 5, k] == len(set(cycle.edges.ravel().tolist()))
        inside = np.unpackbits(arrays["inside"][8, 5, k], count=1024).astype(bool)
        np.testing.assert_array_equal(inside, winding.run_round(cycle.loops, (16, 16)))
    assert arrays["objects"].shape == (3, 1024)


def test_ranks_are_the_librarys_and_are_kept_layer_by_layer(model, tmp_path, monkeypatch):
    monkeypatch.setattr(study, "NULLS", {"shuffled": None})
    attention = model.attend(at.sample("coffee"))
    beaten = measure.rank_layer(attention, 8, "shuffled", 2, 0, 1)
    heads = dict(
        at.evidence_of_heads(attention, [(8, 3)], measure.DISTANCE, "patches", "shuffled", 2)
    )
    assert beaten["loop"][3] == heads[8, 3].loop.beaten
    asked = []

    def rank(_attention, layer, null, n_draws, _seed):
        asked.append((layer, null, n_draws))
        return {"loop": np.full(6, layer), "component": np.full(6, 1)}

    monkeypatch.setattr(study, "rank_layer", rank)
    ranks = study.rank_all(("coffee",), model, KeptResults(tmp_path, ""), 3)
    np.testing.assert_array_equal(ranks["shuffled"]["coffee"]["loop"][:, 0], np.arange(12))
    study.rank_all(("coffee",), model, KeptResults(tmp_path, ""), 3)
    assert asked == [(layer, "shuffled", 3) for layer in range(12)]


def test_tables_and_figures_are_written(tmp_path):
    pytest.importorskip("matplotlib")
    photos = photos_with_loops(6, True)
    pixels = np.zeros((8, 8, 3), dtype=np.uint8)
    annotated = [
        AnnotatedPhoto(
            at.Photo(pixels, f"photo {k}"),
            tuple(f"object {number}" for number in range(len(one["kept"]))),
            np.zeros((len(one["kept"]), 8, 8), dtype=bool),
        )
        for k, one in enumerate(photos)
    ]
    loop = np.zeros((2, 2), dtype=np.int64)
    ranks = {"spectrum": {"one": {"loop": loop, "component": loop}}}
    info = SimpleNamespace(id="made up", commit=None, grid=GRID, n_layers=2)
    sets = {"composites": annotated, "photos": annotated}
    studied = SimpleNamespace(model=SimpleNamespace(info=info), label="made up", source="")
    results = study.summary(sets, {"composites": photos, "photos": photos}, ranks, studied)
    write_json(tmp_path / "loops.json", results)
    assert json.loads((tmp_path / "loops.json").read_text()) == results
    text = report.table(results)
    for row in results["rows"]["composites"]:
        assert row["what"] in text
        assert f"{row['difference']['mean']:.3f} [" in text
        assert row["difference_by_object"]["mean"] == row["difference"]["mean"]
    report.write_figures(tmp_path, results)
    assert b"<svg" in (tmp_path / "loops-photos.svg").read_bytes()
    assert b"<svg" in (tmp_path / "nulls.svg").read_bytes()
