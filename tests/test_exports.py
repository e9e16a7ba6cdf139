"""What is taken away is what was computed, to the bit, and says what it is of."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

import attntopo as at
from attntopo import exports
from attntopo.analysis import number_text
from attntopo.diagrams.curves import betti_curve
from attntopo.links.options import OF_COLLECTION, OF_STABILITY
from attntopo.links.photo_names import PRIVATE
from attntopo.links.query import read_query
from attntopo.links.view import View
from attntopo.models.info import ModelInfo

OF_OTHERS = (*OF_STABILITY, *OF_COLLECTION)
VIEW = View(
    "astronaut",
    "coffee",
    layer=9,
    head=3,
    distance="double-softmax",
    tokens="patches",
    scale=0.05,
)
SCALES = (0.05, 0.05)
MODEL = ModelInfo("embedded", 12, 6, (16, 16), ("class token",), commit="abc")
PHOTOS = (at.sample("astronaut"), at.sample("coffee"))
BOTH = (MODEL, MODEL)
ABOUT = exports.describe_view(VIEW, BOTH, PHOTOS, SCALES)


@pytest.fixture(scope="module")
def topologies(astronaut, coffee):
    """Of the patches alone, so that points and tokens have different numbers."""
    return [at.analyse(one, 9, 3, tokens="patches") for one in (astronaut, coffee)]


def read(text: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """What a CSV says that it is of, and its rows."""
    lines = text.splitlines()
    about = [line.removeprefix("# ").split(": ", 1) for line in lines if line.startswith("#")]
    assert all(line.startswith("#") for line in lines[: len(about)])
    return dict(about), list(csv.DictReader(lines[len(about) :], strict=True))


def test_an_export_says_what_it_is_of():
    said = {name: text for name, text in VIEW.to_query().items() if name not in OF_OTHERS}
    assert ABOUT.items() >= said.items()
    assert not {*OF_OTHERS} & {*ABOUT}
    assert (ABOUT["commit"], ABOUT["photo A"], ABOUT["photo B"]) == ("abc", "astronaut", "coffee")
    assert ABOUT["sha256 of photo B"] == PHOTOS[1].sha256
    shares = exports.describe_view(View(share=90.0), BOTH, PHOTOS, (0.1, 0.12345))
    assert (shares["scale of A"], shares["scale of B"], shares["share"]) == (
        "0.100",
        "0.12345",
        "90.0",
    )
    assert "scale" not in shares
    assert "scale=(0.100, 0.12345)" in exports.as_python(View(share=90.0), (0.1, 0.12345))
    own = exports.describe_view(View(), BOTH, PHOTOS, (0.17, 0.17))
    assert own["scale"] == "0.170"
    empty = exports.describe_view(VIEW, (None, None), PHOTOS, SCALES)
    assert (empty["model"], empty["commit"]) == ("", "")


def test_an_export_says_how_a_twins_weights_were_drawn(topologies):
    import torch
    import transformers

    twin = at.describe_model("embedded~untrained")
    view = replace(VIEW, model_b=twin.id, layer_b=9, head_b=3)
    about = exports.describe_view(view, (MODEL, twin), PHOTOS, SCALES)
    assert about["model_b"] == "embedded~untrained"
    assert about["weights_b"] == "untrained: drawn as float32 after torch.manual_seed(0)"
    assert "weights" not in about
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    assert about.items() >= versions.items()
    data = np.load(io.BytesIO(exports.distances_npz(about, tuple(topologies))))
    assert json.loads(str(data["about"])) == about
    script = exports.as_python(view, SCALES, (MODEL, twin))
    assert f"transformers {transformers.__version__}" in script
    assert 'at.load_model("embedded~untrained")' in script
    given = exports.describe_view(VIEW, (None, None), PHOTOS, SCALES)
    assert not {"torch", "transformers", "weights"} & set(given)


def test_a_private_photos_hash_is_in_no_export(topologies):
    view = View(PRIVATE, "coffee", layer=9, head=3)
    about = exports.describe_view(
        view, BOTH, (at.Photo(PHOTOS[0].pixels, "yours"), PHOTOS[1]), SCALES
    )
    assert (about["a"], about["photo A"]) == ("private", "yours")
    written = exports.diagrams_csv(about, *topologies) + exports.as_python(view, SCALES, BOTH)
    assert PHOTOS[0].sha256 not in written
    assert PHOTOS[1].sha256 in written


def test_the_numbers_are_read_back_to_the_bit(topologies):
    rows = at.numbers(*topologies, scale=0.05)
    about, rows_read = read(exports.rows_csv(ABOUT, rows))
    assert about == ABOUT
    assert len(rows_read) == len(rows)
    for written, row in zip(rows_read, rows, strict=True):
        assert list(written) == list(row)
        assert written["quantity"] == row["quantity"]
        for name in ("A", "B", "between A and B"):
            assert (float(written[name]) if written[name] else None) == row[name]


def test_the_diagrams_are_read_back_to_the_bit(topologies):
    about, rows_read = read(exports.diagrams_csv(ABOUT, *topologies))
    assert about == ABOUT
    for letter, topology in zip("AB", topologies, strict=True):
        for dimension in (0, 1):
            rows = [
                row
                for row in rows_read
                if (row["photo"], row["dimension"]) == (letter, str(dimension))
            ]
            points = np.array([[float(row["birth"]), float(row["death"])] for row in rows])
            assert np.array_equal(points, topology.diagrams[dimension])
    assert len(rows_read) == sum(len(one) for each in topologies for one in each.diagrams.points)


def test_the_simplices_are_named_by_tokens_and_begin_and_end_their_bars(topologies, astronaut):
    """Against the distances of all tokens, where a point's number is its token's."""
    values = at.row_distances(astronaut.head(9, 3)).values
    _, rows_read = read(exports.diagrams_csv(ABOUT, *topologies))

    def diameter(simplex: str) -> float:
        tokens = [int(token) for token in simplex.split()]
        return values[np.ix_(tokens, tokens)].max()

    for row in (row for row in rows_read if row["photo"] == "A"):
        birth, death = float(row["birth"]), float(row["death"])
        if row["dimension"] == "0":
            assert (row["birth edge"], row["death triangle"]) == ("", "")
            assert death == (diameter(row["merging edge"]) if row["merging edge"] else np.inf)
        else:
            assert row["merging edge"] == ""
            assert (birth, death) == (diameter(row["birth edge"]), diameter(row["death triangle"]))


def test_each_bar_has_its_certificate_and_each_loop_its_universal_p(topologies, astronaut):
    graph = at.analyse(astronaut, 9, 3, "attention-graph")
    for pair in (topologies, (graph, graph)):
        _, rows_read = read(exports.diagrams_csv(ABOUT, *pair))
        for letter, topology in zip("AB", pair, strict=True):
            loops = [row for row in rows_read if row["photo"] == letter and row["dimension"] == "1"]
            bars = topology.diagrams[1]
            births, deaths = bars.T
            radii = [float(row["certificate radius"]) for row in loops]
            assert radii == ((deaths - births) / 2).tolist()
            said = [row["universal p times bars"] for row in loops]
            if topology is graph:
                assert set(said) == {""}
            else:
                expected = at.universal_p(bars, topology.distances.distance)
                assert [float(p or "nan") for p in said] == pytest.approx(expected, nan_ok=True)
    components = [row for row in rows_read if row["dimension"] == "0"]
    assert {row["universal p times bars"] for row in components} == {""}


def test_the_curves_have_every_thousandth(topologies):
    _, rows_read = read(exports.curves_csv(ABOUT, *topologies, end=0.555))
    assert [row["scale"] for row in rows_read] == [str(step / 1000) for step in range(556)]
    scales = np.array([float(row["scale"]) for row in rows_read])
    for letter, topology in zip("AB", topologies, strict=True):
        for dimension in (0, 1):
            curve = [int(row[f"{letter} H{dimension}"]) for row in rows_read]
            assert np.array_equal(curve, betti_curve(topology.diagrams[dimension], scales))


def test_pandas_reads_each_csv(topologies):
    pandas = pytest.importorskip("pandas")
    rows = at.numbers(*topologies, scale=0.05)
    about = {**ABOUT, "photo A": 'a "quoted" name,\nof two lines # and a mark'}
    numbers = pandas.read_csv(io.StringIO(exports.rows_csv(about, rows)), comment="#")
    assert list(numbers["quantity"]) == [row["quantity"] for row in rows]
    bars = pandas.read_csv(io.StringIO(exports.diagrams_csv(about, *topologies)), comment="#")
    deaths = [one[:, 1] for each in topologies for one in each.diagrams.points]
    # To the last digit but one: the last depends on the version of pandas.
    np.testing.assert_allclose(bars["death"], np.concatenate(deaths), rtol=1e-15)
    curves = pandas.read_csv(io.StringIO(exports.curves_csv(about, *topologies, 0.1)), comment="#")
    assert list(curves["A H0"][:1]) == [256]


def test_the_distances_are_read_back_without_pickle(topologies):
    data = exports.distances_npz(ABOUT, tuple(topologies))
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        for letter, topology in zip("ab", topologies, strict=True):
            assert np.array_equal(arrays[f"distances_{letter}"], topology.distances.values)
            assert np.array_equal(arrays[f"tokens_{letter}"], np.arange(1, 257))
        assert json.loads(arrays["about"].item()) == ABOUT
        assert len(arrays.files) == 5


def test_saved_attention_gives_the_same_numbers(topologies, astronaut):
    again = at.analyse(at.load_attention(at.save_attention(astronaut)), 9, 3, tokens="patches")
    assert np.array_equal(again.distances.values, topologies[0].distances.values)
    assert at.numbers(again, topologies[1], 0.05) == at.numbers(*topologies, scale=0.05)


@pytest.mark.parametrize("given", [(False, False), (True, False), (False, True), (True, True)])
def test_the_script_is_python_whatever_is_private(given):
    view = View(PRIVATE, PRIVATE, model='a "model"\nof mine')
    script = exports.as_python(view, SCALES, BOTH, given)
    compile(script, "script", "exec")
    assert script.count("at.load_attention") == sum(given)
    assert script.count("at.decode_photo") == 2 - sum(given)
    assert ("load_model" in script) == ("abc" in script) == (not all(given))


def test_the_script_runs_on_files_of_ones_own(tmp_path, monkeypatch, capsys, model, coffee):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(at, "load_model", lambda _: model)
    PHOTOS[0].image().save("photo-a.jpg", "PNG")
    (tmp_path / "attention-b.npz").write_bytes(at.save_attention(coffee))
    view = View(PRIVATE, PRIVATE, layer=9, head=3, distance="double-softmax")
    exec(exports.as_python(view, SCALES, given=(False, True)), {})
    photo = at.decode_photo((tmp_path / "photo-a.jpg").read_bytes(), "A")
    pair = [at.analyse(one, 9, 3) for one in (model.attend(photo), coffee)]
    expected = [[number_text(value) for value in row.values()] for row in at.numbers(*pair, 0.05)]
    printed = capsys.readouterr().out.splitlines()
    assert [line.split(" | ") for line in printed] == expected


@pytest.mark.parametrize(
    "view",
    [
        View("astronaut", "coffee", layer=9, head="mean", distance="double-softmax"),
        View("coffee", "astronaut", layer=3, head="rollout", distance="jensen-shannon"),
        View("ring", "coffee", layer=0, head=1, model_b="embedded", layer_b=9, head_b=3),
        View("rocket", "coffee", layer=9, head=3, shape="photo"),
    ],
)
def test_the_script_follows_each_side_s_own_head(view, monkeypatch, capsys, model):
    monkeypatch.setattr(at, "load_model", lambda _: model)
    exec(exports.as_python(view, SCALES, BOTH, (view.a == "ring", False)), {})
    pair = []
    for letter in "ab":
        name, choice = getattr(view, letter), view.side(letter)
        attention = at.ring_attention() if name == "ring" else None
        attention = attention or model.attend(at.sample(name), choice.input)
        pair.append(at.analyse(attention, choice.layer, choice.head, view.distance))
    expected = [
        [number_text(value) for value in row.values()] for row in at.numbers(*pair, SCALES[0])
    ]
    printed = capsys.readouterr().out.splitlines()
    assert [line.split(" | ") for line in printed] == expected


def test_no_export_has_the_older_name_of_a_distance(topologies):
    view, notes = read_query({"distance": ["notebook"]}, ["embedded"], lambda *_: MODEL)
    about = exports.describe_view(view, BOTH, PHOTOS, SCALES)
    assert (about["distance"], notes) == ("double-softmax", [])
    rows = at.numbers(*topologies, scale=0.05)
    for written in (
        exports.as_python(view, SCALES, BOTH),
        exports.diagrams_csv(about, *topologies),
    ):
        assert "double-softmax" in written
        assert "notebook" not in written
    lines = exports.rows_csv(about, rows).splitlines()
    # One number is the notebook's by its label; no key is.
    assert [line for line in lines if "notebook" in line] == [
        line for line in lines if line.startswith('"H0 bottleneck, as the notebook",')
    ]


def test_an_export_says_what_b_has_of_its_own():
    view = View(model_b="other", layer_b=2, head_b="mean")
    about = exports.describe_view(
        view, (MODEL, ModelInfo("other", 3, 3, (2, 2), ())), PHOTOS, SCALES
    )
    assert (about["model"], about["model_b"], about["layer_b"]) == ("embedded", "other", "2")
    assert about["head_b"] == "mean"


def test_an_export_says_what_the_models_were_given():
    told = replace(MODEL, patch=14, own_side=224, input_sides=(224, 448))
    view = View(input=448, shape="photo")
    about = exports.describe_view(view, (told, told), PHOTOS, SCALES)
    assert (about["input"], about["shape"]) == ("448", "photo")
    own = exports.describe_view(View(), (told, told), PHOTOS, SCALES)
    assert (own["input"], own["shape"]) == ("224", "square")
    given = exports.describe_view(View("ring", "ring", layer=0), (None, None), PHOTOS, SCALES)
    assert not {"input", "shape"} & set(given)
    script = exports.as_python(view, SCALES, (told, told))
    assert 'a = model.attend(at.sample("camera"), at.ModelInput(448, "photo"))' in script
    assert "ModelInput" not in exports.as_python(View(), SCALES, (told, told))


def test_the_vectors_are_read_back_on_one_grid(topologies):
    diagrams = [one.diagrams for one in topologies]
    grid = at.common_grid(diagrams)
    data = exports.vectors_npz(ABOUT, ("A", "B"), diagrams, grid)
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        assert arrays["names"].tolist() == ["A", "B"]
        about = json.loads(arrays["about"].item())
        assert about.items() >= ABOUT.items()
        assert about["bandwidth of H1"] == repr(grid.width(1))
        for k, one in enumerate(diagrams):
            for name, vector in at.head_vectors(one, grid).items():
                assert np.array_equal(arrays[name.lower().replace(" ", "_")][k], vector)
        assert np.array_equal(arrays["h1_scales"], grid.scales(1))
        assert np.array_equal(arrays["h0_lengths"], grid.lengths(0))
        curve = betti_curve(diagrams[1][0], arrays["h0_scales"])
        assert np.array_equal(arrays["h0_betti_curve"][1], curve)
        assert len(arrays.files) == 2 + 2 * (4 + 3)


def test_distances_between_many_photos_are_a_row_a_pair():
    apart = np.array([[0, 0.1, 2 / 3], [0.1, 0, 0.3], [2 / 3, 0.3, 0]])
    text = exports.pairs_csv({"between": "features"}, ["a", "b, c", "a"], {"features": apart})
    assert text.startswith("# between: features\n")
    rows = list(csv.reader(text.splitlines()[1:]))
    assert rows == [
        ["number A", "number B", "photo A", "photo B", "features"],
        ["0", "1", "a", "b, c", "0.1"],
        ["0", "2", "a", "a", repr(2 / 3)],
        ["1", "2", "b, c", "a", "0.3"],
    ]
