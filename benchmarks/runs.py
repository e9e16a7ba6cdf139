"""Photos a second of a run, by stage, for one worker and for two; memory; what ImageNet would take.

    .venv/bin/python -m benchmarks.runs [--distance KEY] [--photos 24] [--rounds 2] [--memory N]
        [--no-growth] [--json PATH]

Features of all 72 heads of the embedded model. Pools of one worker and of two do the same photos
by turns, after a piece each that isn't counted. Time on the clock is what a run takes, and on a
loaded machine says nothing: there what a photo takes of a core's time says more, and even that is
larger than on a quiet one, whose cores share caches with nobody. With `--memory`, one worker goes
through so many photos, and says what it holds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from concurrent.futures import wait
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

import attntopo as at
from attntopo.runs import RunOptions
from attntopo.runs.local_workers import LocalWorkers
from attntopo.runs.piece_work import PieceReport, PieceWorker
from attntopo.runs.pieces import Piece
from attntopo.runs.run_options import Job, prepared_job
from attntopo.runs.sources import PhotoFile, photo_files
from attntopo.runs.stage_clock import STAGES
from benchmarks.parts import machine
from benchmarks.verdicts import Verdict, print_verdicts
from tests.harness.photo_corpus import encoded

IMAGENET = 1_281_167
"""Photos of its training set (ILSVRC 2012)."""
LEAST_RATE, LEAST_RATIO = 2.5, 1.8
"""Photos a second of two workers, and how many times one worker's that is, at least."""
_IN_A_PIECE = 4
_MEGABYTES = 50.0
"""By how much memory may grow from the second quarter of many photos to the last."""


@dataclass(frozen=True)
class Rate:
    """What one pool did.

    Attributes
    ----------
    photos_a_second : float
    seconds : dict of str to float
        Of a photo, by stage, in one worker.
    processor_seconds : float
        Of a photo: what it takes of a core, however many others want it.
    megabytes : float
        Most memory of a worker.
    """

    photos_a_second: float
    seconds: dict[str, float]
    processor_seconds: float
    megabytes: float


