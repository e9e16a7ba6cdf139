"""Threads of libraries in a process that serves, as those libraries themselves tell it."""

import json
import os
import subprocess
import sys

import pytest

VARIABLES = ("OMP_WAIT_POLICY", "OPENBLAS_NUM_THREADS")
ASK = """
import json, attntopo.ui, scipy.linalg, torch
from threadpoolctl import threadpool_info
print(json.dumps([one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]))
"""


@pytest.mark.parametrize("chosen", [{}, {"OMP_WAIT_POLICY": "ACTIVE", "OPENBLAS_NUM_THREADS": "2"}])
def test_blas_takes_one_thread_and_torchs_wait_asleep_if_nobody_says_otherwise(chosen):
    inherited = {name: one for name, one in os.environ.items() if name not in VARIABLES}
    asked = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**inherited, "OMP_DISPLAY_ENV": "true", **chosen},
        capture_output=True,
        text=True,
        check=True,
    )
    threads = json.loads(asked.stdout)
    assert len(threads) >= 2  # NumPy's and SciPy's
    assert set(threads) == {min(int(chosen.get("OPENBLAS_NUM_THREADS", 1)), os.cpu_count())}
    # Each OpenMP that is loaded, torch's among them, says how its threads wait.
    policies = {line.split("'")[1] for line in asked.stderr.splitlines() if "WAIT_POLICY" in line}
    assert policies == {chosen.get("OMP_WAIT_POLICY", "PASSIVE")}
