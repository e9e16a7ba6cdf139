from dataclasses import replace
from urllib.parse import parse_qs, quote, urlencode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attntopo.analysis.perturbations import PERTURBATIONS
from attntopo.attention import Attention
from attntopo.distances.rows import DISTANCES
from attntopo.links.bounds import largest_scale
from attntopo.links.options import CHOICES
from attntopo.links.presets import PRESETS
from attntopo.links.query import read_photos, read_query
from attntopo.links.selection import swapped
from attntopo.links.view import View
from attntopo.models.info import ModelError, ModelInfo
from attntopo.models.model_input import ModelInput
from attntopo.models.pair_info import SharedInfo
from attntopo.models.untrained import trained_id, untrained_id
from attntopo.photos.samples import SAMPLES

SMALL = ModelInfo("embedded", 12, 6, (16, 16), ("class token",), "", 14, 224, (224, 336, 448, 518))
LARGE = ModelInfo(
    "google/vit-large-patch16-224",
    *(24, 16, (14, 14), ("class token",), ""),
    *(16, 224, (224, 336, 448, 512)),
)
MODELS = {info.id: info for info in (SMALL, LARGE)}


def describe(*models: str) -> SharedInfo:
    """What there is to look at with the models of A and of B."""
    both = (trained_id(models[min(side, len(models) - 1)]) for side in (0, 1))
    return SharedInfo(tuple(MODELS[one] for one in both))


def read(query: dict[str, list[str]]) -> tuple[View, list[str]]:
    return read_query(query, list(MODELS), describe)


PICKS = [
    "none",
    "a-token-37",
    "b-h1-4",
    "a-h0-0",
    "pair-h0-bottleneck-3",
    "pair-h1-wasserstein-2-5",
]


@st.composite
def views(draw):
    info = draw(st.sampled_from(list(MODELS.values())))
    info_b = draw(st.sampled_from(list(MODELS.values()))) if draw(st.booleans()) else None
    shared = SharedInfo((info, info_b or info))
    side = draw(st.sampled_from([None, *shared.input_sides[1:]]))
    choices = {name: draw(st.sampled_from(values)) for name, values in CHOICES.items()}
    info, info_b = (
        one and one.with_input(ModelInput(side, choices["shape"])) for one in (info, info_b)
    )
    distance = draw(st.sampled_from(list(DISTANCES)))
    last = round(100_000 * DISTANCES[distance].largest_scale(info.n_tokens))
    own = {}
    last_b = last
    if info_b:
        own = {"model_b": info_b.id, "layer_b": draw(st.integers(0, info_b.n_layers - 1))}
        own["head_b"] = draw(heads(info_b))
        last_b = round(100_000 * DISTANCES[distance].largest_scale(info_b.n_tokens))
    return View(
        a=draw(st.sampled_from([*SAMPLES, "ring"])),
        b=draw(st.sampled_from([*SAMPLES, "private"])),
        model=draw(st.sampled_from([info.id, untrained_id(info.id)])),
        layer=draw(st.integers(0, info.n_layers - 1)),
        head=draw(heads(info)),
        distance=distance,
        scale=draw(st.none() | st.integers(0, min(last, last_b)).map(lambda k: k / 100_000)),
        share=draw(st.none() | st.integers(0, 10_000).map(lambda k: k / 100)),
        selection=draw(st.sampled_from(PICKS)),
        input=side,
        strength=float(draw(st.sampled_from(PERTURBATIONS[choices["perturbation"]].strengths))),
        against=draw(st.sampled_from(["chosen", "0-mean", f"{info.n_layers - 1}-0"])),
        **choices,
        **own,
    )


def heads(info: ModelInfo) -> st.SearchStrategy:
    return st.one_of(st.integers(0, info.n_heads - 1), st.sampled_from(["mean", "rollout"]))


@given(views())
def test_a_link_gives_its_view_back_without_a_note(view):
    query = parse_qs(urlencode(view.to_query()))
    assert read(query) == (view, [])


