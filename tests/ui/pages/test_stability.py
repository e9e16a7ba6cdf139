"""The Stability page with Streamlit's AppTest, against the library."""

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis import PERTURBATIONS, certificate_radii, stability_of_head, surviving_bars
from attntopo.analysis.stability import distances_to_others
from attntopo.links.view import HeadChoice, View
from attntopo.photos.samples import SAMPLES
from attntopo.topology import edge_links
from attntopo.ui.parts import stability_heads, stability_page
from attntopo.ui.results import all_heads_perturbed, perturbed, photo_inputs, stability
from attntopo.ui.runtime import nbytes_of, shared
from tests.harness.app import open_app, query, warnings, widget
from tests.harness.model_folders import write_tiny

VIEW = View("astronaut", "coffee", "tiny", 1, 2, perturbation="blur", strength=2.0)

FEW = SAMPLES[:5]  # the astronaut comes first


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tiny(tmp_path_factory.mktemp("models"))


@pytest.fixture(autouse=True)
def offers_tiny_and_few_samples(configured, folder, monkeypatch):
    configured(ATTNTOPO_MODELS=str(folder))
    monkeypatch.setattr(stability, "SAMPLES", FEW)


@pytest.fixture(scope="module")
def tiny(folder):
    return at.load_model("tiny", extra_models=[folder])


def numbers(app) -> dict[str, list[tuple[str, str]]]:
    """The table's numbers in H0 and H1 by name; those of other photos follow what they are of."""
    (text,) = (one.value for one in app.markdown if one.value.startswith("|"))
    rows: dict[str, list[tuple[str, str]]] = {}
    for line in text.splitlines()[2:]:
        name, *cells = (cell.strip() for cell in line.replace("\\|", "").split("|")[1:-1])
        if not name.startswith("of "):
            rows[last := name] = []
        rows[last].append(tuple(cells))
    return rows


def frame(app, column: str):
    (found,) = (one.value for one in app.dataframe if column in one.value.columns)
    return found


def outcome(tiny, view: View, name: str = "astronaut"):
    how = [(view.perturbation, view.strength)]
    each = stability_of_head(
        at.sample(name), tiny.attend, view.layer, view.head, view.distance, view.tokens, how
    )
    ((_, _, one),) = each
    return one


def test_numbers_are_the_librarys_beside_those_of_other_photos(tiny):
    app = open_app("stability", **VIEW.to_query())
    assert not app.error
    assert query(app) == VIEW.to_query()
    one, shown = outcome(tiny, VIEW), numbers(app)
    clean, *others = (
        at.analyse(tiny.attend(at.sample(name)), VIEW.layer, VIEW.head, VIEW.distance)
        for name in FEW
    )
    apart = distances_to_others(clean, others)
    assert shown["Bottleneck"][0] == tuple(f"{x:.4f}" for x in one.distances.bottleneck)
    assert shown["1-Wasserstein"][0] == tuple(f"{x:.4f}" for x in one.distances.wasserstein)
    assert shown["Bound maxD − D′"] == [(f"{one.bound:.4f}",) * 2]
    assert len(others) == 4
    for k in (0, 1):
        far = [each.bottleneck[k] for each in apart]
        said = f"{np.median(far):.4f} ({min(far):.4f} to {max(far):.4f})"
        assert shown["Bottleneck"][1][k] == said
        there = [surviving_bars(clean.diagrams, each.diagrams, k).sum() for each in others]
        bars = clean.diagrams[k]
        endless = 1 - k  # one component never ends
        own = f"{one.survives[k].sum() - endless} of {len(bars) - endless}"
        there = [each - endless for each in there]
        said = f"{np.median(there):.0f} ({min(there)} to {max(there)})"
        assert [each[k] for each in shown["Bars that survive, of those that end"]] == [own, said]
        certified = (certificate_radii(bars) > one.bound).sum() - endless
        assert shown["Certified: radius above the bound"][0][k] == str(certified)
    bars = frame(app, "in others")
    assert len(bars) == sum(len(clean.diagrams[k]) for k in (0, 1))
    assert bars["survives"].sum() == sum(one.survives[k].sum() for k in (0, 1))
    assert (np.diff(bars["radius"][np.isfinite(bars["radius"])]) <= 0).all()


