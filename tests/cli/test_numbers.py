"""What the command prints and writes are the library's numbers, to the bit."""

import csv
import io
import json

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis import number_text, shown_scales


def rows_of(text: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    lines = text.splitlines()
    about = [line.removeprefix("# ").split(": ", 1) for line in lines if line.startswith("#")]
    return dict(about), list(csv.DictReader(lines[len(about) :]))


def diagrams(attention: at.Attention, layer: int, head: int | str) -> at.Diagrams:
    return at.persistence_diagrams(at.row_distances(attention.head(layer, head), "jensen-shannon"))


def test_compare_has_the_numbers_of_the_page(run, astronaut, coffee):
    sides = [at.analyse(one, 8, "mean", "jensen-shannon") for one in (astronaut, coffee)]
    scale = shown_scales([one.tree for one in sides])[0]
    expected = at.numbers(*sides, scale)
    done = run("compare", "sample:astronaut", "coffee", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert said["numbers"] == expected
    about = said["about"]
    assert (about["a"], about["layer"], about["head"]) == ("astronaut", "8", "mean")
    assert float(about["scale"]) == scale
    table = run("compare", "astronaut", "coffee").stdout.splitlines()
    for line, row in zip(table[1:], expected, strict=True):
        words = [number_text(value) for value in row.values()]
        assert line.startswith(words[0])
        assert line.removeprefix(words[0]).split() == [word for word in words[1:] if word]


def test_compare_shows_each_at_its_own_share(run, astronaut, coffee):
    sides = [at.analyse(one, 9, 3, "double-softmax", "patches") for one in (astronaut, coffee)]
    scales = shown_scales([one.tree for one in sides], share=75.5)
    done = run(
        "compare", "astronaut", "coffee", "--layer", 9, "--head", 3, "--distance", "notebook",
        "--tokens", "patches", "--share", 75.5, "--json",
    )  # fmt: skip
    said = json.loads(done.stdout)
    assert said["numbers"] == at.numbers(*sides, scales)
    assert said["about"]["distance"] == "double-softmax"


def test_compare_takes_two_heads_of_one_photo_token_by_token(run, coffee, tmp_path):
    (tmp_path / "coffee.npz").write_bytes(at.save_attention(coffee))
    own = tmp_path / "coffee.npz"
    pair = [at.row_distances(coffee.head(9, head), "jensen-shannon") for head in (2, "rollout")]
    for photo in ("coffee", own):
        done = run(
            "compare", photo, photo, "--layer", 9, "--head", 2, "--head_b", "rollout", "--json"
        )
        said = json.loads(done.stdout)
        values = {row["quantity"]: row["between A and B"] for row in said["numbers"]}
        assert values["RTD-lite"] == at.paired_comparison(*pair).rtd_lite
        assert (said["about"]["head"], said["about"]["head_b"]) == ("2", "rollout")
    assert (said["about"]["a"], said["about"]["model"]) == ("private", "")


def test_compare_gives_b_another_model(run, coffee):
    done = run("compare", "coffee", "coffee", "--model_b", "embedded~untrained", "--json")
    said = json.loads(done.stdout)
    assert said["about"]["weights_b"].startswith("untrained")
    twin = at.load_model("embedded~untrained").attend(at.sample("coffee"), layers=[8])
    sides = [at.analyse(one, 8, "mean", "jensen-shannon") for one in (coffee, twin)]
    expected = at.compare(*sides)
    values = {row["quantity"]: row["between A and B"] for row in said["numbers"]}
    assert values["H1 bottleneck"] == expected.h1_bottleneck


def test_features_are_the_librarys(run, coffee):
    threshold = at.DISTANCES["jensen-shannon"].default_scale
    done = run("features", "coffee", "--layer", 9)
    about, rows = rows_of(done.stdout)
    assert [row["head"] for row in rows] == [str(head) for head in range(6)]
    for row in rows:
        head = int(row["head"])
        expected = at.head_features(coffee, 9, head, diagrams(coffee, 9, head), threshold)
        assert {name: float(row[name]) for name in expected} == expected
    assert (rows[0]["photo"], rows[0]["layer"], about["model"]) == ("coffee", "9", "embedded")
    mean = json.loads(run("features", "coffee", "--layer", 9, "--head", "mean", "--json").stdout)
    (one,) = mean["features"]
    expected = at.head_features(coffee, 9, "mean", diagrams(coffee, 9, "mean"), threshold)
    assert {name: one[name] for name in expected} == expected


def test_features_of_all_heads_are_a_row_each(run, tmp_path):
    out = tmp_path / "ring.csv"
    ring = at.ring_attention()
    assert run("features", "ring", "--out", out, "--convention", "kushnareva").exit_code == 0
    about, rows = rows_of(out.read_text())
    heads = [(int(row["layer"]), int(row["head"])) for row in rows]
    assert heads == [(k, j) for k in range(ring.n_layers) for j in range(ring.n_heads)]
    assert about["convention"] == "kushnareva"


@pytest.mark.parametrize("ranges", ["common", "bound"])
def test_vectors_are_the_librarys_on_one_grid(run, astronaut, coffee, ranges, tmp_path):
    every = [diagrams(one, 9, 3) for one in (astronaut, coffee)]
    out = tmp_path / "vectors.npz"
    done = run(
        "vectors", "astronaut", "coffee", "--layer", 9, "--head", 3, "--out", out, "--json",
        "--range", ranges, "--image-side", 7, "--power", 2,
    )  # fmt: skip
    like = at.common_grid(every) if ranges == "common" else at.bound_grid("jensen-shannon", 257)
    grid = at.VectorGrid(like.ranges, image_side=7, power=2)
    said = json.loads(done.stdout)
    with np.load(out) as arrays:
        assert arrays["names"].tolist() == ["astronaut", "coffee"]
        for k, one in enumerate(every):
            for name, vector in at.head_vectors(one, grid).items():
                assert np.array_equal(arrays[name.lower().replace(" ", "_")][k], vector)
                assert said["photos"][k][name] == vector.tolist()
        assert said["sampled at"]["H1 scales"] == arrays["h1_scales"].tolist()
        assert said["about"] == json.loads(arrays["about"].item())


@pytest.mark.parametrize("quantity", ["h0-bottleneck", "h1-bottleneck", "h1-wasserstein-2"])
def test_distances_are_those_of_all_pairs(run, model, quantity):
    names = ["astronaut", "coffee", "camera"]
    every = [diagrams(model.attend(at.sample(name), layers=[8]), 8, "mean") for name in names]
    done = run("distances", *names, "--quantity", quantity)
    about, rows = rows_of(done.stdout)
    dimension = int(quantity[1])
    for k, row in enumerate(rows):
        for j, name in enumerate(names):
            # Each pair once: the other way round a sum of costs may be rounded otherwise.
            pair = every[min(j, k)], every[max(j, k)]
            if quantity.endswith("bottleneck"):
                expected = at.bottleneck_distance(*pair, dimension)
            else:
                expected = at.wasserstein_distance(*pair, dimension, 2)
            assert float(row[name]) == expected
    assert about["quantity"] == quantity
    said = json.loads(run("distances", *names, "--quantity", quantity, "--json").stdout)
    assert said["distances"] == [[float(row[name]) for name in names] for row in rows]


def test_the_atlas_has_every_heads_numbers(run, astronaut, coffee):
    done = run("atlas", "astronaut", "coffee", "--scale", 0.2)
    about, rows = rows_of(done.stdout)
    assert len(rows) == 72
    for row in (rows[0], rows[57], rows[71]):
        head = int(row["layer"]), int(row["head"])
        pair = [diagrams(one, *head) for one in (astronaut, coffee)]
        expected = at.bottleneck_distance(*pair, dimension=1)
        assert float(row["H1 bottleneck distance"]) == expected
        components = [at.betti_curve(one[0], np.array([0.2]))[0] for one in pair]
        assert float(row["Components at the scale, A"]) == components[0]
        difference = float(row["Components at the scale, B minus A"])
        assert difference == components[1] - components[0]
    assert (about["photo B"], about["scale of A"]) == ("coffee", "0.200")
    one = json.loads(run("atlas", "ring", "--quantity", "h1-longest", "--json").stdout)
    lengths = np.diff(at.analyse(at.ring_attention(), 0, 0, "jensen-shannon").diagrams[1]).ravel()
    assert one["heads"][0] == {"layer": 0, "head": 0, "H1 longest bar": lengths.max()}


def test_models_are_those_of_the_catalogue(run):
    said = json.loads(run("models", "--json").stdout)["models"]
    assert [one["id"] for one in said] == list(at.catalogue())
    assert [one["id"] for one in said if one["here"]] == ["embedded"]
    assert run("models").stdout.splitlines()[1].split()[0] == "embedded"


def test_a_larger_input_is_the_models(run):
    done = run("features", "rocket", "--layer", 9, "--head", 3, "--input", 336, "--shape", "photo")
    about, (row,) = rows_of(done.stdout)
    assert (about["input"], about["shape"]) == ("336", "photo")
    assert float(row["H0 number of bars"]) == 20 * 29  # and the class token, less one


def test_json_is_read_by_any_reader(run, coffee, tmp_path):
    from attntopo.cli.writing import json_text
    from attntopo.diagrams import About

    value = {"a": [np.nan, np.inf, -np.inf, np.float64(0.5), np.arange(2)], "b": About(0.5, 0.01)}

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    said = json.load(io.StringIO(json_text(value)), parse_constant=refuse)
    assert said["a"] == [None, "inf", "-inf", 0.5, [0, 1]]
    assert said["b"] == {"about": 0.5, "relative_bound": 0.01}