def test_the_link_carries_every_value_and_the_version():
    assert View().to_query() == {
        "v": "2",
        "a": "camera",
        "b": "coffee",
        "model": "embedded",
        "layer": "8",
        "head": "mean",
        "distance": "jensen-shannon",
        "scale": "objects",
        "tokens": "all",
        "layout": "distances",
        "color": "component",
        "quantity": "h0-bottleneck",
        "pictures": "own",
        "against": "chosen",
        "pick": "none",
        "paint": "60",
        "patches": "components",
        "frame": "photo",
        "tab": "diagrams",
        "matching": "h1-bottleneck",
        "heat": "to",
        "sort": "length-down",
        "shown": "a",
        "camera_a": "0.60,0.35,1.00",
        "camera_b": "0.60,0.35,1.00",
        "shape": "square",
        "perturbed": "a",
        "perturbation": "noise",
        "strength": "16",
        "collection": "samples",
        "sheet": "order-up",
        "between": "h0-bottleneck",
        "groups": "none",
    }
    assert View(perturbation="zoom", strength=1.05).to_query()["strength"] == "1.05"
    assert View(input=448, shape="photo").to_query() == {
        **View().to_query(),
        "input": "448",
        "shape": "photo",
    }
    own = View(model_b="embedded", layer_b=3, head_b="mean").to_query()
    assert (own["model_b"], own["layer_b"], own["head_b"]) == ("embedded", "3", "mean")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a", "dog"),
        ("b", "sha256-" + "0" * 63),
        ("model", "evil/model"),
        ("layer", "12"),
        ("layer", "-1"),
        ("layer", "1_0"),
        ("layer", "٣"),
        ("head", "6"),
        ("head", "1.0"),
        ("distance", "euclid"),
        ("scale", "nan"),
        ("scale", "1e-2"),
        ("scale", "0.201"),
        ("scale", "-0.01"),
        ("tokens", "some"),
        ("layout", "<script>"),
        ("color", ""),
        ("share", "100.01"),
        ("share", "-1"),
        ("share", "1e1"),
        ("input", "300"),
        ("input", "0"),
        ("input", "512"),
        ("input", "448px"),
        ("shape", "round"),
        ("paint", "101"),
        ("paint", "6.5"),
        ("frame", "square"),
        ("patches", "all"),
        ("against", "12-0"),
        ("against", "9-rollout"),
        ("against", "9"),
        ("tab", "matchings"),
        ("matching", "h2-bottleneck"),
        ("heat", "to by"),
        ("sort", "weight-down"),
        ("shown", "both"),
        ("perturbed", "both"),
        ("perturbation", "fog"),
        ("strength", "17"),
        ("strength", "-4"),
        ("strength", "nan"),
        ("strength", "1e1"),
        ("camera_a", "0.6,0.35,1"),
        ("camera_a", "3.20,0.35,1.00"),
        ("camera_b", "0.60,1.60,1.00"),
        ("camera_b", "0.60,0.35,0.20"),
        ("camera_b", "nan,0.35,1.00"),
    ],
)
def test_a_bad_value_becomes_the_default_with_a_note_that_names_it(name, value):
    view, notes = read({"distance": ["double-softmax"], name: [value]})
    assert view == (View() if name == "distance" else View(distance="double-softmax"))
    assert len(notes) == 1
    assert f"`{name}`" in notes[0]
    assert not value or value not in notes[0]


def test_a_link_with_the_older_name_of_a_distance_opens_without_a_note():
    meant = View(layer=3, scale=0.041, distance="double-softmax")
    older = meant.to_query() | {"distance": "notebook"}
    view, notes = read(parse_qs(urlencode(older)))
    assert (view, notes) == (meant, [])
    bare = read({"v": ["1"], "distance": ["notebook"]})[0]
    assert bare.scale == DISTANCES["double-softmax"].default_scale
    # What is written says nothing of it, so the address is another one then.
    assert view.to_query() == older | {"distance": "double-softmax"}


