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

import shutil  # noqa: E402

import numpy as np  # noqa: E402
import pytest  # noqa: E402

import attntopo as at  # noqa: E402

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
