"""Runs whose processes are killed in the middle of a piece, and what they leave behind.

The photos come from a server that holds its answers back, so that it is in the middle for sure.
"""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import psutil
import pytest

from attntopo.runs import RunOptions, RunProgress, run_over_photos, running
from tests.harness.photo_server import PhotoServer
from tests.harness.runs import InlineWorkers, errors_at, finished_at, rows_at, tiny_jpegs

ROOT = Path(__file__).parents[2]
# Which name ends a piece its hash decides, and the server's port is in it: enough for many pieces.
PHOTOS = tiny_jpegs(60) | {"bad.jpg": b"no photo"}


def start(server: PhotoServer, out: Path, model: str, *options: str) -> subprocess.Popen[str]:
    """The command, over all of a server's photos, in a process of its own."""
    address = out.with_suffix(".txt")
    address.write_text("\n".join(server.addresses))
    # A shell has what it starts in the background ignore Ctrl-C, tests too.
    main = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from attntopo.cli import main; main()"
    )
    command = [sys.executable, "-c", main, "run", "features", str(address), "--out", str(out)]
    return subprocess.Popen(
        [*command, "--model", model, "--layer", "1", *options],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def workers(process_id: int) -> list[int]:
    """The spawned processes of one."""
    own = psutil.Process(process_id).children()
    return [child.pid for child in own if any("spawn_main" in part for part in child.cmdline())]


def wait_until_gone(process_id: int) -> None:
    """Wait for a process to end; where nobody asks how it did, its entry stays as a zombie's."""
    for _ in range(1200):
        try:
            state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        time.sleep(0.1)
    raise AssertionError(f"{process_id} is still there.")


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_a_killed_worker_is_replaced_and_loses_nothing(tiny_model, tmp_path, monkeypatch):
    options = RunOptions(tiny_model, layers=(1,))
    # The server is left first: a run that waits for it would be waited for.
    with ThreadPoolExecutor(1) as thread, PhotoServer(PHOTOS) as server:
        server.let_pass(0)
        before = set(workers(os.getpid()))
        run = thread.submit(rows_of, server, tmp_path / "out", options, 2)
        # Both workers are in the middle of a piece.
        server.let_pass_until(lambda: finished_at(tmp_path / "out"), 2)
        first, second = set(workers(os.getpid())) - before
        os.kill(first, signal.SIGKILL)
        server.let_pass(float("inf"))
        progress = run.result()
        assert (progress.n_done, progress.lost) == (len(PHOTOS), [])
        for worker in (first, second):
            wait_until_gone(worker)
        assert_whole(tmp_path, server, options, monkeypatch)


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_a_killed_run_goes_on(tiny_model, tmp_path, monkeypatch):
    options = RunOptions(tiny_model, layers=(1,))
    with PhotoServer(PHOTOS) as server:
        server.let_pass(0)
        run = start(server, tmp_path / "out", tiny_model, "--workers", "1")
        server.let_pass_until(lambda: finished_at(tmp_path / "out"), 1)
        finished = finished_at(tmp_path / "out")
        (worker,) = workers(run.pid)
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
        wait_until_gone(worker)  # it ends with who started it
        assert finished == finished_at(tmp_path / "out")
        server.let_pass(float("inf"))
        server.n_asked = 0
        monkeypatch.setattr(running, "LocalWorkers", InlineWorkers)
        progress = rows_of(server, tmp_path / "out", options)
        assert server.n_asked == len(PHOTOS) - progress.n_before < len(PHOTOS)
        assert finished < finished_at(tmp_path / "out")
        assert_whole(tmp_path, server, options, monkeypatch)


def rows_of(
    server: PhotoServer, out: Path, options: RunOptions, workers: int | None = None
) -> RunProgress:
    lines = server.addresses
    return run_over_photos("features", "-", str(out), options, lines=lines, workers=workers)


def assert_whole(folder: Path, server: PhotoServer, options: RunOptions, monkeypatch) -> None:
    """The tables are those of a run that nothing happened to."""
    monkeypatch.setattr(running, "LocalWorkers", InlineWorkers)
    rows_of(server, folder / "whole", options)
    pd.testing.assert_frame_equal(rows_at(folder / "out"), rows_at(folder / "whole"))
    assert errors_at(folder / "out") == errors_at(folder / "whole")
    assert len(errors_at(folder / "out")) == 1


def test_ctrl_c_stops_at_once_and_says_what_to_do(tiny_model, tmp_path):
    with PhotoServer(PHOTOS) as server:
        server.let_pass(0)
        run = start(server, tmp_path / "out", tiny_model, "--workers", "1")
        assert run.stderr is not None
        assert run.stderr.readline() == f"0 of {len(PHOTOS)} photos\n"
        run.send_signal(signal.SIGINT)
        _said, told = run.communicate(timeout=300)
        assert run.returncode == 130
        assert "What is finished is kept: the same command goes on." in told
        assert "Traceback" not in told
