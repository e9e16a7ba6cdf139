"""The first page's attention in the cache folder: used, checked, replaced, ignored."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import attntopo as at
from attntopo.links import View
from attntopo.models.embedded import embedded_folder, embedded_info
from attntopo.models.info import read_info
from attntopo.models.offered import EMBEDDED
from attntopo.settings import app_settings
from attntopo.ui.results import models, photo_inputs, ready_attention
from attntopo.ui.runtime import ready_files
from tests.harness.app import open_app, tiles

ROOT = Path(__file__).parents[3]


@pytest.fixture
def ready(configured, monkeypatch) -> Iterator[Path]:
    """An empty folder, in which the first page's attention is kept."""
    monkeypatch.setattr(ready_attention, "CHECKED_AFTER", 0.0)
    configured(ATTNTOPO_READY="on")
    folder = app_settings().cache_folder / "ready-attention"
    shutil.rmtree(folder, ignore_errors=True)
    yield folder
    written()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def unchecked(monkeypatch) -> None:
    monkeypatch.setattr(ready_attention.Checks, "begin", lambda *_: None)


def written() -> None:
    """Wait until all that is to be kept is in its file."""
    ready_attention._writer.submit(lambda: None).result()


def wait_until_checked() -> None:
    for thread in ready_attention.checks().threads:
        thread.join()


