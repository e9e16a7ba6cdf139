"""The line beneath the tiles: where a distance lies among all pairs of sample photos."""

import re
import threading
from itertools import combinations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import attntopo as at
from attntopo.links.photo_names import is_private
from attntopo.links.view import View
from attntopo.settings import app_settings
from attntopo.ui.parts.sample_pairs import sentence
from attntopo.ui.results import sample_pairs, steps
from attntopo.ui.results.sample_pairs import Jobs
from attntopo.ui.runtime import shared
from attntopo.ui.runtime.result_cache import ResultCache
from tests.harness.app import open_app, query, run_until, tiles, waits_for, widget
from tests.harness.model_folders import write_tiny
from tests.harness.synthetic import neighbourly_maps

LABEL = "Compare with all pairs of sample photos"


def button(app: AppTest):
    return next((found for found in app.button if found.label == LABEL), None)


def line(app: AppTest, what: str = "sample photos") -> str:
    """The sentence on the page; an empty one where there is none."""
    return next((text.value for text in app.markdown if what in text.value), "")


def until_ready(app: AppTest) -> str:
    def ready() -> bool:
        coming = re.search(r"Comparing with the sample photos: \d+ of 18 read …", line(app))
        assert coming or "Larger than" in line(app)
        return not coming

    run_until(app, ready)
    return line(app)


def naive_pairs(model: at.Model, view: View) -> list[float]:
    """The long way round: every pair's H0 bottleneck distance from whole diagrams."""
    diagrams = [
        at.persistence_diagrams(
            at.row_distances(
                model.attend(at.sample(name)).head(view.layer, view.head), view.distance
            )
        )
        for name in at.SAMPLES
    ]
    return [at.bottleneck_distance(first, second, 0) for first, second in combinations(diagrams, 2)]


def test_the_button_leads_to_the_count_of_all_pairs(configured, tmp_path):
    folder = write_tiny(tmp_path)
    configured(
        ATTNTOPO_SAMPLE_PAIRS="on",
        ATTNTOPO_MODELS=str(folder),
        ATTNTOPO_CACHE=str(tmp_path / "cache"),
    )
    view = View("coffee", "rocket", model="tiny", layer=1, head=2)
    app = open_app("compare", **view.to_query())
    before = tiles(app)
    assert "Comparing" not in line(app)
    button(app).click().run()
    assert not app.exception
    assert query(app) == view.to_query()
    found = until_ready(app)
    assert button(app) is None
    assert tiles(app) == before
    model = at.load_model(str(folder))
    expected = naive_pairs(model, view)
    own = at.compare(
        *(
            at.analyse(model.attend(at.sample(name)), 1, 2, view.distance)
            for name in ("coffee", "rocket")
        )
    ).h0_bottleneck
    assert own in expected
    smaller = sum(pair < own for pair in expected)
    assert found == (
        f":small[**H0 bottleneck.** Larger than {smaller} of the 153 pairs of sample photos for "
        f"this head (median {np.median(expected):.4f}).]"
    )
    # Another head is there at once, another distance on request; a local folder's files may
    # change, so nothing of it is on disk.
    widget(app, "layer").set_value(0).run()
    assert "Larger than" in line(app)
    widget(app, "distance").set_value("hellinger").run()
    assert button(app) is not None
    assert not (tmp_path / "cache/sample-pairs").exists()
    # What the store has dropped is computed again, unasked.
    widget(app, "distance").set_value(view.distance).run()
    shared.kept_results().drop("")
    app.run()
    assert "Comparing" in line(app)
    until_ready(app)


def counted(calls: list, shape=(12, 6, 256)):
    """In the place of the forward passes: deaths by chance, at once."""

    def deaths(attend, n_photos, distance, tokens, report, turn):
        calls.append((distance, tokens))
        report(n_photos)
        return np.random.default_rng(0).random((n_photos, *shape))

    return deaths