def test_tokens_that_were_left_out_are_told():
    view = replace(VIEW, perturbation="zoom", strength=2.0, perturbed="b")
    app = open_app("stability", **view.to_query())
    said = " ".join(one.value for one in app.markdown)
    # Of 14 patches a side those are there in which a patch's centre lies, twice as large; and the
    # class token.
    a_side = {math.floor(3.5 + (k + 0.5) / 2) for k in range(14)}
    assert f"{len(a_side) ** 2 + 1} tokens of 197 are matched" in said
    assert f"{196 - len(a_side) ** 2} are left out" in said
    assert "Clean B: coffee" in said
    assert "Certified" not in said
    assert "of matched tokens alone" in said


def test_all_heads_are_ranked_and_are_the_librarys(tiny):
    app = open_app("stability", **VIEW.to_query())
    heads = frame(app, "RTD-lite")
    assert len(heads) == 6
    assert (np.diff(heads["merge heights"]) <= 0).all()
    for row in heads.to_dict("records"):
        one = outcome(tiny, replace(VIEW, layer=int(row["layer"]), head=int(row["head"])))
        assert row["merge heights"] == one.paired.merge_heights
        assert row["RTD-lite"] == one.paired.rtd_lite
        assert row["bound"] == one.bound
        assert (row["H0 bottleneck"], row["H1 bottleneck"]) == one.distances.bottleneck
        assert row["H1 bars that survive"] == one.survives[1].mean()
        assert row["H0 bars that survive"] == (one.survives[0].sum() - 1) / 196
    a, b = (tiny.attend(at.sample(name)) for name in (VIEW.a, VIEW.b))
    row = heads.iloc[0]
    first, second = (
        at.analyse(one, int(row["layer"]), int(row["head"]), VIEW.distance) for one in (a, b)
    )
    distance = at.bottleneck_distance(first.diagrams, second.diagrams, 1)
    assert row["H1 bottleneck to photo B"] == distance


def test_strengths_and_heads_are_computed_once(monkeypatch):
    calls = []
    for module in (perturbed, all_heads_perturbed):
        original = module.compare_perturbed

        def noted(*arguments, original=original, of=module.__name__):
            calls.append(of.rpartition(".")[2])
            return original(*arguments)

        monkeypatch.setattr(module, "compare_perturbed", noted)
    app = open_app("stability", **VIEW.to_query())
    n_strengths = len(PERTURBATIONS["blur"].strengths)
    assert calls.count("perturbed") == n_strengths
    assert calls.count("all_heads_perturbed") == 6
    widget(app, "strength").set_value(0.5).run()
    assert query(app)["strength"] == "0.5"
    assert calls.count("perturbed") == n_strengths
    assert calls.count("all_heads_perturbed") == 12  # the table is of one strength
    widget(app, "strength").set_value(2.0).run()
    widget(app, "scale").set_value(0.1).run()
    assert len(calls) == n_strengths + 12


def test_a_new_perturbation_brings_its_middle_strength():
    app = open_app("stability", **VIEW.to_query())
    widget(app, "perturbation").select("jpeg").run()
    assert not app.exception
    assert (query(app)["perturbation"], query(app)["strength"]) == ("jpeg", "50")
    assert widget(app, "strength").value == 50.0
    assert not app.warning


def test_a_selected_bar_is_told_with_its_partner(tiny):
    clean = at.analyse(tiny.attend(at.sample("astronaut")), 1, 2, VIEW.distance)
    row = int(np.argmax(np.diff(clean.diagrams[1], axis=1)))
    birth, death = clean.diagrams[1][row]
    app = open_app("stability", **replace(VIEW, selection=f"a-h1-{row}").to_query())
    (words,) = (one.value for one in app.markdown if "Selected: the" in one.value)
    assert f"the H1 bar {birth:.4f} to {death:.4f}, radius {(death - birth) / 2:.4f}" in words
    assert ("so it survives" in words) == bool(outcome(tiny, VIEW).survives[1][row])
    # One that isn't there is nothing.
    app = open_app("stability", **replace(VIEW, selection="a-h1-9999").to_query())
    assert not any("Selected: the" in one.value for one in app.markdown)
    assert not app.exception