def test_a_strength_is_one_of_its_perturbations():
    for name, one in PERTURBATIONS.items():
        for strength in one.strengths:
            view, notes = read({"perturbation": [name], "strength": [f"{strength}"]})
            assert (view.perturbation, view.strength, notes) == (name, strength, [])
        view, notes = read({"perturbation": [name]})
        assert view.strength == one.strengths[len(one.strengths) // 2]
        assert notes == []
        # Chosen on the page it opens with the same.
        if name != View.perturbation:
            assert View().changed(describe("embedded"), perturbation=name) == (view, [])
    view, notes = read({"perturbation": ["blur"], "strength": ["16"]})
    assert (view.perturbation, view.strength) == ("blur", 1.0)
    assert "`strength`" in notes[0]


def test_the_head_that_all_are_compared_with_is_one_that_there_is():
    assert View(layer=7, head="mean").against_head == (7, "mean")
    view = View(against="11-mean")
    assert view.against_head == (11, "mean")
    few = SharedInfo((replace(SMALL, n_layers=3), SMALL))
    moved, notes = view.changed(few, layer=1)
    assert (moved.against, len(notes)) == ("chosen", 1)
    other, notes = View(against="3-5").changed(SharedInfo((LARGE, LARGE)), model=LARGE.id)
    assert (other.against, notes) == ("chosen", [])
    twin, _ = View(against="3-5").changed(SMALL, model=untrained_id(SMALL.id))
    assert twin.against_head == (3, 5)


def test_a_parameter_given_twice_is_refused():
    view, notes = read({"layer": ["3", "4"]})
    assert view.layer == View.layer
    assert "`layer`" in notes[0]


@given(
    st.dictionaries(
        st.sampled_from([*View().to_query(), "model_b", "layer_b", "head_b", "embed", "x"]),
        st.lists(st.text() | st.sampled_from(["mean", "1", "3", *MODELS]), max_size=3),
    )
)
def test_any_query_ends_in_a_view_that_is_allowed(query):
    view, _notes = read(query)
    assert read_photos(query) == (view.a, view.b)
    for side in "ab":
        choice = view.side(side)
        info = MODELS[choice.model]
        assert 0 <= choice.layer < info.n_layers
        assert choice.head in (*range(info.n_heads), "mean", "rollout")
        assert 0 <= (view.scale or 0) <= largest_scale(view.distance, info)
        assert 0 <= (view.share or 0) <= 100
    assert (view.model_b is None) == (view.layer_b is None) == (view.head_b is None)
    assert read(parse_qs(urlencode(view.to_query()))) == (view, [])


def test_a_scale_off_the_grid_is_rounded_with_a_note():
    assert read({"scale": ["0.05854"]}) == (View(scale=0.05854), [])
    view, notes = read({"scale": ["0.058545"]})
    assert view.scale in (0.05854, 0.05855)
    assert "steps of 0.00001" in notes[0]


def test_a_link_of_version_1_means_what_version_1_opened_with():
    old = View("astronaut", "camera", layer=1, head=2, distance="double-softmax", scale=0.05)
    said = {"v": ["1"], "tab": ["bars"]}
    assert read(said)[0] == replace(old, tab="bars")
    assert read_photos(said) == (old.a, old.b)
    assert read({"tab": ["bars"]})[0] == View(tab="bars")


def test_a_link_without_a_scale_means_the_photos_own_but_of_version_1_the_distances():
    assert read({"distance": ["jensen-shannon"]})[0].scale is None
    assert read({"v": ["2"]})[0].scale is None
    assert read({"v": ["1"], "distance": ["jensen-shannon"]})[0].scale == 0.2
    assert read({"v": ["1"], "scale": ["0.07"]})[0].scale == 0.07


@pytest.mark.parametrize("share", [None, 0.0, 33.33, 90.0, 100.0])
@pytest.mark.parametrize("scale", [None, 0.0, 0.058, 0.12345, 0.2])
def test_scales_and_shares_are_read_as_they_were_written(scale, share):
    view = View(scale=scale, share=share)
    assert read(parse_qs(urlencode(view.to_query()))) == (view, [])
    assert ("share" in view.to_query()) == (share is not None)


@pytest.mark.parametrize(
    ("scale", "text"),
    [(None, "objects"), (0.0, "0.000"), (0.058, "0.058"), (0.05, "0.050"), (0.00412, "0.00412")],
)
def test_a_scale_has_three_decimals_or_as_many_as_it_needs(scale, text):
    assert View(scale=scale).to_query()["scale"] == text


def test_a_model_that_is_not_to_be_had_falls_back_to_the_embedded_one():
    def without_a_hub(model_id: str) -> ModelInfo:
        if model_id == LARGE.id:
            raise ModelError("The model hub can't be reached.")
        return SMALL

    query = {"model": [LARGE.id], "layer": ["3"]}
    view, notes = read_query(query, [SMALL.id, LARGE.id], without_a_hub)
    assert view == View(layer=3)
    assert "hub can't be reached" in notes[0]


def test_a_model_of_b_that_is_not_to_be_had_leaves_as_model():
    def without_large(*models: str) -> SharedInfo:
        if LARGE.id in models:
            raise ModelError("It isn't to be had.")
        return describe(*models)

    for a, b in ((SMALL.id, LARGE.id), (LARGE.id, SMALL.id)):
        query = {"model": [a], "model_b": [b], "layer_b": ["11"], "head_b": ["5"], "layer": ["9"]}
        view, notes = read_query(query, list(MODELS), without_large)
        assert (view.model, view.layer, view.model_b, view.layer_b) == (SMALL.id, 9, SMALL.id, 11)
        letter = "B" if b == LARGE.id else "A"
        assert notes == [f"It isn't to be had. The embedded model is shown instead for {letter}."]


FAR = View(
    "coffee",
    "rocket",
    model=LARGE.id,
    layer=20,
    head="mean",
    distance="jensen-shannon",
    scale=0.31,
    tokens="patches",
    selection="pair-h1-wasserstein-2-5",
    sort="birth-up",
    camera_b="-1.20,0.80,2.50",
    model_b=SMALL.id,
    layer_b=3,
    head_b=4,
)
LINK = urlencode(FAR.to_query())


def browsed(link: str) -> tuple[View, list[str]]:
    """What a link says once a browser and Streamlit have taken it apart."""
    return read(parse_qs(link, keep_blank_values=True))


DAMAGES = {
    "escaped for HTML": LINK.replace("&", "&amp;"),
    "escaped twice": LINK.replace("&", "&amp;amp;"),
    "escaped without a semicolon": LINK.replace("&", "&amp"),
    "spaces after the signs": LINK.replace("&", "&%20"),
    "in capitals": LINK.upper(),
    "names in capitals": "&".join(
        f"{name.title()}={value}" for name, _, value in (p.partition("=") for p in LINK.split("&"))
    ),
    "values encoded twice": LINK.replace("%", "%25"),
    "all encoded": quote(LINK, safe=""),
    "all encoded twice": quote(quote(LINK, safe=""), safe=""),
    "all after the first encoded": LINK.replace("&", "%26")
    .replace("=", "%3D")
    .replace("%3D", "=", 1),
    "a line break within": LINK.replace("jensen", "jens%0D%0A en"),
    "unbreakable hyphens": LINK.replace("jensen-shannon", "jensen%E2%80%91shannon"),
    "what can't be seen": LINK.replace("coffee", "cof%E2%80%8Bfee") + "%EF%BB%BF",
    **{
        f"{end!r} at the end": LINK + quote(end)
        for end in [*".,;:!?)]}>'\"`*_/", "**", ").", "…", "”", "’)", "%20", "\n", "> "]
    },
    "counted by others": f"fbclid=IwAR0&{LINK}&utm_source=mail&UTM_Medium=x&gclid=1&mc_cid=2",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_mail_and_chats_make_of_a_link_is_read_as_it_was(damage):
    assert DAMAGES[damage] != LINK
    assert browsed(DAMAGES[damage]) == (FAR, [])


@pytest.mark.parametrize(
    "written", ["objects).", "Objects", "objects**", "ob%2520jects", " OBJECTS "]
)
def test_the_photos_own_scale_is_read_as_other_words_are(written):
    assert read({"scale": [written]}) == (View(), [])
    assert read({"v": ["1"], "scale": [written]})[0].scale is None
    view, notes = read({"scale": ["objectors"]})
    assert (view, len(notes)) == (View(), 1)


def test_a_published_photos_name_is_read_in_any_case():
    name = "sha256-" + "0aF" * 21 + "B"
    assert read({"a": [name + ")."]}) == (View(name.lower()), [])


def test_parameters_that_there_are_not_are_named():
    view, notes = read({"a": ["coffee"], "laier": ["3"]})
    assert view == View("coffee")
    assert notes == ["The link also says `laier`: it means nothing here."]
    names = ["one", "[x](http://y)", "<c>", *(f"x{k}" for k in range(9))]
    _, (note,) = read({name: ["<script>"] for name in names})
    assert note == (
        "The link also says `one`, `x0`, `x1`, `x2`, `x3`, `x4`, `x5` and 5 more: they mean "
        "nothing here."
    )
    _, (note,) = read({"`": ["1"], "<i>": ["1"]})
    assert note == "The link also says 2 with odd names: they mean nothing here."


def test_a_link_that_was_cut_off_says_so():
    for length in range(LINK.index("&scale"), len("v=1&"), -1):
        _, notes = browsed(LINK[:length])
        assert any("`scale`" in note for note in notes), LINK[:length]
    # What the browser takes for an anchor never comes here.
    _, notes = browsed(LINK.replace("&", "&#38;").partition("#")[0])
    assert "`a`, `b`, `model`, `layer`, `head`" in notes[0]
    assert read({"a": ["coffee"]})[1] == []  # as somebody would write it


def test_a_link_of_another_version_is_tried_with_a_note():
    view, notes = read({"v": ["3"], "layer": ["5"]})
    assert view.layer == 5
    assert "version" in notes[0]


def test_a_chosen_scale_stays_until_a_distance_of_other_units_comes():
    view, notes = View(scale=0.11).changed(SMALL, layer=5, a="coffee", model=LARGE.id)
    assert (view.scale, notes) == (0.11, [])
    view, notes = View(scale=0.11).changed(SMALL, distance="hellinger")
    assert (view.scale, notes) == (None, [])
    view, _ = View().changed(SMALL, distance="hellinger", scale=0.4)
    assert view.scale == 0.4


def test_another_model_opens_on_the_mean_of_heads_at_two_thirds_of_its_depth():
    both = SharedInfo((LARGE, LARGE))
    view, notes = View(layer=3, head=5).changed(both, model=LARGE.id)
    assert (view.layer, view.head, notes) == (16, "mean", [])
    view, _ = View().changed(both, model=LARGE.id, layer=4, head=1)
    assert (view.layer, view.head) == (4, 1)
    back, notes = view.changed(SMALL, model=SMALL.id)
    assert (back.layer, back.head, notes) == (View.layer, View.head, [])
    own = {"model_b": SMALL.id, "layer_b": 2, "head_b": 3}
    view, _ = View(**own).changed(SharedInfo((SMALL, LARGE)), model_b=LARGE.id)
    assert (view.side("a").layer, view.layer_b, view.head_b) == (View.layer, 16, "mean")
    # A link that leaves them out says the same.
    view, notes = read({"model": [LARGE.id]})
    assert (view.layer, view.head, notes) == (16, "mean", [])


def test_a_model_that_opens_beyond_what_there_is_opens_on_the_last_without_a_note():
    one = ModelInfo("", 1, 1, (16, 16), ("prefix token 1",))
    at_large = View(model=LARGE.id, layer=0, head="mean")
    for shown in (SharedInfo((one, SMALL)), SharedInfo((SMALL, one)), SharedInfo((one, one))):
        view, notes = at_large.changed(shown, model=SMALL.id)
        assert (view.layer, view.head, notes) == (0, "mean", [])
        view, notes = View(layer=0).changed(shown, model=LARGE.id)
        assert (view.layer, view.head, notes) == (0, "mean", [])
    own = View(model_b=LARGE.id, layer_b=0, head_b="mean")
    view, notes = own.changed(SharedInfo((SMALL, one)), model_b=SMALL.id)
    assert (view.layer, view.layer_b, view.head_b, notes) == (8, 0, "mean", [])
    # What was asked for is missed.
    _, notes = at_large.changed(SharedInfo((one, SMALL)), model=SMALL.id, layer=3)
    assert notes == ["This view has no layer 3: its last, 0, is shown."]


def test_attention_with_fewer_layers_and_heads_brings_the_nearest():
    view = View(layer=20, head=15)
    changed, notes = view.changed(SMALL, a="coffee")
    assert (changed.layer, changed.head) == (11, 5)
    assert len(notes) == 2


def test_two_sides_are_bounded_by_what_both_have():
    few = ModelInfo("", 2, 9, (3, 4), ("prefix token 1",))
    info = SharedInfo((LARGE, few))
    assert (info.n_layers, info.n_heads, info.model) == (2, 9, LARGE)
    assert not info.same_tokens
    view, notes = View(layer=20, head=15, scale=0.9).changed(info)
    assert (view.layer, view.head, view.scale) == (1, 8, largest_scale("jensen-shannon", few))
    assert [note.split(":")[0] for note in notes[:2]] == [
        "This view has no layer 20",
        "This view has no head 15",
    ]
    assert SharedInfo((few, few)).model is None
    assert SharedInfo((few, few)).same_tokens
    grids = [(2, 6), (4, 6)]
    attended = [
        Attention.from_arrays(np.eye(1 + rows * columns), (rows, columns), 1)
        for rows, columns in grids
    ]
    seen = SharedInfo((few, few)).seen(attended)
    assert [side.n_tokens for side in seen.sides] == [13, 25]
    assert not seen.same_tokens


@pytest.mark.parametrize("distance", DISTANCES)
def test_no_distances_bound_grows_with_the_tokens(distance):
    """So the side with fewer tokens says where the scale of both ends."""
    steps = [DISTANCES[distance].largest_scale(n) for n in range(2, 1101)]
    assert steps == sorted(steps, reverse=True)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.label)
def test_every_preset_is_an_ordinary_link(preset):
    infos = MODELS | {"google/vit-base-patch16-224": LARGE}
    query = parse_qs(urlencode(preset.view.to_query()))
    ring = ModelInfo("", 1, 2, (16, 16), ("prefix token 1",))

    def shown(*models: str) -> SharedInfo:
        both = [infos[trained_id(models[min(side, len(models) - 1)])] for side in (0, 1)]
        names = (preset.view.a, preset.view.b)
        return SharedInfo(
            tuple(ring if name == "ring" else one for name, one in zip(names, both, strict=True))
        )

    view, notes = read_query(query, list(infos), shown)
    assert (view, notes) == (preset.view, [])


@pytest.mark.parametrize("pick", ["a-token--1", "c-h0-1", "a-h2-1", "pair-h0-sum-1", "a-h0-١"])
def test_a_selection_that_means_nothing_is_noted(pick):
    view, notes = read({"pick": [pick]})
    assert view.selection == "none"
    assert "`pick`" in notes[0]


def test_another_head_ends_the_selection_another_scale_does_not():
    view = View(head=3, selection="a-h1-4")
    assert view.changed(SMALL, scale=0.1)[0].selection == "a-h1-4"
    assert view.changed(SMALL, layout="spring")[0].selection == "a-h1-4"
    for change in ({"layer": 5}, {"head": "mean"}, {"a": "rocket"}, {"distance": "hellinger"}):
        assert view.changed(SMALL, **change)[0].selection == "none"
    assert view.changed(SMALL, layer=5, selection="a-h1-7")[0].selection == "a-h1-7"
    # A token is the same token for another head, but not in another photo.
    token = View(selection="a-token-37")
    assert token.changed(SMALL, layer=5, head="mean")[0].selection == "a-token-37"
    for change in ({"b": "rocket"}, {"tokens": "patches"}, {"model": LARGE.id}):
        assert token.changed(SMALL, **change)[0].selection == "none"


def test_with_its_own_model_each_side_is_bounded_by_its_own():
    both = SharedInfo((SMALL, LARGE))
    view = View(layer=11, head=5, model_b=LARGE.id, layer_b=23, head_b=15)
    assert view.changed(both, paint=view.paint) == (view, [])
    moved, notes = view.changed(SharedInfo((SMALL, SMALL)), b="rocket")
    assert (moved.layer_b, moved.head_b, len(notes)) == (11, 5, 2)
    assert view.together() == View(layer=11, head=5)
    # Of B's own values those that are missing are A's.
    view, notes = read({"layer": ["7"], "head": ["4"], "layer_b": ["2"]})
    assert (view.side("b").model, view.layer_b, view.head_b) == ("embedded", 2, 4)
    assert notes == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a-token-37", "b-token-37"),
        ("b-h1-4", "a-h1-4"),
        ("b-h0-0", "a-h0-0"),
        ("pair-h0-bottleneck-3", "none"),  # the other way round its number is another
        ("none", "none"),
        ("a-h2-1", "none"),
    ],
)
def test_a_selection_goes_with_its_photo(text, expected):
    assert swapped(text) == expected


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"scale": 0.1, "selection": "a-h1-2", "tab": "bars", "paint": 10}, True),
        ({"layer": 2}, False),
        ({"distance": "hellinger"}, False),
        ({"b": "rocket"}, False),
        ({"model_b": "embedded", "layer_b": 1, "head_b": 2}, False),
    ],
)
def test_views_of_the_same_heads(change, same):
    assert View().has_same_heads(replace(View(), **change)) == same


