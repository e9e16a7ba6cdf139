"""The study as a whole: it goes on where it stopped, and its rows are what they say."""

import json

import numpy as np
import pytest

import attntopo as at
from studies.annotated import AnnotatedPhoto
from studies.kept import KeptResults
from studies.objects import measure, report
from studies.objects.rows import all_rows, by_head, by_layer, by_photo
from studies.objects.study import score_all
from studies.results import write_json

LAYERS, HEADS = 3, 2


def photos(number: int) -> list[AnnotatedPhoto]:
    generator = np.random.default_rng(0)
    made = []
    for k in range(number):
        pixels = generator.integers(0, 255, (32, 32, 3), dtype=np.uint8)
        masks = np.zeros((2, 32, 32), dtype=bool)
        masks[0, :16], masks[1, 16:] = True, True
        made.append(AnnotatedPhoto(at.Photo(pixels, f"photo {k}"), ("upper", "lower"), masks))
    return made


def made_up(annotated: AnnotatedPhoto) -> dict[str, np.ndarray]:
    """Scores that depend on the photo alone; head (2, 1) is the best in all of them."""
    generator = np.random.default_rng(int(annotated.sha256[:8], 16))
    n = len(annotated.names)
    heads = LAYERS, HEADS + 1

    def scores(*shape):
        return generator.random((*shape, n)).astype(np.float32) * 0.5

    arrays = {name: scores(*heads) for name in ("single", "average", "double_softmax", "untrained")}
    arrays["single"][2, 1] += 0.5
    return arrays | {
        "at_scales": scores(*heads, len(measure.SCALES)),
        "rules": scores(LAYERS, len(measure.RULES)),
        "n_components": generator.integers(0, 9, (LAYERS, len(measure.RULES))),
        "embeddings": scores(LAYERS),
        "colour_place": scores(len(measure.PLACE_WEIGHTS)),
        "colour_ward": scores(),
        "colour_single": scores(),
        "random": scores(),
        "kept": np.arange(n),
        "patches": np.full(n, 8),
    }


def test_a_study_that_stopped_goes_on_where_it_was(tmp_path):
    sets = {"composites": photos(6)}
    measured = []

    def until_the_fourth(annotated):
        if len(measured) == 3:
            raise KeyboardInterrupt
        measured.append(annotated.photo.name)
        return made_up(annotated)

    kept = KeptResults(tmp_path / "one", "settings")
    with pytest.raises(KeyboardInterrupt):
        score_all(sets, kept, until_the_fourth)
    again = []
    resumed = score_all(sets, kept, lambda one: again.append(one.photo.name) or made_up(one))
    assert again == ["photo 3", "photo 4", "photo 5"]
    whole = score_all(sets, KeptResults(tmp_path / "two", "settings"), made_up)
    assert all_rows(resumed) == all_rows(whole)
    other_settings = KeptResults(tmp_path / "one", "other settings")
    score_all(sets, other_settings, lambda one: again.append(one.photo.name) or made_up(one))
    assert len(again) == 9


def test_a_result_that_cant_be_read_is_computed_anew(tmp_path):
    kept = KeptResults(tmp_path, "settings")
    (one,) = photos(1)
    first = kept.get(one.sha256, lambda: made_up(one))
    kept.path(one.sha256).write_bytes(b"half a file")
    second = kept.get(one.sha256, lambda: made_up(one))
    np.testing.assert_array_equal(first["single"], second["single"])


def test_rows_are_means_over_objects_and_choices_are_named(tmp_path):
    scored = score_all({"composites": photos(8)}, KeptResults(tmp_path, ""), made_up)
    rows = {row["what"]: row for row in all_rows(scored)["composites"]}
    single = scored["composites"].arrays["single"]
    best = rows["merge tree, one head chosen"]
    assert best["chosen"] == ["(2, 1)", "(2, 1)"]
    assert best["mean"] == pytest.approx(single[2, 1].mean(), abs=1e-4)
    assert best["low"] <= best["mean"] <= best["high"]
    assert (best["n_objects"], best["n_photos"]) == (16, 8)
    fixed = rows["merge tree, layer 2, mean of heads"]
    assert fixed["mean"] == pytest.approx(single[2, -1].mean(), abs=1e-4)
    hindsight = rows["layer 2, mean of heads, the scale that is best in hindsight"]
    assert hindsight["mean"] >= rows["layer 2, mean of heads, one scale chosen"]["mean"]


