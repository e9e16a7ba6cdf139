"""Fixtures that several tests share; the user's own caches are left alone."""

import os
import sys
import tempfile

# A hundred processes would compile the same sources again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

_CACHE = tempfile.mkdtemp(prefix="attntopo-tests-")
os.environ["ATTNTOPO_CACHE"] = os.path.join(_CACHE, "attntopo")
os.environ["XDG_CACHE_HOME"] = _CACHE  # the library's own default
os.environ["HF_HOME"] = os.path.join(_CACHE, "hub")
# A port on which nothing listens: no test talks to the real hub.
os.environ["HF_ENDPOINT"] = "http://127.0.0.1:9"
os.environ["ATTNTOPO_PHOTOS"] = os.path.join(_CACHE, "photos")
os.environ["ATTNTOPO_STATUS_SECONDS"] = "0"
# Nothing is computed behind a test's back.
os.environ["ATTNTOPO_SAMPLE_PAIRS"] = "off"
os.environ["ATTNTOPO_READY"] = "off"

import logging  # noqa: E402
import shutil  # noqa: E402
import warnings  # noqa: E402
from collections.abc import Iterator  # noqa: E402

import hypothesis  # noqa: E402
import pytest  # noqa: E402
from xdist.remote import Producer  # noqa: E402
from xdist.scheduler import LoadFileScheduling  # noqa: E402

import attntopo as at  # noqa: E402
import attntopo.ui  # noqa: E402 - threads of libraries, here and in what is started from here
from attntopo.compiled import numba_runs  # noqa: E402
from tests.harness.photo_corpus import KINDS  # noqa: E402

# Before another library imports numba: kernels are compiled as the server compiles them then, so
# that both compute the same bits.
numba_runs()

# No test depends on how fast the machine is at the moment.
hypothesis.settings.register_profile(
    "attntopo", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("attntopo")


# What needs a server takes longest, and comes first: in three parts, each with servers of its own.
_BY_BROWSER, _OF_THE_SERVER = "tests/browser/", "tests/ui/server/"
# Of the browser's, those that need a second server are in one part, with the linked view's.
_SECOND = ("compare", "frame", "leaving", "link", "sample_pairs")
_SECOND_PART = tuple(f"{_BY_BROWSER}test_{name}" for name in _SECOND)
# Then what takes longest of the rest, as a worker that is done with one file takes the next: so the
# last ones are short, and all workers end together.
_LONGEST_FIRST = (
    "tests/test_install.py",
    "tests/test_run.py",
    "tests/models/test_hub.py",
    "tests/ui/pages/",
    "tests/analysis/",
    "tests/photos/test_decoder.py",
    "tests/ui/linked/",
    "tests/test_imports.py",
    "tests/studies/",
    "tests/topology/",
)


def _place(item: pytest.Item) -> int:
    places = (_BY_BROWSER, _OF_THE_SERVER), *_LONGEST_FIRST
    return next((k for k, one in enumerate(places) if item.nodeid.startswith(one)), len(places))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)


class _Scheduling(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(_BY_BROWSER):
            part = "second" if nodeid.startswith(_SECOND_PART) else "first"
            return f"{_BY_BROWSER} {part} part"
        if nodeid.startswith(_OF_THE_SERVER):
            return _OF_THE_SERVER
        return super()._split_scope(nodeid)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: what needs a server waits for it half of the time."""
    return (os.cpu_count() or 1) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    return _Scheduling(config, log)


def pytest_unconfigure() -> None:
    shutil.rmtree(_CACHE, ignore_errors=True)


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """Streamlit leaves the app's page as the main module, which a spawned process would run."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture(scope="session")
def model() -> at.Model:
    return at.load_model("embedded")


@pytest.fixture(scope="session")
def astronaut(model: at.Model) -> at.Attention:
    return model.attend(at.sample("astronaut"))


@pytest.fixture(scope="session")
def coffee(model: at.Model) -> at.Attention:
    return model.attend(at.sample("coffee"))


@pytest.fixture
def nothing_said(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[None]:
    """Nothing is warned of, printed or logged but a line for each refusal, which tells nothing."""
    caplog.set_level(logging.INFO)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield
    assert [str(one.message) for one in warned] == []
    assert tuple(capfd.readouterr()) == ("", "")
    for record in caplog.get_records("call"):
        assert record.name in ("attntopo.photos.decoding", "attntopo.photos.decoder")
        assert record.getMessage().removeprefix("A photo was refused: ")[:-1] in KINDS
        assert record.exc_info is None