def test_the_second_start_shows_the_same_without_the_models_libraries(ready, configured):
    first = tiles(open_app())
    written()
    assert len(list(ready.glob("*.npz"))) == 2
    assert ready_files.are_there()
    script = (
        "import sys\n"
        "from attntopo.ui.results import ready_attention\n"
        "ready_attention.CHECKED_AFTER = 3600\n"
        "from tests.harness.app import open_app, tiles\n"
        "print(tiles(open_app()), 'torch' in sys.modules, 'transformers' in sys.modules)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == f"{first} False False"


def test_what_was_read_is_computed_again_and_found_the_same(ready, configured, caplog):
    before = tiles(open_app())
    written()
    configured()
    assert tiles(open_app()) == before
    wait_until_checked()
    assert ready_attention.checks().settled
    assert ready_attention.checks().replaced == 0
    assert models.is_loaded(EMBEDDED)
    assert "lay ready" not in caplog.text


def test_other_numbers_are_noticed_and_replaced_everywhere(
    ready, configured, caplog, model, monkeypatch
):
    right = tiles(open_app())
    written()
    for path in ready.glob("*.npz"):
        known = ready_files.read_file(path)
        # Another head's attention in each place: right in form, and wrong.
        ready_files.write_file(path, replace(known, maps=np.roll(known.maps, 1, axis=1)))
    configured()
    monkeypatch.setattr(ready_attention, "CHECKED_AFTER", 0.5)
    open_app()
    wait_until_checked()
    assert ready_attention.checks().replaced == 2
    assert "isn't what this machine computes now" in caplog.text
    assert tiles(open_app()) == right
    computed = [model.attend(at.sample(name)) for name in (View().a, View().b)]
    for path in ready.glob("*.npz"):
        written_again = ready_files.read_file(path)
        assert any(np.array_equal(written_again.maps, one.maps) for one in computed)


def test_an_open_page_is_drawn_anew_with_a_sentence(ready, configured, unchecked, monkeypatch):
    open_app()
    written()
    configured()
    app = open_app()
    assert ready_attention.is_watched()
    assert not app.warning

    class Replaced(ready_attention.Checks):
        """As the page's fragment sees it some time after the page was drawn."""

        seen = 0

        @property
        def replaced(self) -> int:
            type(self).seen += 1
            return int(self.seen == 2)

        @replaced.setter
        def replaced(self, _number: int) -> None:
            pass

    checks = Replaced()
    monkeypatch.setattr(ready_attention, "checks", lambda: checks)
    app.run()
    assert "computed anew" in app.warning[0].value


def test_what_is_computed_of_replaced_numbers_is_kept_apart(configured):
    configured()
    older = photo_inputs.input_of(View("astronaut", "coffee"), "a")
    photo_inputs.make_anew(older.content)
    newer = photo_inputs.input_of(View("astronaut", "coffee"), "a")
    assert older.key != newer.key
    assert older.lasting_key == newer.lasting_key


def test_a_file_that_was_wrong_once_is_not_read_again(tmp_path):
    path = tmp_path / "a.npz"
    ready_files.write_file(path, example())
    checks = ready_attention.Checks()
    assert checks.trusts(path)
    checks.begin(path, example(), lambda: replace(example(), n_prefix=1, photo_box=(0, 0, 1, 1)))
    for thread in checks.threads:
        thread.join()
    assert not checks.trusts(path)


def example() -> at.Attention:
    maps = np.random.default_rng(0).dirichlet(np.ones(5), size=(2, 3, 5)).astype(np.float32)
    known = at.Attention.from_arrays(maps, grid=(2, 2), n_prefix=1)
    return replace(known, photo_box=(0.1, 0.0, 0.9, 1.0))


def test_what_is_written_is_read_to_the_bit(tmp_path):
    ready_files.write_file(tmp_path / "a.npz", example())
    assert ready_files.same(ready_files.read_file(tmp_path / "a.npz"), example())


@pytest.mark.parametrize("part", ["maps", "grid", "n_prefix", "input_pixels", "photo_box"])
def test_a_difference_in_any_part_is_one(part):
    known = example()
    other = {
        "maps": known.maps[:, ::-1],
        "grid": (1, 4),
        "n_prefix": 0,
        "input_pixels": known.input_pixels ^ 1,
        "photo_box": (0.0, 0.0, 0.9, 1.0),
    }
    changed = example()
    object.__setattr__(changed, part, other[part])
    assert not ready_files.same(known, changed)


def test_a_file_of_another_version_is_ignored(tmp_path):
    ready_files.write_file(tmp_path / "a.npz", example())
    shutil.copy(tmp_path / "a.npz", tmp_path / "b.npz")
    assert ready_files.read_file(tmp_path / "b.npz") is None


@pytest.mark.parametrize(
    "what", ["absent", "empty", "cut", "flipped", "text", "another archive", "pickled", "NaN"]
)
def test_a_damaged_or_foreign_file_is_ignored(tmp_path, what):
    path = tmp_path / "a.npz"
    ready_files.write_file(path, example())
    data = bytearray(path.read_bytes())
    arrays = dict(np.load(path))
    if what == "absent":
        path.unlink()
    elif what == "empty":
        path.write_bytes(b"")
    elif what == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif what == "flipped":
        data[data.index(example().maps.tobytes()) + 10] ^= 1
        path.write_bytes(data)
    elif what == "text":
        path.write_text("no archive")
    elif what == "another archive":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("maps.npy", "no array")
    elif what == "pickled":
        arrays["maps"] = np.array([{"an": "object"}], dtype=object)
        np.savez(path, **arrays)
    else:
        arrays["maps"] = np.full_like(arrays["maps"], np.nan)
        np.savez(path, **arrays)
    assert ready_files.read_file(path) is None


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path):
    (tmp_path / "file").write_text("in the folder's place")
    path = tmp_path / "file" / "a.npz"
    ready_files.write_file(path, example())
    assert ready_files.read_file(path) is None


def test_no_more_than_a_few_files_stay(tmp_path):
    for number in range(6):
        ready_files.write_file(tmp_path / f"{number}.npz", example())
    assert len(list(tmp_path.iterdir())) == 4
    assert (tmp_path / "5.npz").exists()


def test_other_code_is_another_file(ready, monkeypatch):
    before = ready_files._origin()
    monkeypatch.setattr(ready_files, "version", lambda _name: "another")
    ready_files._origin.cache_clear()
    assert ready_files._origin() != before
    monkeypatch.undo()
    ready_files._origin.cache_clear()
    assert ready_files._origin() == before


def test_only_the_first_page_is_kept(ready):
    open_app(a="rocket", b="chelsea")
    written()
    assert not list(ready.glob("*.npz"))


def test_the_embedded_model_is_described_without_its_libraries():
    folder = embedded_folder(app_settings().cache_folder)
    assert embedded_info() == read_info(EMBEDDED, folder, embedded_info().commit)