def test_attention_without_a_model_is_a_sentence_and_a_way_on(model):
    view = View("ring", "coffee", layer=0, head=0, distance="hellinger")
    app = open_app("stability", **view.to_query())
    assert "without a model: there is nothing that could be run" in warnings(app)
    assert not app.dataframe
    (button,) = (one for one in app.button if one.label.startswith("Perturb B"))
    button.click().run()
    assert not app.exception
    assert query(app)["perturbed"] == "b"
    left_out = "Of 2 heads of A and 72 of B, those that both have are looked at: 2."
    assert any(left_out in one.value for one in app.markdown)
    assert "nothing that could be run" not in warnings(app)
    assert numbers(app)
    app = open_app("stability", **replace(view, b="ring").to_query())
    assert "or look at photo" not in warnings(app)


def test_a_page_holds_one_perturbed_photo_not_one_a_strength(monkeypatch):
    drawn: list[stability.Strengths] = []
    monkeypatch.setattr(
        stability_page,
        "Strengths",
        lambda *of_what: drawn.append(stability.Strengths(*of_what)) or drawn[-1],
    )
    open_app("stability", **VIEW.to_query())
    page = drawn[-1]
    assert set(page.outcomes) == set(page.strengths)
    assert page.shown.outcome is page.outcomes[VIEW.strength]
    assert nbytes_of(list(page.outcomes.values())) < page.shown.photo.pixels.nbytes / 5


def test_what_would_take_too_long_is_a_sentence(monkeypatch):
    monkeypatch.setattr(edge_links, "MOST_OPERATIONS", 1e4)
    app = open_app("stability", **VIEW.to_query())
    (error,) = app.error
    assert "Persistence of 197 points" in error.value


def test_many_heads_are_computed_when_they_are_asked_for(monkeypatch):
    monkeypatch.setattr(stability_heads, "_UNASKED", 0.0)
    app = open_app("stability", **VIEW.to_query())
    assert not any("RTD-lite" in one.value.columns for one in app.dataframe)
    (button,) = (one for one in app.button if one.label.startswith("Compute all 6 heads: up to"))
    button.click().run()
    assert len(frame(app, "RTD-lite")) == 6
    # Of the strength that is shown attention of all layers isn't kept any more: nobody needs it.
    photo = photo_inputs.PhotoInput(photo_inputs.sample_photo("astronaut"), "")
    key = partial(perturbed.perturbed_key, photo, HeadChoice("tiny", 1, 2), ("blur", 2.0))
    assert shared.kept_results().get(key(None)) is None
    assert shared.kept_results().get(key((1,))) is not None


def test_beside_many_visitors_all_heads_are_computed_when_they_are_asked_for(monkeypatch):
    monkeypatch.setattr(shared, "open_sessions", lambda: {f"visitor {k}" for k in range(10_000)})
    app = open_app("stability", **VIEW.to_query())
    assert not any("RTD-lite" in one.value.columns for one in app.dataframe)
    assert any(one.label.startswith("Compute all 6 heads: up to") for one in app.button)


def test_b_is_looked_at_as_a_is_whatever_b_has_of_its_own(tiny):
    own = {"model_b": "tiny", "layer_b": 0, "head_b": 1}
    view = replace(VIEW, perturbed="b", **own)
    app = open_app("stability", **view.to_query())
    assert query(app) == view.to_query()
    one = outcome(tiny, view, "coffee")
    assert numbers(app)["Bottleneck"][0] == tuple(f"{x:.4f}" for x in one.distances.bottleneck)
    assert any("here A's are shown" in one.value for one in app.markdown)


def test_a_photo_beside_attention_with_fewer_layers_keeps_its_own():
    view = replace(VIEW, b="ring", model_b="embedded", layer_b=0, head_b=1)
    app = open_app("stability", **view.to_query())
    assert len(frame(app, "RTD-lite")) == 6
    assert not any("to photo B" in name for name in frame(app, "RTD-lite").columns)
    assert widget(app, "layer").value == 1
