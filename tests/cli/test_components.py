"""The masks that the command writes are the library's components, read by COCO's own tools."""

import json

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

import attntopo as at


def mask(path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_masks_are_the_components_where_nine_of_ten_have_merged(run, coffee, tmp_path, capsys):
    photo = at.sample("coffee")
    photo.image().save(tmp_path / "mine.png")
    out = tmp_path / "masks"
    done = run("components", tmp_path / "mine.png", "sample:astronaut", "--out", out)
    assert (done.exit_code, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 2
    labelled = at.label_map(coffee, 8, "mean")
    height, width = photo.pixels.shape[:2]
    assert np.array_equal(mask(out / "mine.png"), labelled.on_photo(height, width))
    coco = COCO(str(out / "components.json"))
    capsys.readouterr()
    assert [one["file_name"] for one in coco.loadImgs([1, 2])] == ["mine.png", "astronaut"]
    about = coco.dataset["info"]["attntopo"]
    assert (about["model"], about["layer"], about["head"]) == ("embedded", "8", "mean")
    for image in coco.loadImgs([1, 2]):
        annotations = coco.loadAnns(coco.getAnnIds(imgIds=image["id"]))
        again = sum(one["label"] * coco.annToMask(one).astype(int) for one in annotations)
        assert np.array_equal(again, mask(out / image["mask"]))
        assert len(annotations) == image["components"]
    assert coco.loadImgs([1])[0]["scale"] == labelled.scale


@pytest.mark.parametrize(
    ("words", "choice"),
    [
        (["--scale", "0.21"], at.ComponentChoice(scale=0.21)),
        (["--share", "61.25", "--least-tokens", "1"], at.ComponentChoice(None, 61.25, False, 1)),
        (["--lifetime"], at.ComponentChoice(by_lifetime=True)),
    ],
)
def test_components_are_chosen_as_is_said(run, coffee, words, choice, tmp_path):
    done = run(
        "components", "coffee", "--out", tmp_path, "--layer", 10, "--head", 0, "--json", *words
    )
    (said,) = json.loads(done.stdout)["photos"]
    labelled = at.label_map(coffee, 10, 0, choice=choice)
    assert (said["scale"], said["components"]) == (labelled.scale, labelled.n_components)
    assert np.array_equal(mask(tmp_path / "coffee.png"), labelled.on_photo(400, 600))


def test_attention_of_ones_own_is_labelled_on_its_picture(run, tmp_path):
    ring = at.ring_attention()
    (tmp_path / "own.npz").write_bytes(at.save_attention(ring))
    done = run("components", tmp_path / "own.npz", "--out", tmp_path / "masks")
    assert done.exit_code == 0
    expected = at.label_map(ring).on_photo(*ring.input_pixels.shape[:2])
    assert np.array_equal(mask(tmp_path / "masks" / "own.png"), expected)
    coco = json.loads((tmp_path / "masks" / "components.json").read_text())
    assert coco["info"]["attntopo"]["model"] == ""


def test_a_photo_that_fails_is_said_and_the_others_go_on(run, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"\xff\xd8\xff" + b"no photo" * 100)
    photos = [tmp_path / "bad.jpg", tmp_path / "missing.jpg", tmp_path, "ring"]
    out = tmp_path / "masks"
    done = run(
        "components", "-", "--out", out, "--json", input="\n".join(map(str, photos)) + "\n\n"
    )
    assert done.exit_code == 1
    said = json.loads(done.stdout)
    assert [one["photo"] for one in said["photos"]] == ["ring"]
    assert [one["photo"] for one in said["errors"]] == [str(path) for path in photos[:3]]
    lines = done.stderr.splitlines()
    assert len(lines) == 3
    for line, one, why in zip(
        lines, said["errors"], ("photo", "No such file", "folder"), strict=True
    ):
        assert line == f"{one['photo']}: {one['error']}"
        assert why in one["error"]
    assert sorted(path.name for path in out.iterdir()) == ["components.json", "ring.png"]


def test_nothing_is_overwritten_unasked(run, tmp_path):
    assert run("components", "ring", "--out", tmp_path).exit_code == 0
    before = (tmp_path / "components.json").read_bytes()
    again = run("components", "ring", "--out", tmp_path, "--share", 50)
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr.count("\n") == 1
    assert "--overwrite" in again.stderr
    assert (tmp_path / "components.json").read_bytes() == before
    replaced = run("components", "ring", "--out", tmp_path, "--share", 50, "--overwrite")
    assert replaced.exit_code == 0
    assert (tmp_path / "components.json").read_bytes() != before


def test_two_photos_of_one_name_are_refused(run, tmp_path):
    done = run("components", tmp_path / "a/x.jpg", tmp_path / "b/x.png", "--out", tmp_path)
    assert done.exit_code == 2
    assert "x.png" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ["--scale", "0.1", "--share", "90"],
        ["--scale", "0.1", "--lifetime"],
        ["--lifetime", "--least-tokens", "1"],
        ["--scale", "-1"],
        ["--scale", "nan"],
        ["--scale", "0.1234567"],
        ["--share", "101"],
    ],
)
def test_what_is_no_choice_is_wrong_usage(run, words, tmp_path):
    done = run("components", "ring", "--out", tmp_path, *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["mine.png", "link.png"])
def test_a_photo_is_never_written_over(run, tmp_path, name):
    at.sample("coffee").image().save(tmp_path / "mine.png")
    (tmp_path / "link.png").symlink_to(tmp_path / "mine.png")
    before = (tmp_path / "mine.png").read_bytes()
    done = run("components", tmp_path / name, "--out", tmp_path, "--overwrite")
    assert done.exit_code == 1
    assert f"{tmp_path / name} is one of the photos, and isn't written over" in done.stderr
    assert (tmp_path / "mine.png").read_bytes() == before
    assert not (tmp_path / "components.json").exists()
    done = run("features", tmp_path / "mine.png", "--out", tmp_path / name, "--overwrite")
    assert done.exit_code == 1
    assert (tmp_path / "mine.png").read_bytes() == before
