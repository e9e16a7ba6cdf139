"""Publishing a photo and taking it back, with Streamlit's AppTest."""

import re
import time
from contextlib import contextmanager
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest
import streamlit as st

import attntopo as at
from attntopo.links.photo_names import is_private
from attntopo.links.view import View
from attntopo.publishing.storage import Storage, StorageError
from attntopo.publishing.store import PhotoGoneError, PhotoStore
from attntopo.settings import app_settings
from attntopo.ui.parts import sharing
from attntopo.ui.results import photo_inputs
from attntopo.ui.runtime import housekeeping, shared, status
from tests.harness.app import (
    asked,
    open_app,
    publish,
    query,
    table,
    tell,
    tiles,
    waits_for,
    warnings,
    widget,
)
from tests.harness.photos import jpeg
from tests.harness.published import photo
from tests.harness.reference_tiles import expected_tiles


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    """A store of this test's own; what was computed before, of samples mostly, stays."""

    def forget() -> None:
        app_settings.cache_clear()
        shared.photo_store.clear()
        photo_inputs._looked.clear()

    monkeypatch.setenv("ATTNTOPO_PHOTOS", str(tmp_path / "photos"))
    forget()
    yield
    monkeypatch.undo()
    forget()


def button(app, label: str):
    found = [one for one in app.button if one.label == label]
    return found[0] if found else None


def deletes(name: str) -> str:
    """The label of the button that deletes a shared photo."""
    return f"Delete shared photo {name.removeprefix('sha256-')[:6]}"


def with_own_photo(seed: int = 0):
    app = open_app("compare")
    app.file_uploader[1].upload("my holiday.jpg", jpeg(seed), "image/jpeg").run()
    assert is_private(query(app)["b"])
    return app


def share_b(app):
    publish(app, "b")
    assert not app.exception
    return query(app)["b"]


def refusal(app) -> str:
    """Why a photo wasn't published, as the question beside the link says it."""
    return asked(app)["answer"]["error"]


def test_a_photo_is_private_until_it_is_shared(tmp_path):
    app = with_own_photo()
    assert shared.photo_store().usage().photos == 0
    assert asked(app)["publish"] == ["b"]  # a sample needs no sharing
    assert "Photo B is private" in asked(app)["question"]
    assert "for 30 days, at most 1024 pixels wide" in asked(app)["question"]
    name = share_b(app)
    assert re.fullmatch(r"sha256-[0-9a-f]{64}", name)
    assert shared.photo_store().usage().photos == 1
    assert asked(app)["question"] == ""  # one click from now on
    assert asked(app)["answer"]["photos"] == {"b": name}
    stored = [path for path in (tmp_path / "photos").rglob("*") if path.is_file()]
    assert not any("holiday" in str(path) or b"holiday" in path.read_bytes() for path in stored)


def test_another_visitor_sees_the_shared_photo_and_the_same_numbers(model):
    app = with_own_photo()
    before = tiles(app)
    link = {"b": share_b(app)}
    assert tiles(app) == before
    st.cache_resource.clear()  # a server that has just started
    other = open_app("compare", **query(app) | link)
    assert tiles(other) == before
    assert not other.warning
    uploaded = at.decode_photo(jpeg(0), "photo")
    assert link["b"] == f"sha256-{uploaded.sha256}"
    assert button(other, deletes(link["b"])) is None  # only whoever shared it


def test_whoever_shared_it_can_delete_it_and_links_say_so():
    app = with_own_photo()
    name = share_b(app)
    other = open_app("compare", b=name)
    assert query(other)["b"] == name
    button(app, deletes(query(app)["b"])).click().run()
    assert "isn't shared any more" in warnings(app)
    assert is_private(query(app)["b"])
    assert shared.photo_store().usage().photos == 0
    late = open_app("compare", b=name)
    assert query(late)["b"] == "coffee"
    assert "expired, was deleted" in warnings(late)
    assert "The sample coffee is shown" in warnings(late)
    # Nothing that was computed of it is left, either.
    other.run()
    assert query(other)["b"] == "coffee"
    assert "expired, was deleted" in warnings(other)