def test_the_models_own_input_needs_no_word():
    """What is absent in older links is what they showed; a link may say it too."""
    query = View().to_query()
    del query["shape"]
    assert read({name: [value] for name, value in query.items()}) == (View(), [])
    assert read({"input": ["224"], "shape": ["square"]}) == (View(), [])
    assert View(input=448, shape="photo").side("b").input == ModelInput(448, "photo")


def test_an_input_that_another_model_has_not_is_left_with_a_sentence():
    view, notes = View(input=518).changed(SharedInfo((LARGE, LARGE)), model=LARGE.id)
    assert (view.input, view.shape) == (None, "square")
    assert notes == ["There is no input of 518 pixels here: the model's own, 224, is shown."]
    view, notes = View(input=448, shape="photo").changed(SharedInfo((LARGE, LARGE)), model=LARGE.id)
    assert (view.input, view.shape, notes) == (448, "photo", [])
    both = SharedInfo((SMALL, LARGE))
    assert both.input_sides == (224, 336, 448)
    odd = replace(LARGE, patch=0, own_side=0, input_sides=())
    view, notes = View(input=448, shape="photo").changed(SharedInfo((SMALL, odd)))
    assert (view.input, view.shape, len(notes)) == (None, "square", 2)


def test_an_input_waits_while_no_model_is_run():
    given_alone = ModelInfo("", 1, 2, (16, 16), ("prefix token 1",))
    view = View("ring", "ring", layer=0, input=448, shape="photo")
    assert view.changed(SharedInfo((given_alone, given_alone))) == (view, [])
    # Beside a model it counts for that alone.
    mixed = SharedInfo((given_alone, SMALL))
    assert mixed.with_input(view.model_input).sides[0].grid == (16, 16)
    assert mixed.with_input(view.model_input).sides[1].grid == (32, 32)


