"""Threads of libraries in a process that serves, as those libraries themselves tell it."""

import json
import os
import subprocess
import sys

import pytest

VARIABLES = ("OMP_WAIT_POLICY", "OPENBLAS_NUM_THREADS")
BLAS = """
import json, attntopo.ui, scipy.linalg
from threadpoolctl import threadpool_info
print(json.dumps([one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]))
"""


def run(code: str, **chosen: str) -> subprocess.CompletedProcess:
    inherited = {name: one for name, one in os.environ.items() if name not in VARIABLES}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**inherited, **chosen},
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.mark.parametrize("chosen", [{}, {"OPENBLAS_NUM_THREADS": "2"}])
def test_blas_takes_one_thread_if_nobody_says_otherwise(chosen):
    threads = json.loads(run(BLAS, **chosen).stdout)
    assert len(threads) >= 2  # NumPy's and SciPy's
    assert set(threads) == {min(int(chosen.get("OPENBLAS_NUM_THREADS", 1)), os.cpu_count())}


def test_torchs_threads_wait_asleep_if_nobody_says_otherwise():
    told = run("import attntopo.ui, torch", OMP_DISPLAY_ENV="true").stderr
    policies = [line.split("'")[1] for line in told.splitlines() if "WAIT_POLICY" in line]
    assert policies == ["PASSIVE"]
    code = "import attntopo.ui, os; print(os.environ['OMP_WAIT_POLICY'])"
    assert run(code, OMP_WAIT_POLICY="ACTIVE").stdout == "ACTIVE\n"