def test_the_delete_link_deletes_after_a_press_and_not_before():
    app = with_own_photo()
    name = share_b(app)
    (address,) = (code.value for code in app.code if "/shared?" in code.value)
    opened = {key: one for key, (one,) in parse_qs(urlsplit(address).query).items()}
    wrong = open_app("shared", photo=name, key="x" * 22)
    button(wrong, "Delete this photo").click().run()
    assert "isn't one of this photo" in wrong.error[0].value
    page = open_app("shared", **opened)
    assert shared.photo_store().load(name).sha256 == name.removeprefix("sha256-")
    button(page, "Delete this photo").click().run()
    assert not page.exception
    assert "isn't shared any more" in page.success[0].value
    with pytest.raises(PhotoGoneError):
        shared.photo_store().load(name)
    again = open_app("shared", **opened)
    assert "expired, was deleted" in again.info[0].value


@pytest.mark.parametrize("name", ["sha256-" + "0" * 64, "../../etc/passwd", "", "<b>x</b>"])
def test_a_delete_link_of_nothing_is_a_sentence(name):
    page = open_app("shared", photo=name, key="nothing")
    assert button(page, "Delete this photo") is None
    assert page.info[0].value.endswith(".")
    assert "passwd" not in page.info[0].value


def test_two_who_share_the_same_photo_do_not_delete_each_others():
    first, second = with_own_photo(), with_own_photo()
    assert share_b(first) == share_b(second)
    assert shared.photo_store().usage().photos == 1
    button(first, deletes(query(first)["b"])).click().run()
    assert "the same photo was shared another time too" in warnings(first)
    assert query(open_app("compare", b=query(second)["b"]))["b"] == query(second)["b"]


def test_sharing_can_be_switched_off(configured):
    configured(ATTNTOPO_SHARING="off")
    app = with_own_photo()
    assert asked(app)["publish"] == []
    assert asked(app)["question"] == (
        "Photo B is private, and this server publishes no photos: the link opens with a sample in "
        "its place."
    )
    publish(app, "b")  # whatever comes from a browser
    assert is_private(query(app)["b"])
    assert shared.photo_store().usage().photos == 0


def test_both_photos_are_published_at_one_press_and_what_can_be_if_not_both(monkeypatch):
    app = open_app("compare")
    upload(app, "a", 1), upload(app, "b", 2)
    assert asked(app)["publish"] == ["a", "b"]
    assert asked(app)["as_it_is"] == "Copy without them"
    assert "Photos A and B are private" in asked(app)["question"]
    monkeypatch.setattr(sharing, "_MOST", 1)
    publish(app, "a", "b")
    name = query(app)["a"]
    assert asked(app)["answer"]["photos"] == {"a": name}
    assert "Photo B isn't published. You share 1 photos already" in refusal(app)
    assert asked(app)["publish"] == ["b"]
    monkeypatch.undo()
    publish(app, "b")
    assert [query(app)["a"], query(app)["b"]] == [f"sha256-{hash_of(k)}" for k in (1, 2)]
    assert asked(app)["question"] == ""


def hash_of(seed: int) -> str:
    return at.decode_photo(jpeg(seed), "photo").sha256


def test_whatever_a_browser_says_publishes_what_is_private_alone():
    app = with_own_photo()
    for wish in (
        None, [], {"publish": "b"}, {"publish": ["b"], "number": "1"}, {"publish": {"b": 1}},
        {"publish": ["a", "c", 7, None], "number": 1},
    ):  # fmt: skip
        tell(app, "copy link", wish=wish)
        assert not app.exception
        assert is_private(query(app)["b"])
    assert shared.photo_store().usage().photos == 0


def test_a_full_store_says_so_and_changes_nothing(configured):
    configured(ATTNTOPO_PHOTOS_MB="0.01")
    app = with_own_photo()
    before = query(app), tiles(app)
    publish(app, "b")
    assert refusal(app).startswith("Photo B isn't published. ")
    assert "full" in refusal(app)
    assert (query(app), tiles(app)) == before