def test_differences_are_paired_and_made_by_object_too(tmp_path):
    scored = score_all({"composites": photos(8)}, KeptResults(tmp_path, ""), made_up)
    arrays = scored["composites"].arrays
    rows = {row["what"]: row for row in all_rows(scored)["composites"]}
    tree, random = arrays["single"][2, -1], arrays["random"]
    row = rows["random connected regions of the same sizes"]
    assert row["difference"]["mean"] == pytest.approx((tree - random).mean(), abs=1e-4)
    # Pairs: a shift of both by the same leaves no width, whatever the scores' own is.
    arrays["random"] = tree - np.float32(0.25)
    row = {row["what"]: row for row in all_rows(scored)["composites"]}[row["what"]]
    assert set(row["difference"].values()) == {0.25}
    assert row["high"] - row["low"] > 0.01
    # Two objects recur in all photos: between so few there is no interval.
    assert row["by_object"] == {"mean": row["mean"]}
    own_scale = "layer 2, mean of heads, 0.9 quantile of H0 deaths"
    assert "difference" not in rows["merge tree, layer 2, mean of heads"]
    assert "difference" not in rows[own_scale]
    one_scale = rows["layer 2, mean of heads, one scale chosen"]
    expected = rows[own_scale]["mean"] - one_scale["mean"]
    assert one_scale["difference"]["mean"] == pytest.approx(expected, abs=2e-4)


def test_few_photos_take_their_choices_from_the_composites(tmp_path):
    sets = {"composites": photos(8), "samples": photos(9)[8:]}
    scored = score_all(sets, KeptResults(tmp_path, ""), made_up)
    rows = {row["what"]: row for row in all_rows(scored)["samples"]}
    assert rows["merge tree, one head chosen"]["chosen"] == ["(2, 1)"]
    own = scored["samples"].arrays["single"][2, 1]
    assert rows["merge tree, one head chosen"]["mean"] == pytest.approx(own.mean(), abs=1e-4)


def test_tables_and_figures_are_written(tmp_path):
    pytest.importorskip("matplotlib")
    scored = score_all({"composites": photos(4)}, KeptResults(tmp_path, ""), made_up)
    results = {
        "settings": {"model": "made up"},
        "rows": all_rows(scored),
        "by_layer": {name: by_layer(one) for name, one in scored.items()},
        "by_head": {name: by_head(one) for name, one in scored.items()},
        "photos": {name: by_photo(one) for name, one in scored.items()},
    }
    write_json(tmp_path / "objects.json", results)
    assert json.loads((tmp_path / "objects.json").read_text()) == results
    text = report.table(results)
    for row in results["rows"]["composites"]:
        assert f"| {row['what']} | {row['mean']:.3f} (" in text  # four photos: no interval
    report.write_figures(tmp_path, results)
    assert b"<svg" in (tmp_path / "layers-composites.svg").read_bytes()
    assert b"<svg" in (tmp_path / "heads-composites.svg").read_bytes()


def test_a_photo_is_measured_as_the_library_has_it(model):
    """One object that is a component of the head itself: its best region is that component."""
    photo = at.sample("coffee")
    attention = model.attend(photo)
    tree = at.analyse(attention, 8, "mean", measure.DISTANCE, "patches").tree
    scale = float(np.quantile(tree.lengths, 0.9))
    leaders = tree.leaders(scale)
    patches = leaders == np.bincount(leaders).argmax()
    height, width = photo.pixels.shape[:2]
    rows, columns = attention.grid
    grid = patches.reshape(rows, columns)
    y, x = (np.arange(n) * side // n for n, side in ((height, rows), (width, columns)))
    mask = grid[y][:, x]
    arrays = measure.measure(AnnotatedPhoto(photo, ("component",), mask[None]), model, model, 1)
    assert arrays["patches"].tolist() == [patches.sum()]
    assert arrays["single"][8, -1].tolist() == [1.0]
    nearest = np.searchsorted(measure.SCALES, [tree.lengths[tree.lengths <= scale][-1], scale])
    assert arrays["at_scales"][8, -1, nearest[0], 0] > 0.5
    assert arrays["single"].shape == arrays["untrained"].shape == (12, 7, 1)
    np.testing.assert_array_equal(arrays["untrained"], arrays["single"])  # the model is its twin
    assert arrays["embeddings"].shape == (12, 1)
    for name, values in arrays.items():
        if values.dtype == np.float32:
            assert values.min() >= 0, name
            assert values.max() <= 1, name


def test_embeddings_come_with_the_models_own_attention(model):
    from studies.models import attend_with_embeddings

    photo = at.sample("coffee")
    attention, embeddings = attend_with_embeddings(model, photo)
    np.testing.assert_array_equal(attention.maps, model.attend(photo).maps)
    assert embeddings.shape == (12, 256, 384)
