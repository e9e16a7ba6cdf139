"""Every head against a chosen one, and against its untrained twin, against the library's own."""

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import attntopo as at
from attntopo.analysis import QUANTITIES, heads_compared
from attntopo.links.view import View
from attntopo.ui.results import asked_work
from tests.harness.app import open_app, query, widget
from tests.harness.model_folders import write_tiny

BUTTON = "Compare all heads (up to "


@pytest.fixture
def tiny(tmp_path, configured):
    """A model of 2 layers with 3 heads each, and its untrained twin."""
    folder = write_tiny(tmp_path)
    file, random = folder / "model.safetensors", np.random.default_rng(1)
    weights = {  # its own are drawn as the twin's
        name: (one + random.normal(scale=0.2, size=one.shape)).astype(np.float32)
        for name, one in load_file(file).items()
    }
    save_file(weights, file, {"format": "pt"})
    configured(ATTNTOPO_MODELS=str(folder))
    return [at.load_model(one, extra_models=[folder]) for one in ("tiny", "tiny~untrained")]


def view_of(quantity: str, **more) -> View:
    given = {"model": "tiny", "layer": 1, "head": 2, "quantity": quantity} | more
    return View("astronaut", "coffee", **given)


def shown(app, quantity: str, letter: str) -> dict[tuple[int, int], float]:
    frame = app.dataframe[0].value
    column = f"{QUANTITIES[quantity].label}, {letter}"
    return {(int(row["layer"]), int(row["head"])): row[column] for _, row in frame.iterrows()}


def ask(app):
    (button,) = (one for one in app.button if one.label.startswith(BUTTON))
    button.click().run()
    assert not app.exception
    return app


def said(app) -> str:
    return " ".join(
        one.value for one in app.markdown if "**A: " in one.value or "**B: " in one.value
    )


def test_every_head_is_compared_with_the_one_that_is_chosen(tiny):
    model, _twin = tiny
    app = open_app("atlas", **view_of("rtd-lite-chosen").to_query())
    assert "No head is compared yet" in said(app)
    assert not any("RTD-lite" in name for name in app.dataframe[0].value)
    options = widget(app, "against").options
    assert options[0] == "the head on Compare: layer 1, head 2"
    assert len(options) == 1 + 2 * 4
    ask(app)
    _against(app, model, (1, 2))
    assert shown(app, "rtd-lite-chosen", "A")[1, 2] == 0
    widget(app, "against").set_value("0-mean").run()
    assert query(app)["against"] == "0-mean"
    assert "No head is compared yet" in said(app)
    _against(ask(app), model, (0, "mean"))


def _against(app, model, chosen) -> None:
    for letter, name in (("A", "astronaut"), ("B", "coffee")):
        attention = model.attend(at.sample(name))
        distances = at.row_distances(attention.head(*chosen), View.distance)
        compared = dict(heads_compared(attention, distances))
        for quantity, number in (
            ("rtd-lite-chosen", "rtd_lite"),
            ("merges-chosen", "merge_heights"),
        ):
            expected = {head: getattr(one, number) for head, one in compared.items()}
            assert shown(app, quantity, letter) == pytest.approx(expected)
        apart = {head: one.rtd_lite for head, one in compared.items() if head != chosen}
        layer, head = min(apart, key=apart.__getitem__)
        assert f"layer {layer}, head {head} ({apart[layer, head]:.4g}); farthest" in said(app)


def test_every_head_is_compared_with_its_twins(tiny):
    model, twin = tiny
    app = ask(open_app("atlas", **view_of("merges-twin", tokens="patches").to_query()))
    photo = at.sample("coffee")
    trained, untrained = (one.attend(photo) for one in (model, twin))
    points = np.arange(trained.n_prefix, trained.n_tokens)
    for head, value in shown(app, "merges-twin", "B").items():
        both = [
            at.row_distances(one.head(*head), View.distance, points) for one in (trained, untrained)
        ]
        assert value == pytest.approx(at.merge_height_correlation(*both))
        assert value < 0.99
    assert "Nearest to its untrained twin" in said(app)


def test_what_has_no_twin_gets_a_sentence(tiny):
    app = open_app("atlas", **view_of("rtd-lite-twin", model="tiny~untrained").to_query())
    assert said(app).count("the untrained twin's own") == 2
    assert not any(one.label.startswith(BUTTON) for one in app.button)
    ring = View("ring", "coffee", model="tiny", layer=0, head=0, quantity="rtd-lite-twin")
    app = ask(open_app("atlas", **ring.to_query()))
    assert "no untrained twin" in said(app)
    assert np.isnan(list(shown(app, "rtd-lite-twin", "A").values())).all()
    assert shown(app, "rtd-lite-twin", "B")[0, 0] > 0


def test_what_would_take_too_long_is_refused_in_a_sentence(tiny, monkeypatch):
    monkeypatch.setattr(asked_work, "MOST_SECONDS", 0.0)
    app = open_app("atlas", **view_of("rtd-lite-chosen").to_query())
    assert not any(one.label.startswith(BUTTON) for one in app.button)
    assert any("too long for this page" in one.value for one in app.markdown)