def test_a_place_that_cannot_be_written_says_so(configured, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    configured(ATTNTOPO_PHOTOS=str(tmp_path / "file" / "photos"))
    app = with_own_photo()
    publish(app, "b")
    assert not app.exception
    assert "isn't published" in refusal(app)
    assert str(tmp_path) not in refusal(app)
    assert is_private(query(app)["b"])


def test_uploads_have_their_room(configured):
    configured(ATTNTOPO_MEMORY_MB="120")
    app = with_own_photo()
    brought = shared.kept_results().state["upload_bytes"]
    pixels = at.decode_photo(jpeg(0), "photo").pixels
    assert pixels.nbytes <= brought < pixels.nbytes + 1000  # names count too
    for number in range(8):  # each brings as much as one may
        left = 60e6 - shared.kept_results().state["upload_bytes"]
        shared.kept_results().reserve_upload(f"visitor {number}", int(left / 2))
    others = shared.kept_results().state["upload_bytes"] - brought
    app.file_uploader[0].upload("other.jpg", jpeg(1), "image/jpeg").run()
    assert "no room for more uploads" in app.error[0].value
    assert query(app)["a"] == "camera"
    button(app, "Forget your photos").click().run()
    assert shared.kept_results().state["upload_bytes"] == others


def test_the_status_line_counts(configured):
    configured()
    app = with_own_photo()
    share_b(app)
    assert re.fullmatch(
        r"AttnTopo: 1 visitors; \d+ of 2048 MB kept \(\d+ results, \d+ MB of uploads\); "
        r"0 of \d+ workers busy, 0 waiting; 1 published photos, 0 MB(; process \d+ MB)?",
        status.line(),
    )


def test_what_has_expired_is_removed_though_nobody_publishes(
    configured, tmp_path, monkeypatch, caplog
):
    configured(ATTNTOPO_STATUS_SECONDS="0")
    monkeypatch.setattr(housekeeping, "SWEEP_SECONDS", 0.05)
    long_ago = partial(PhotoStore, tmp_path / "photos", days=1, megabytes=1, now=lambda: 1e9)
    long_ago().publish(photo())
    open_app("method")
    waits_for(lambda: shared.photo_store().usage().photos == 0)
    # Not at the first visit only, and after an error, too.
    long_ago().publish(photo())
    waits_for(lambda: shared.photo_store().usage().photos == 0)
    with storage_gone(monkeypatch):
        waits_for(lambda: "couldn't be removed: The storage is gone." in caplog.text)
    long_ago().publish(photo())
    waits_for(lambda: shared.photo_store().usage().photos == 0)


def test_a_place_that_cannot_be_one_is_said_where_it_matters(configured):
    configured(ATTNTOPO_PHOTOS="ftp://somewhere")
    app = with_own_photo()
    publish(app, "b")
    assert "Photos can be kept in a folder or in object storage" in refusal(app)
    assert is_private(query(app)["b"])
    name = "sha256-" + 64 * "0"
    late = open_app("compare", b=name)
    assert "Photos can be kept in a folder or in object storage" in late.error[0].value
    assert query(late)["b"] == name
    button(late, "Show coffee instead").click().run()
    assert query(late)["b"] == "coffee"
    assert len(tiles(late)) == 4


def upload(app, side: str, seed: int):
    app.file_uploader["ab".index(side)].upload(f"{seed}.jpg", jpeg(seed), "image/jpeg").run()
    assert not app.exception
    return query(app)[side]


def swap(app):
    button(app, "Swap A and B").click().run()


def back(app, address: dict[str, str]):
    """What the browser's Back does."""
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception


@contextmanager
def storage_gone(monkeypatch):
    """The storage can't be reached."""

    def unreachable(*_):
        raise StorageError("The storage is gone.")

    with monkeypatch.context() as patched:
        for method in ("sizes", "read", "write", "remove"):
            patched.setattr(Storage, method, unreachable)
        yield


def test_a_photo_deleted_elsewhere_can_be_shared_again():
    app = with_own_photo()
    name = share_b(app)
    (own,) = app.session_state["published"].values()
    shared.photo_store().delete(name, own.delete_key)
    back(open_app("compare", b=name), {})  # the server has noticed
    app.run()
    assert is_private(query(app)["b"])
    assert "your own upload of it is shown" in warnings(app)
    assert share_b(app) == name
    assert shared.photo_store().load(name).sha256 == name.removeprefix("sha256-")
    (again,) = app.session_state["published"].values()
    assert again.delete_key != own.delete_key
    assert shared.photo_store().delete(name, again.delete_key)


def test_sharing_a_photo_twice_is_one_publication():
    app = with_own_photo()
    private, name = query(app)["b"], share_b(app)
    (own,) = app.session_state["published"].values()
    widget(app, "b").set_value(private).run()
    assert share_b(app) == name
    assert list(app.session_state["published"].values()) == [own]
    assert shared.photo_store().delete(name, own.delete_key)


def test_a_deletion_that_fails_leaves_all_as_it_was(monkeypatch):
    app = with_own_photo()
    name = share_b(app)
    before = tiles(app)
    with storage_gone(monkeypatch):
        button(app, deletes(name)).click().run()
        assert "The storage is gone." in warnings(app)
        assert (query(app)["b"], tiles(app)) == (name, before)
    button(app, deletes(name)).click().run()
    assert shared.photo_store().usage().photos == 0


def test_a_deleted_photo_stays_where_it_is_shown_and_is_private_there():
    app = open_app("compare")
    upload(app, "a", 1), upload(app, "b", 2)
    publish(app, "a")
    name = query(app)["a"]
    swap(app)
    before = table(app)
    assert query(app)["b"] == name
    button(app, deletes(name)).click().run()
    assert is_private(query(app)["b"])
    assert table(app) == before
    # Though another photo took its place in the meantime.
    app = open_app("compare")
    upload(app, "a", 1)
    publish(app, "a")
    address, before = query(app), table(app)
    upload(app, "a", 2)
    assert table(app) != before
    back(app, address)
    assert table(app) == before
    button(app, deletes(address["a"])).click().run()
    assert is_private(query(app)["a"])
    assert table(app) == before
    # Back, to an address that names what isn't shared any more.
    back(app, address)
    assert is_private(query(app)["a"])
    assert table(app) == before


def test_a_storage_that_is_away_for_a_moment_changes_no_view(monkeypatch):
    app = with_own_photo()
    share_b(app)
    before, address = tiles(app), query(app)
    photo_inputs._looked.clear()  # as a minute later
    with storage_gone(monkeypatch):
        app.run()
        assert tiles(app) == before
        st.cache_resource.clear()  # another server, which has never seen the photo
        other = open_app("compare", **address)
        assert "The storage is gone." in other.error[0].value
        assert query(other) == address
        button(other, "Try again").click().run()
        assert query(other) == address
    button(other, "Try again").click().run()
    assert not other.error
    assert tiles(other) == before


def test_an_open_page_notices_that_a_photo_has_expired():
    app = with_own_photo()
    name = share_b(app)
    (own,) = app.session_state["published"].values()
    other = open_app("compare", b=name)
    shared.photo_store().delete(name, own.delete_key)  # through another replica, say
    other.run()
    assert query(other)["b"] == name
    photo_inputs._looked.clear()  # a minute later
    other.run()
    assert query(other)["b"] == "coffee"
    assert "expired, was deleted" in warnings(other)


def test_what_one_shared_can_be_deleted_until_it_expires(monkeypatch):
    app = with_own_photo()
    name = share_b(app)
    assert button(app, deletes(name))
    in_a_year = time.time() + 365 * 86400
    monkeypatch.setattr(sharing.time, "time", lambda: in_a_year)
    app.run()
    assert button(app, deletes(name)) is None  # its link would delete nothing


def test_what_one_shared_can_be_deleted_though_it_is_not_shown():
    app = with_own_photo()
    name = share_b(app)
    widget(app, "b").set_value("rocket").run()
    assert button(app, deletes(name))
    button(app, "Forget your photos").click().run()
    assert "What you shared stays shared" in warnings(app)
    button(app, deletes(name)).click().run()
    assert shared.photo_store().usage().photos == 0
    assert query(app)["b"] == "rocket"


def test_one_visitor_cannot_take_all_the_room(monkeypatch):
    monkeypatch.setattr(sharing, "_MOST", 3)
    app = open_app("compare")
    for seed in range(4):
        upload(app, "a", seed)
        publish(app, "a")
    assert "You share 3 photos already" in refusal(app)
    assert shared.photo_store().usage().photos == 3


def test_an_invented_name_drops_nothing_that_was_computed():
    app = open_app("compare")
    before = shared.kept_results().state["results"]
    samples = [f"sha256-{at.sample(name).sha256}" for name in (View().a, View().b)]
    late = open_app("compare", a=samples[0], b=samples[1])
    assert "expired, was deleted" in warnings(late)
    assert shared.kept_results().state["results"] >= before
    assert tiles(late) == tiles(app)


def test_a_selection_never_goes_over_to_another_photo():
    app = open_app("compare")
    first = upload(app, "a", 1)
    app.query_params["pick"] = ["a-h1-3"]
    app.run()
    assert query(app)["pick"] == "a-h1-3"
    address = query(app)
    upload(app, "a", 2)
    assert query(app)["pick"] == "none"
    back(app, address)
    assert (query(app)["a"], query(app)["pick"]) == (first, "a-h1-3")
    swap(app)
    assert (query(app)["b"], query(app)["pick"]) == (first, "b-h1-3")
    other = open_app("compare", **address)
    assert (query(other)["a"], query(other)["pick"]) == ("camera", "none")


def test_tiles_of_a_shared_photo_are_the_librarys(model):
    app = with_own_photo()
    share_b(app)
    both = [at.sample(View().a), at.decode_photo(jpeg(0), "photo")]
    assert tiles(app) == expected_tiles(model, View(), both)
