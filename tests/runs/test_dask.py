"""The same pieces on a real Dask scheduler with two workers, one of which is killed."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

from attntopo.runs import RunError, RunOptions, RunProgress, run_over_photos, running
from tests.harness.photo_server import PhotoServer
from tests.harness.runs import InlineWorkers, errors_at, finished_at, rows_at, tiny_jpegs

ROOT = Path(__file__).parents[2]
PHOTOS = tiny_jpegs(24) | {"bad.jpg": b"no photo"}


def dask(*arguments: str, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / f"{arguments[0]}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments, "--no-dashboard"],
            stdout=log,
            stderr=log,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def cluster(tmp_path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler's address, and its workers."""
    address = f"tcp://127.0.0.1:{free_port()}"
    host, port = "127.0.0.1", address.rpartition(":")[2]
    scheduler = dask("scheduler", "--host", host, "--port", port, folder=tmp_path)
    options = ["--nthreads", "1", "--no-nanny", "--host", host, "--memory-limit", "0"]
    workers = [dask("worker", address, *options, folder=tmp_path) for _ in range(2)]
    try:
        yield address, workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


def n_workers(address: str) -> int:
    from distributed import Client

    with Client(address, timeout=120, set_as_default=False) as client:
        return len(client.scheduler_info(n_workers=-1)["workers"])


def test_a_piece_of_a_dead_worker_is_done_by_another(cluster, tiny_model, tmp_path, monkeypatch):
    address, workers = cluster
    options = RunOptions(tiny_model, layers=(0,))
    while n_workers(address) < 2:
        time.sleep(0.2)
    # The server is left first: a run that waits for it would be waited for.
    with ThreadPoolExecutor(1) as thread, PhotoServer(PHOTOS) as server:
        server.let_pass(0)
        lines = server.addresses
        run = thread.submit(
            run_over_photos,
            "features",
            "-",
            str(tmp_path / "out"),
            options,
            lines=lines,
            scheduler=address,
        )
        # Both are in the middle of a piece.
        server.let_pass_until(lambda: finished_at(tmp_path / "out"), 2)
        workers[0].send_signal(signal.SIGKILL)
        workers[0].wait()
        server.let_pass(float("inf"))
        progress = run.result()
        assert n_workers(address) == 1
        assert (progress.n_done, progress.lost) == (len(PHOTOS), [])
        assert progress.seconds["distances"] > 0
        monkeypatch.setattr(running, "LocalWorkers", InlineWorkers)
        run_over_photos("features", "-", str(tmp_path / "whole"), options, lines=lines)
    pd.testing.assert_frame_equal(rows_at(tmp_path / "out"), rows_at(tmp_path / "whole"))
    assert errors_at(tmp_path / "out") == errors_at(tmp_path / "whole")


def test_a_run_says_that_no_worker_is_there_and_goes_on_when_one_comes(tiny_model, tmp_path):
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    processes = [dask("scheduler", "--host", "127.0.0.1", "--port", str(port), folder=tmp_path)]
    (tmp_path / "p.jpg").write_bytes(PHOTOS["p0000.jpg"])
    workers_then: list[int] = []

    def see(progress: RunProgress) -> None:
        workers_then.append(progress.n_workers)
        if progress.n_workers == 0 and len(processes) == 1:
            options = ["--nthreads", "1", "--no-nanny", "--memory-limit", "0"]
            processes.append(dask("worker", address, *options, folder=tmp_path))

    try:
        while not listens(port):
            time.sleep(0.1)
        progress = run_over_photos(
            "features",
            str(tmp_path / "p.jpg"),
            str(tmp_path / "out"),
            RunOptions(tiny_model, layers=(0,)),
            scheduler=address,
            report=see,
        )
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert progress.n_done == 1
    assert workers_then[1] == 0
    assert workers_then[-1] == 1


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def test_a_scheduler_that_is_not_there_is_said_in_a_sentence(tiny_model, tmp_path, monkeypatch):
    (tmp_path / "p.jpg").write_bytes(PHOTOS["p0000.jpg"])
    monkeypatch.setattr("attntopo.runs.dask_workers._PATIENCE", 0.3)
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(RunError) as caught:
        run_over_photos(
            "features",
            str(tmp_path / "p.jpg"),
            str(tmp_path / "out"),
            RunOptions(tiny_model),
            scheduler=address,
        )
    assert re.fullmatch(r"No Dask scheduler answers at tcp://[\d.:]+\.", str(caught.value))
