"""The Collection page with Streamlit's AppTest, against the library: intake, bounds, links."""

import csv
import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import attntopo as at
from attntopo.analysis import numbers_at, photo_head, shown_scales
from attntopo.links.view import View
from attntopo.photos.canonical import PackedPhoto, reduced
from attntopo.photos.samples import SAMPLES
from attntopo.ui.parts import collection_sheet
from attntopo.ui.results import collection_photos
from attntopo.ui.runtime import shared
from tests.harness.app import asked, component, open_app, query, tell, warnings, widget
from tests.harness.model_folders import write_tiny
from tests.harness.photos import jpeg

VIEW = View(model="tiny", layer=1, head=2)
FEW = SAMPLES[:3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tiny(tmp_path_factory.mktemp("models"))


@pytest.fixture(autouse=True)
def offers_tiny_and_few_samples(configured, folder, monkeypatch):
    configured(ATTNTOPO_MODELS=str(folder))
    monkeypatch.setattr(collection_photos, "SAMPLES", FEW)


@pytest.fixture(scope="module")
def tiny(folder):
    return at.load_model("tiny", extra_models=[folder])


def opened(view: View = VIEW):
    return open_app("collection", **view.to_query())


def upload(app, *files: tuple[str, bytes]):
    app.file_uploader[0].set_value([(name, data, "image/jpeg") for name, data in files]).run()
    assert not app.exception, app.exception
    return app


def zipped(*files: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)
    return buffer.getvalue()


def texts(app) -> list[str]:
    return [one.value for one in app.text]


def names(app) -> list[str]:
    return [one["name"] for one in component(app, "contact sheet")["photos"]]


def held_bytes() -> int:
    return shared.kept_results().uploads.state[1]


@pytest.fixture
def made(monkeypatch) -> list[str]:
    """What the page's download holds: made where the page draws it."""
    files: list[str] = []
    monkeypatch.setattr(
        collection_sheet, "in_one", lambda compute, _effort: files.append(compute()) or compute
    )
    monkeypatch.setattr(collection_sheet, "button", lambda *_: None)
    return files


def read(text: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    lines = text.splitlines()
    about = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    return about, list(csv.DictReader(line for line in lines if not line.startswith("#")))


@pytest.mark.parametrize(
    "view",
    [
        VIEW,
        replace(VIEW, share=62.5, head="mean"),
        replace(VIEW, scale=0.02, distance="double-softmax", head="rollout", tokens="patches"),
    ],
)
def test_the_table_has_the_librarys_numbers(view, made, tiny):
    app = opened(view)
    about, rows = read(made[-1])
    assert [row["photo"] for row in rows] == list(FEW)
    attended = [tiny.attend(at.sample(name)) for name in FEW]
    key = view.layer, view.head, view.distance, view.tokens
    heads = [photo_head(one, *key) for one in attended]
    share = 90.0 if view.scale is None and view.share is None else view.share
    scales = shown_scales([one.summary.tree for one in heads], view.scale, share)
    for row, head, scale in zip(rows, heads, scales, strict=True):
        assert float(row["scale"]) == scale
        counts = [float(one) for one in list(row.values())[2:6]]
        assert counts == list(numbers_at(head, scale).values())
        assert {name: float(row[name]) for name in head.features} == head.features
    said = {"model": "tiny", "layer": "1", "head": str(view.head), "collection": "samples"}
    assert about.items() >= said.items()
    assert ("share" in about) == (share is not None)
    assert query(app) == view.to_query()
    assert component(app, "contact sheet")["now"]["share"] == (
        None if share is None else round(100 * share)
    )


def test_what_the_browser_chooses_is_in_the_link_and_the_table(made):
    app = opened()
    tell(app, "contact sheet", now={"step": 1000, "share": None, "sort": ["largest", "down"]})
    assert query(app)["scale"] == "0.010"
    assert query(app)["sheet"] == "largest-down"
    assert {row["scale"] for row in read(made[-1])[1]} == {"0.01"}
    tell(app, "contact sheet", now={"step": None, "share": 5000, "sort": ["h1-b0", "up"]})
    assert query(app)["sheet"] == "largest-down"  # there is no such column
    for sort in ("", "nothing-up", "largest-sideways"):
        app = opened(replace(VIEW, layer=0))
        app.query_params["sheet"] = [sort]
        app.run()
        assert "`sheet`" in warnings(app)


def test_uploads_are_kept_small_private_and_counted(made, tiny):
    app = opened()
    before = held_bytes()
    large = [jpeg(seed, (900, 600)) for seed in range(3)]
    upload(app, ("b.jpg", large[0]), ("in/a.jpg", large[1]), ("b.jpg", large[2]))
    assert names(app) == ["b.jpg", "a.jpg", "b.jpg (2)"]
    assert query(app)["collection"] == "private"
    assert "sha256" not in str(query(app))
    about, rows = read(made[-1])
    assert about["longest side"] == "at most 518 pixels"
    photo = reduced(at.decode_photo(large[1], "a"), 518)
    assert photo.pixels.shape == (345, 518, 3)
    head = photo_head(tiny.attend(photo), VIEW.layer, VIEW.head, VIEW.distance)
    assert float(rows[1]["H0 sum of lengths"]) == head.features["H0 sum of lengths"]
    held = app.session_state["collection"].values()
    assert held_bytes() - before == sum(len(one.data) for one in held)
    # Adding goes on where it was; the same photo is there once.
    upload(app, ("again.jpg", large[0]), ("c.jpg", jpeg(9)))
    assert names(app) == ["b.jpg", "a.jpg", "b.jpg (2)", "c.jpg"]
    assert any("again.jpg: The same photo is in the collection" in one for one in texts(app))
    # The samples are still there; and what is forgotten is gone.
    widget(app, "collection").set_value("samples").run()
    assert names(app) == [one.replace("_", " ") for one in FEW]
    app.button("forget collection").click().run()
    assert held_bytes() == before
    assert names(app) == [one.replace("_", " ") for one in FEW]


def test_a_bad_photo_is_named_and_the_others_go_on():
    app = opened()
    inside = [("x.jpg", jpeg(1)), ("more.zip", zipped()), ("notes.txt", b"words")]
    upload(
        app,
        ("cut *off*.jpg", jpeg(2)[:500]),
        ("good.jpg", jpeg(3)),
        ("many.zip", zipped(*inside)),
        ("empty.jpg", b""),
        ("bad.zip", b"PK\x03\x04 and no more"),
        ("last.png", jpeg(4)),
    )
    assert names(app) == ["good.jpg", "x.jpg", "last.png"]
    said = "\n".join(texts(app))
    for words in (
        "cut *off*.jpg: This photo is damaged",
        "more.zip: It is a zip within a zip",
        "notes.txt: This is not a photo",
        "empty.jpg: This file is empty",
        "bad.zip: This zip is damaged",
    ):
        assert words in said
    assert any(one.value == "**5 files aren't in the collection:**" for one in app.markdown)


def test_files_refused_for_one_reason_are_named_together():
    app = opened()
    names_of_empty = [f"{number}.jpg" for number in range(15)]
    upload(app, *((name, b"") for name in names_of_empty), ("cut.jpg", jpeg(2)[:500]))
    (together,) = (one for one in texts(app) if "This file is empty" in one)
    assert together.startswith(f"{', '.join(names_of_empty[:12])} and 3 more: This file")
    assert any(one.startswith("cut.jpg: ") for one in texts(app))
    assert any(one.value == "**16 files aren't in the collection:**" for one in app.markdown)


def test_a_collection_is_full_at_so_many_photos_or_bytes(monkeypatch):
    monkeypatch.setattr(collection_photos, "MOST_PHOTOS", 2)
    files = [(f"{seed}.jpg", jpeg(seed)) for seed in range(5)]
    app = upload(opened(), *files)
    assert names(app) == ["0.jpg", "1.jpg"]
    assert "The rest: A collection has at most 2 photos." in texts(app)
    monkeypatch.setattr(collection_photos, "MOST_PHOTOS", 200)
    monkeypatch.setattr(collection_photos, "MOST_MEGABYTES", 0.3)
    noise = [
        (f"{seed}.png", _noise(seed)) for seed in range(2)
    ]  # of which hardly anything can be packed
    app = upload(opened(), *noise)
    assert names(app) == ["0.png"]
    assert any("at most 0.3 MB" in one for one in texts(app))


def _noise(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_server_that_is_full_says_so(monkeypatch):
    app = opened()
    size = len(PackedPhoto.of(at.decode_photo(jpeg(1), "a")).data)
    # Each may have half of what the others leave.
    budget = shared.kept_results().uploads
    budget.reserve("others", 1000)
    monkeypatch.setattr(budget, "_limit", 1000 + 2 * size)
    upload(app, ("a.jpg", jpeg(1)), ("b.jpg", jpeg(2)))
    assert names(app) == ["a.jpg"]
    assert any("b.jpg: This server has no room for more uploads" in one for one in texts(app))


def test_opening_a_photo_shows_it_on_compare_as_it_is_painted():
    app = opened()
    upload(app, ("a.jpg", jpeg(1, (700, 500))), ("b.jpg", jpeg(2)))
    first = component(app, "contact sheet")["photos"][0]
    tell(app, "contact sheet", open={"id": first["id"], "step": None, "share": 8000})
    view = app.session_state["view"]
    assert view.a.startswith("private-")
    assert (view.share, view.layer, view.head) == (80.0, 1, 2)
    (own,) = app.session_state["photos"].values()
    assert own.photo.pixels.shape == (370, 518, 3)
    assert query(app)["share"] == "80.0"


@pytest.mark.parametrize(
    "said", [5, {}, {"id": "nobody", "step": 1, "share": None}, {"id": 3}, {"id": "camera"}]
)
def test_what_was_never_offered_is_not_opened(said):
    app = opened()
    tell(app, "contact sheet", open=said)
    assert not app.exception
    assert query(app) == VIEW.to_query()


def test_a_private_collections_link_shows_the_samples_elsewhere():
    app = opened()
    upload(app, ("a.jpg", jpeg(1)))
    assert "The collection is private" in asked(app)["question"]
    other = open_app("collection", **query(app))
    assert "was uploaded and is private" in warnings(other)
    assert query(other)["collection"] == "samples"
    assert names(other) == [one.replace("_", " ") for one in FEW]


def test_what_takes_long_is_asked_for_and_what_takes_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(collection_sheet, "_UNASKED", 0.0)
    app = opened()
    (begin,) = (one for one in app.button if one.label.startswith("Compute 3 photos: up to"))
    assert component(app, "contact sheet")["photos"]
    begin.click().run()
    assert not [one for one in app.button if one.label.startswith("Compute")]
    monkeypatch.setattr("attntopo.ui.results.asked_work.MOST_SECONDS", 0.0)
    app = opened(replace(VIEW, layer=0))
    assert any("too long for this page" in one.value for one in app.caption) or any(
        "too long for this page" in one.value for one in app.markdown
    )


def test_attention_that_was_given_gets_a_sentence():
    app = open_app("collection", **View("ring", "coffee", layer=0, head=0).to_query())
    assert "attention that was given" in warnings(app)
    (show,) = (one for one in app.button if one.label == "Show samples on Compare")
    show.click().run()
    assert query(app)["a"] == View().a
    assert not app.exception
