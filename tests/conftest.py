"""Fixtures that several tests share; the user's own caches are left alone."""

import os
import tempfile

_CACHE = tempfile.mkdtemp(prefix="attntopo-tests-")
os.environ["ATTNTOPO_CACHE"] = _CACHE
os.environ["HF_HOME"] = os.path.join(_CACHE, "hub")
# A port on which nothing listens: no test talks to the real hub.
os.environ["HF_ENDPOINT"] = "http://127.0.0.1:9"
os.environ["ATTNTOPO_PHOTOS"] = os.path.join(_CACHE, "photos")
os.environ["ATTNTOPO_STATUS_SECONDS"] = "0"
# Nothing is computed behind a test's back.
os.environ["ATTNTOPO_SAMPLE_PAIRS"] = "off"

import logging  # noqa: E402
import shutil  # noqa: E402
import warnings  # noqa: E402
from collections.abc import Iterator  # noqa: E402

import numpy as np  # noqa: E402
import pytest  # noqa: E402

import attntopo as at  # noqa: E402
from tests.photo_corpus import KINDS  # noqa: E402

REAL_HEADS = ((1, 2), (4, 0), (9, 3), (11, 5))
"""Heads on which SciPy's float64 distances are a reference."""


def pytest_unconfigure() -> None:
    shutil.rmtree(_CACHE, ignore_errors=True)


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
        assert record.name == "attntopo.images"
        assert record.getMessage().removeprefix("A photo was refused: ")[:-1] in KINDS
        assert record.exc_info is None


def random_metric(seed: int, n: int = 20) -> np.ndarray:
    """Distances of random points in the plane, symmetric to the bit."""
    points = np.random.default_rng(seed).normal(size=(n, 2))
    values = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    values = (values + values.T) / 2
    np.fill_diagonal(values, 0)
    return values


def as_distances(values: np.ndarray) -> at.RowDistances:
    """Any distance matrix as row distances."""
    return at.RowDistances(values, "jensen-shannon", np.arange(len(values)))