def test_another_input_takes_the_selection_of_a_token_and_of_bars():
    for selection in ("a-token-37", "b-h1-4"):
        changed, _ = View(selection=selection).changed(SMALL, input=336)
        assert changed.selection == "none"
        assert not changed.has_same_heads(View())


def test_the_scale_ends_where_the_inputs_bound_does():
    """Softmaxed rows can't be as far apart where there are more tokens."""
    view = View(distance="double-softmax", scale=0.2, input=448)
    moved, notes = view.changed(SMALL.with_input(view.model_input))
    assert moved.scale == largest_scale("double-softmax", SMALL.with_input(ModelInput(448))) < 0.2
    assert len(notes) == 1


def test_a_twin_keeps_layer_and_head_and_another_model_has_its_own():
    view = View(layer=3, head=5, scale=0.2, selection="a-h1-4")
    twin, notes = view.changed(SMALL, model=untrained_id("embedded"))
    assert (twin.layer, twin.head, twin.scale, notes) == (3, 5, 0.2, [])
    assert twin.selection == "none"
    assert twin.changed(SMALL, model="embedded")[0] == replace(view, selection="none")
    other, _ = view.changed(LARGE, model=untrained_id(LARGE.id))
    assert (other.layer, other.head) == (16, "mean")
    back, _ = other.changed(SMALL, model=untrained_id("embedded"))
    assert (back.layer, back.head) == (View.layer, View.head)


def test_the_twin_of_what_is_no_model_is_noted():
    view, notes = read({"model": ["nowhere~untrained"]})
    assert view == View()
    assert "`model` can't be used here" in notes[0]
