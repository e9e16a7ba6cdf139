"""Runs over tiny photos with a tiny model, in this process."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import pandas as pd
import pytest

from attntopo.runs import running
from attntopo.runs.piece_work import PieceReport, PieceWorker
from attntopo.runs.pieces import Piece
from attntopo.runs.run_options import Job
from tests.harness.model_folders import TINY, VIT, write_folder
from tests.harness.photos import jpeg

N_HEADS = 6
"""Heads of the tiny model: three in each of two layers."""


class InlineWorkers:
    """Does each piece at once, in this process."""

    survives = False
    at_once = n_workers = 1

    def __init__(self, job: Job, n_workers: int) -> None:
        del n_workers
        self.worker = PieceWorker(job)

    def submit(self, piece: Piece) -> Future[PieceReport]:
        future: Future[PieceReport] = Future()
        try:
            future.set_result(self.worker.work_on(piece))
        except BaseException as error:
            future.set_exception(error)
        return future

    def renew(self) -> None:
        raise AssertionError("No worker ends here.")

    def close(self) -> None:
        self.worker.close()


def write_model(folder: Path) -> str:
    """A model with 17 tokens."""
    pictures = VIT | {"size": 64}
    return str(write_folder(folder, "ViTModel", pictures, **TINY, image_size=64, patch_size=16))


def tiny_jpegs(n: int) -> dict[str, bytes]:
    return {f"p{seed:04}.jpg": jpeg(seed, (80, 60)) for seed in range(n)}


def finished_at(out: str | Path, kind: str = "features") -> set[str]:
    """The files of the pieces that are finished."""
    return {path.name for path in Path(out, kind).glob("*.parquet")}


def rows_at(out: str | Path, kind: str = "features") -> pd.DataFrame:
    """A run's rows in one order."""
    rows = pd.read_parquet(f"{out}/{kind}")
    return rows.sort_values(["photo", "layer", "head"]).reset_index(drop=True)


def errors_at(out: str | Path, kind: str = "features") -> dict[str, str]:
    """The sentences of a run's table of errors, by photo."""
    errors = pd.read_parquet(f"{out}/{kind}-errors.parquet")
    assert errors["photo"].is_unique
    return dict(zip(errors["photo"], errors["error"], strict=True))


@pytest.fixture(scope="package")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_model(tmp_path_factory.mktemp("runs") / "tiny")


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers in this process."""
    monkeypatch.setattr(running, "LocalWorkers", InlineWorkers)
