"""The Collection page's distances and groups with Streamlit's AppTest, against the library."""

from dataclasses import replace

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis import (
    PHOTO_DISTANCES,
    PairDistances,
    compare_groups,
    feature_table,
    features_of_heads,
    group_rows,
    mantel_test,
    measure_photo,
    outlier_scores,
)
from attntopo.links.view import View
from attntopo.models import class_token_state
from attntopo.photos.samples import SAMPLES
from attntopo.ui.parts import asked_panel
from attntopo.ui.results import collection_photos
from tests.harness.app import open_app, query
from tests.harness.model_folders import write_tiny

VIEW = View(model="tiny", layer=1, head=2)
FEW = SAMPLES[:5]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tiny(tmp_path_factory.mktemp("models"))


@pytest.fixture(autouse=True)
def offers_tiny_and_few_samples(configured, folder, monkeypatch):
    configured(ATTNTOPO_MODELS=str(folder))
    monkeypatch.setattr(collection_photos, "SAMPLES", FEW)


@pytest.fixture(scope="module")
def measured(folder):
    model = at.load_model("tiny", extra_models=[folder])
    return [
        measure_photo(
            model.attend(photo), 1, 2, VIEW.distance, class_token=class_token_state(model, photo)
        )
        for photo in map(at.sample, FEW)
    ]


@pytest.fixture(scope="module")
def features(folder):
    model = at.load_model("tiny", extra_models=[folder])
    return [dict(features_of_heads(model.attend(at.sample(name)), VIEW.distance)) for name in FEW]


def matrix(measured, measure: str) -> np.ndarray:
    pairs = PairDistances(measured, measure)
    for _ in pairs.fill_in():
        pass
    return pairs.values


def opened(**changes):
    return open_app("collection", **replace(VIEW, **changes).to_query())


def press(app, start: str):
    (button,) = (one for one in app.button if one.label.startswith(start))
    button.click().run()
    assert not app.exception, app.exception
    return app


def said(app) -> str:
    return " ".join(one.value for one in (*app.markdown, *app.caption))


@pytest.mark.parametrize("measure", ["h1-bottleneck", "features", "mean-attention"])
def test_distances_stand_beside_their_baselines(measured, measure):
    app = opened(between=measure)
    assert PHOTO_DISTANCES[measure].explanation.split(".")[0] in said(app)
    press(app, "Measure 10 distances")
    own = matrix(measured, measure)
    for other in ("class-token", "mean-attention"):
        told = f"Agreement with the baseline {PHOTO_DISTANCES[other].label}: "
        if other == measure:
            assert told not in said(app)
        else:
            assert told + mantel_test(own, matrix(measured, other)).text in said(app)
    app.session_state["distances shown as"] = "Outliers"
    app.run()
    rows = app.dataframe[0].value.to_dict("records")
    scores = dict(zip((one.replace("_", " ") for one in FEW), outlier_scores(own), strict=True))
    assert {row["photo"]: row["how far out"] for row in rows} == pytest.approx(scores)
    assert [row["how far out"] for row in rows] == sorted(scores.values(), reverse=True)


@pytest.mark.parametrize("shown", ["Heat map", "Tree", "Map", "Neighbours"])
def test_each_picture_is_drawn_with_its_sentence(shown):
    app = press(opened(), "Measure 10 distances")
    app.session_state["distances shown as"] = shown
    app.run()
    assert not app.exception
    assert app.get("plotly_chart")
    start = {"Heat map": "Dark cells", "Tree": "Two groups join", "Map": "Stress 0."}
    assert start.get(shown, "The 5 photos nearest") in said(app)


def test_it_is_not_computed_twice(monkeypatch):
    press(opened(), "Measure 10 distances")
    monkeypatch.setattr(PairDistances, "compute", None)
    again = opened()
    assert "Agreement with the baseline" in said(again)
    assert not [one for one in again.button if one.label.startswith("Measure")]


def test_a_stopped_job_goes_on_where_it_stopped(monkeypatch):
    monkeypatch.setattr("attntopo.analysis.photo_sets.pairs.PIECE_SECONDS", 0.0)
    computed = []
    compute = PairDistances.compute

    def few(pairs, piece):
        computed.append((pairs.measure, *piece))
        if len(computed) == 4:
            raise at.DiagramError("Enough for now.")
        compute(pairs, piece)

    monkeypatch.setattr(PairDistances, "compute", few)
    app = press(opened(between="h0-1-wasserstein"), "Measure 10 distances")
    assert [one.value for one in app.warning] == ["Enough for now."]
    press(app, "Stop")
    press(app, "Go on")
    assert "Agreement with the baseline" in said(app)
    done = [one for one in computed if one[0] == "h0-1-wasserstein"]
    assert len(set(done)) == 10
    assert 10 < len(done) <= 10 + 2  # once more only what failed, and what ran beside it


def test_two_groups_are_compared_by_all_features_of_all_heads(features):
    first, second = FEW[:2], FEW[2:]
    app = opened(groups=f"{'.'.join(first)}~{'.'.join(second)}")
    press(app, "Measure all heads of 5 photos")
    values, labels = feature_table(features)
    comparison = compare_groups(values, [0, 1], [2, 3, 4])
    assert [one.value for one in app.warning] == [comparison.text]
    rows = app.dataframe[0].value.to_dict("records")
    assert rows == group_rows(comparison, labels)[:200]


def test_groups_of_samples_are_in_the_link_and_a_photo_is_in_one_of_them():
    app = opened(groups=f"{FEW[0]}~{FEW[1]}.{FEW[2]}")
    first, second = app.multiselect
    assert (first.value, second.value) == ([FEW[0]], [FEW[1], FEW[2]])
    first.set_value([FEW[0], FEW[2]]).run()
    assert query(app)["groups"] == f"{FEW[0]}.{FEW[2]}~{FEW[1]}"
    assert app.multiselect[1].value == [FEW[1]]
    for one in (0, 1):
        app.multiselect[one].set_value([]).run()
    assert query(app)["groups"] == "none"
    assert "Choose photos for both groups" in said(app)


def test_what_would_take_too_long_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr("attntopo.ui.results.asked_work.MOST_SECONDS", 1e-6)
    monkeypatch.setattr("attntopo.ui.results.collection.Collection.refusal", "")
    app = opened(groups=f"{FEW[0]}~{FEW[1]}")
    assert "`attntopo.analysis.PairDistances` computes it" in said(app)
    assert "`attntopo.analysis.features_of_heads` computes it" in said(app)
    assert not [one for one in app.button if one.label.startswith("Measure")]
    assert asked_panel.is_asked("distances", (), lambda: (0, 1)) is False