def test_the_embedded_model_is_compared_unasked_and_kept_on_disk(configured, monkeypatch, tmp_path):
    calls: list = []
    monkeypatch.setattr(sample_pairs, "deaths_of_photos", counted(calls))
    cache = app_settings().cache_folder
    configured(ATTNTOPO_SAMPLE_PAIRS="on")
    app = open_app()
    assert button(app) is None
    first = until_ready(app)
    assert calls == [("jensen-shannon", "all")]
    kept = list((cache / "sample-pairs").iterdir())
    try:
        assert len(kept) == 1
        widget(app, "tokens").set_value("patches").run()
        until_ready(app)
        assert calls[1:] == [("jensen-shannon", "patches")]
        configured()  # as another process would
        assert until_ready(open_app()) == first
        assert len(calls) == 2
    finally:
        for path in (cache / "sample-pairs").iterdir():
            path.unlink()


def test_a_failure_is_one_sentence_and_can_be_tried_again(configured, monkeypatch):
    configured()
    app = open_app()
    assert button(app) is not None  # the setting is off in tests
    calls: list = []
    failing = [at.ModelError("The model is gone."), ZeroDivisionError("in the depths")]

    def fail(*args, **kwargs):
        raise failing.pop()

    monkeypatch.setattr(sample_pairs, "deaths_of_photos", fail)
    monkeypatch.setattr(sample_pairs, "_on_disk", lambda *_: None)
    for reason in ("The sample photos couldn't be compared.", "The model is gone."):
        button(app).click().run()
        run_until(app, lambda reason=reason: bool(line(app, reason)))
        assert line(app, reason) == f":small[{reason}]"
        assert not app.exception
    monkeypatch.setattr(sample_pairs, "deaths_of_photos", counted(calls))
    button(app).click().run()
    until_ready(app)
    assert len(calls) == 1


def test_a_store_that_is_too_small_says_so(configured, monkeypatch):
    monkeypatch.setattr(sample_pairs, "deaths_of_photos", counted([]))
    monkeypatch.setattr(sample_pairs, "_on_disk", lambda *_: None)
    configured(ATTNTOPO_SAMPLE_PAIRS="on", ATTNTOPO_MEMORY_MB="100")  # the model fits
    kept = ResultCache._keep
    monkeypatch.setattr(
        ResultCache,
        "_keep",
        lambda self, key, *found: key[0] != "sample deaths" and kept(self, key, *found),
    )
    app = open_app()
    run_until(app, lambda: "too small" in line(app))
    assert tiles(app)["H0 bottleneck"]


@pytest.mark.parametrize("setting", ["on", "off"])
def test_beside_given_attention_there_is_no_line(configured, setting):
    configured(ATTNTOPO_SAMPLE_PAIRS="off")
    app = open_app()
    assert button(app) is not None
    configured(ATTNTOPO_SAMPLE_PAIRS=setting)
    given = at.Attention.from_arrays(neighbourly_maps((5, 7)), grid=(5, 7), n_prefix=1)
    app.file_uploader[1].upload("own.npz", at.save_attention(given), "application/zip").run()
    assert is_private(query(app)["b"])
    assert not app.exception
    assert button(app) is None
    assert not line(app)
    assert not sample_pairs.jobs().was_asked((steps.head_key(View(), "a")[0], View.distance, "all"))


def test_only_one_job_runs_at_a_time_and_none_twice():
    running, most, done = [], [], []
    gate = threading.Event()

    def work(model_id, key, job):
        running.append(key)
        most.append(len(running))
        gate.wait(120)
        running.remove(key)
        done.append(key)

    jobs = Jobs(work)
    keys = [
        ("m@", distance, "all") for distance in ("double-softmax", "hellinger", "total-variation")
    ]
    for key in keys * 2:
        jobs.begin("m", key)
    assert all(jobs.find(key) is not None and jobs.was_asked(key) for key in keys)
    gate.set()
    waits_for(lambda: all(jobs.find(key) is None for key in keys))
    assert sorted(done) == sorted(keys)
    assert max(most) == 1
    assert not jobs.was_asked(("m@", "double-softmax", "patches"))


def test_each_piece_has_its_slot_after_everybody_elses():
    queue = shared.queue()
    assert queue.state[0] == 0
    with shared.background_slot():
        assert queue.state[0] == 1
    assert queue.state == (0, 0)


def test_equal_pairs_do_not_count_as_smaller():
    assert "Larger than 1 of the 4 pairs" in sentence(np.array([0.1, 0.2, 0.2, 0.3]), 0.2)
    assert "Larger than 0 of the 2 pairs" in sentence(np.array([0.0, 0.0]), 0.0)
    assert "(median 0.0500)" in sentence(np.array([0.0, 0.1]), 0.2)
