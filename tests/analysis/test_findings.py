"""Published results: they lie in the package, and say what they are of."""

import json

import pytest

from attntopo.analysis import read_findings
from attntopo.analysis.findings import results


@pytest.fixture
def published(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/made_up.json").write_text(json.dumps({"study": "made_up"}))
    monkeypatch.setattr(results, "files", lambda _package: tmp_path)


@pytest.mark.usefixtures("published")
def test_results_are_read_by_the_studys_name():
    assert read_findings("made_up") == {"study": "made_up"}


@pytest.mark.usefixtures("published")
def test_a_study_without_results_is_named():
    with pytest.raises(ValueError, match=r"'none'.*there are those of made_up"):
        read_findings("none")


@pytest.mark.parametrize("name", ["objects", "objects-clip"])
def test_what_is_published_says_what_it_is_of(name):
    results = read_findings(name)
    assert results["study"] == "objects"
    assert {"model", "commit", "distance", "seed_of_composites"} <= set(results["settings"])
    assert {"torch", "transformers", "attntopo"} <= set(results["versions"])
    for photos_of, rows in results["rows"].items():
        for row in rows:
            if row["n_photos"] < 6:
                assert "low" not in row
                assert "difference" not in row
                assert min(row["means"]) <= row["mean"] <= max(row["means"])
            else:
                assert 0 <= row["low"] <= row["mean"] <= row["high"] <= 1
        photos = results["photos"][photos_of]
        assert rows[0]["n_photos"] == len(photos)
        assert rows[0]["n_objects"] == sum(len(one["objects"]) for one in photos)
        # The same scores, averaged over what is listed photo by photo.
        scores = [score for one in photos for score in one["best_node"]]
        assert sum(scores) / len(scores) == pytest.approx(rows[0]["mean"], abs=1e-3)


def test_of_clips_weights_it_is_said_where_they_are_from():
    settings = read_findings("objects-clip")["settings"]
    assert settings["model"] == "CLIP ViT-B/16, 8-bit weights"
    assert "whose claim" in settings["weights"]
    assert "torch.manual_seed(0)" in settings["untrained"]
    own = read_findings("objects")["settings"]
    measured = ("distance", "points", "composites", "seed_of_composites", "least_share_of_a_patch")
    assert [settings[name] for name in measured] == [own[name] for name in measured]


@pytest.mark.parametrize("name", ["objects", "objects-clip"])
def test_differences_are_of_the_rows_they_are_held_against(name):
    for rows in read_findings(name)["rows"].values():
        means = {row["what"]: row["mean"] for row in rows}
        for row in rows:
            if "difference" not in row:
                continue
            at_one_scale = "scale" in row["what"] or ", mean of heads, " in row["what"]
            at_one_scale &= not row["what"].startswith("merge tree")
            reference = (
                "layer 8, mean of heads, 0.9 quantile of H0 deaths"
                if at_one_scale
                else "merge tree, layer 8, mean of heads"
            )
            expected = means[reference] - row["mean"]
            assert row["difference"]["mean"] == pytest.approx(expected, abs=2e-4)
