"""Kernels on disk, in processes of their own: whether they are of the sources that are there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import attntopo

ENTROPY = """
import numpy as np
from attntopo.analysis.entropy_kernel import sum_of_entropies
print(sum_of_entropies(np.full(32, 1 / 32)), sum(sum_of_entropies.stats.cache_hits.values()))
"""


@pytest.fixture
def package(tmp_path) -> Path:
    """A copy of the library, without kernels."""
    folder = tmp_path / "attntopo"
    shutil.copytree(
        Path(attntopo.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__", "ui")
    )
    return folder


def entropy(package: Path) -> tuple[float, int]:
    """Compute it with a copy, and say how many kernels came from the disk."""
    environment = os.environ | {"PYTHONPATH": str(package.parent)}
    done = subprocess.run(
        [sys.executable, "-c", ENTROPY],
        cwd=package.parent,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    value, hits = done.stdout.split()
    return float(value), int(hits)


def test_a_kernel_is_compiled_anew_when_what_is_compiled_into_it_has_changed(package):
    assert entropy(package) == (pytest.approx(np.log(32)), 0)
    assert entropy(package) == (pytest.approx(np.log(32)), 1)
    lanes = package / "log_lanes.py"
    lanes.write_text(lanes.read_text().replace("LOG_2 = 0.69", "LOG_2 = 0.79"))
    value, hits = entropy(package)
    assert hits == 0
    assert value == pytest.approx(np.log(32) + 0.5)


def test_kernels_of_modules_that_have_moved_are_no_hindrance(package):
    assert entropy(package) == (pytest.approx(np.log(32)), 0)
    (package / "log_lanes.py").rename(package / "other_lanes.py")
    for path in package.rglob("*.py"):
        path.write_text(path.read_text().replace("attntopo.log_lanes", "attntopo.other_lanes"))
    assert entropy(package) == (pytest.approx(np.log(32)), 0)