def write_photos(folder: Path, n: int, side: int = 500) -> None:
    """Write JPEGs as large as ImageNet's: crops of the samples."""
    names = ("astronaut", "chelsea", "coffee", "rocket")
    for number in range(n):
        image = at.sample(names[number % len(names)]).image()
        left = number * 7 % max(1, image.width // 4)
        crop = image.crop((left, 0, left + image.width * 3 // 4, image.height))
        size = (side, round(side * 3 / 4))
        data = encoded(crop.resize(size, Image.Resampling.BICUBIC), "JPEG")
        (folder / f"{number:05}.jpg").write_bytes(data)


def piece_of(photos: list[PhotoFile], number: int) -> Piece:
    """Make a piece of its own name of some photos."""
    return Piece(f"{number:064x}", tuple(photos))


def timed(job: Job, n_workers: int, photos: list[PhotoFile]) -> Rate:
    """Time one pool over photos, once each of its workers is warm."""
    workers = LocalWorkers(job, n_workers)
    try:
        wait([workers.submit(piece_of(photos[:_IN_A_PIECE], n)) for n in range(n_workers)])
        begins = range(0, len(photos), _IN_A_PIECE)
        start = time.perf_counter()
        futures = [
            workers.submit(piece_of(photos[begin : begin + _IN_A_PIECE], 1000 + begin))
            for begin in begins
        ]
        reports = [future.result() for future in futures]
        return _rate(reports, len(photos), time.perf_counter() - start)
    finally:
        workers.close()


def _rate(reports: list[PieceReport], n_photos: int, seconds: float) -> Rate:
    stages: Counter[str] = Counter()
    for report in reports:
        stages.update(report.seconds)
    return Rate(
        n_photos / seconds,
        {stage: stages[stage] / n_photos for stage in STAGES},
        sum(report.processor_seconds for report in reports) / n_photos,
        max(report.megabytes for report in reports),
    )


def growth(folder: Path, photos: list[PhotoFile]) -> list[dict[str, object]]:
    """Time the stages of one photo by tokens and heads, in this process."""
    cases = [(224, None), (336, (9,)), (448, (9,)), (224, (9,)), (224, (9, 10, 11))]
    rows: list[dict[str, object]] = []
    for number, (side, layers) in enumerate(cases):
        options = RunOptions(input=at.ModelInput(side), layers=layers)
        job, info = prepared_job("features", options, str(folder / f"growth{number}"))
        worker = PieceWorker(job)
        try:
            worker.work_on(piece_of(photos[:1], 0))
            report = worker.work_on(piece_of(photos[:2], 1))
        finally:
            worker.close()
        n_heads = info.n_heads * (info.n_layers if layers is None else len(layers))
        n_tokens = info.with_input(options.input).n_tokens
        seconds = {stage: taken / 2 for stage, taken in report.seconds.items()}
        rows.append({"tokens": n_tokens, "heads": n_heads, "seconds": seconds})
    return rows


def memory(folder: Path, n: int) -> list[tuple[int, float]]:
    """Let one worker go through many photos of one layer; memory after each piece, in MB."""
    (folder / "many").mkdir()
    write_photos(folder / "many", n, side=200)
    photos = photo_files(str(folder / "many"))
    job, _ = prepared_job("features", RunOptions(layers=(9,)), str(folder / "memory"))
    worker = PieceWorker(job)
    held = []
    try:
        for begin in range(0, n, 50):
            worker.work_on(piece_of(photos[begin : begin + 50], begin))
            held.append((min(n, begin + 50), _resident()))
    finally:
        worker.close()
    return held


def _growth(megabytes: list[float]) -> float:
    """Return by how much memory grew: a piece more or less in hand makes tens of MB."""
    quarter = len(megabytes) // 4
    second, last = megabytes[quarter : 2 * quarter + 1], megabytes[-quarter - 1 :]
    return statistics.median(last) - statistics.median(second)


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _median(rates: list[Rate]) -> Rate:
    return sorted(rates, key=lambda rate: rate.photos_a_second)[len(rates) // 2]


def _print_rates(rates: dict[int, Rate]) -> None:
    print(f"{'seconds a photo':16}" + "".join(f"{n} worker(s)".rjust(14) for n in rates))
    for stage in STAGES:
        print(f"{stage:16}" + "".join(f"{rate.seconds[stage]:14.3f}" for rate in rates.values()))
    print(f"{'photos a second':16}" + "".join(f"{r.photos_a_second:14.2f}" for r in rates.values()))
    print(f"{'of a core':16}" + "".join(f"{r.processor_seconds:14.3f}" for r in rates.values()))
    print(f"{'MB a worker':16}" + "".join(f"{rate.megabytes:14.0f}" for rate in rates.values()))


def _verdicts(rates: dict[int, Rate], ratio: float) -> list[Verdict]:
    rate = rates[2].photos_a_second
    return [
        Verdict(
            f"at least {LEAST_RATE} photos a second on two cores",
            f"{rate:.2f}",
            rate >= LEAST_RATE,
        ),
        Verdict(
            f"two workers at least {LEAST_RATIO} times as fast as one",
            f"{ratio:.2f}",
            ratio >= LEAST_RATIO,
        ),
    ]


def main() -> None:
    """Measure, print, and write JSON where it is asked for."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.runs")
    options.add_argument("--distance", choices=list(at.DISTANCES), default=RunOptions.distance)
    options.add_argument("--photos", type=int, default=24)
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--memory", type=int, default=0, metavar="PHOTOS")
    options.add_argument("--growth", action=argparse.BooleanOptionalAction, default=True)
    options.add_argument("--json", metavar="PATH", help="where to write the numbers")
    chosen = options.parse_args()
    loads = [os.getloadavg()[0]]
    print(f"{machine()}; load {loads[0]:.1f}; {chosen.distance}\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "photos").mkdir()
        write_photos(folder / "photos", chosen.photos)
        photos = photo_files(str(folder / "photos"))
        job, _ = prepared_job("features", RunOptions(distance=chosen.distance), str(folder / "out"))
        by_workers: dict[int, list[Rate]] = {1: [], 2: []}
        for _ in range(chosen.rounds):
            for n_workers, rates in by_workers.items():
                rates.append(timed(job, n_workers, photos))
                loads.append(os.getloadavg()[0])
        grown = growth(folder, photos) if chosen.growth else []
        held = memory(folder, chosen.memory) if chosen.memory else []
    rates = {n_workers: _median(own) for n_workers, own in by_workers.items()}
    ratio = statistics.median(
        two.photos_a_second / one.photos_a_second
        for one, two in zip(*by_workers.values(), strict=True)
    )
    _print_rates(rates)
    print("\nby tokens and heads, seconds a photo in this process")
    for row in grown:
        print(f"{row['tokens']:5} tokens {row['heads']:3} heads: {_stages(row['seconds'])}")
    core_hours = IMAGENET * rates[1].processor_seconds / 3600
    print(f"\nImageNet's {IMAGENET:,} photos: {core_hours:,.0f} core hours")
    verdicts = _verdicts(rates, ratio)
    if held:
        some = held[:: max(1, len(held) // 10)]
        print(f"\nmemory: {', '.join(f'{n}: {megabytes:.0f} MB' for n, megabytes in some)}")
        grew = _growth([megabytes for _, megabytes in held])
        what = f"memory over {chosen.memory} photos grows by at most {_MEGABYTES:g} MB"
        verdicts.append(Verdict(what, f"{grew:.0f} MB", grew <= _MEGABYTES))
    print(f"\nload of the machine: {min(loads):.1f} to {max(loads):.1f} on {os.cpu_count()} cores")
    print_verdicts(verdicts)
    if chosen.json:
        numbers = {
            "machine": machine(),
            "load": loads,
            "distance": chosen.distance,
            "rates": {n: [vars(rate) for rate in own] for n, own in by_workers.items()},
            "ratio": ratio,
            "growth": grown,
            "imagenet core hours": core_hours,
            "memory": held,
        }
        Path(chosen.json).write_text(json.dumps(numbers, indent=1))


def _stages(seconds: object) -> str:
    assert isinstance(seconds, dict)
    return ", ".join(f"{stage} {taken:.3f}" for stage, taken in seconds.items())


if __name__ == "__main__":
    main()
