"""Decode as many damaged photo files as wanted, and report whatever shouldn't happen.

    .venv/bin/python -m tools.fuzz_photos --cases 100000 --seed 1

JPEG, PNG, WebP, AVIF and HEIC are decoded as the app decodes uploads, in the decoder's own process:
if that crashes, or this one grows, prints or hangs, it is found like a wrong answer, and the rest
still runs. Each finding names its case; `--first CASE --cases 1` decodes that one again, `--save
PATH` writes its file. Exits with 1 if anything was found.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import RawArray, RawValue
from pathlib import Path
from typing import Any

from attntopo.photos import PhotoDecoder
from tests.harness.photo_corpus import KINDS, memory, mutated, outcome

PATIENCE = 60
"""Seconds after which a case counts as hanging."""
MOST_MEMORY = 60
"""MiB by which the process may grow that asks the decoder."""
_FAILURES = "crash", "no decoder"
_STARTS_WITHIN = 120  # seconds, on a busy machine
_context = multiprocessing.get_context("spawn")


@dataclass
class Progress:
    """What the decoding process tells, in shared memory so that it survives a crash."""

    case: Any = field(default_factory=lambda: RawValue("q", -1))
    counts: Any = field(default_factory=lambda: RawArray("q", len(KINDS)))
    slowest: Any = field(default_factory=lambda: RawArray("d", 2))
    """Seconds and number of the slowest case."""
    grown: Any = field(default_factory=lambda: RawValue("d", 0))
    """Memory beyond that after the first case, in MiB."""
    found: Any = field(default_factory=lambda: RawValue("q", 0))


class _Lines(logging.Handler):
    """Counts what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def emit(self, _record: logging.LogRecord) -> None:
        self.count += 1


def decode(seed: int, cases: range, progress: Progress) -> None:
    """Have the files of some cases decoded; report on standard output."""
    lines = _Lines()
    logging.getLogger().addHandler(lines)
    warnings.simplefilter("always")
    before = 0.0
    with tempfile.TemporaryFile() as said, PhotoDecoder() as decoder:
        os.dup2(said.fileno(), 2)
        for case in cases:
            progress.case.value = case
            data = mutated(seed, case)
            lines.count, start = 0, time.perf_counter()
            try:
                ended = outcome(data, decoder.decode)
            except Exception as error:
                _report(progress, seed, case, f"{type(error).__name__}: {error}")
                continue
            took = time.perf_counter() - start
            progress.counts[KINDS.index(ended)] += 1
            if took > progress.slowest[0]:
                progress.slowest[:] = took, case
            if ended in _FAILURES:
                _report(progress, seed, case, ended)
            if lines.count != (ended != "photo"):
                _report(progress, seed, case, f"{ended}, and {lines.count} lines in the log")
            if os.fstat(2).st_size:
                os.ftruncate(2, 0)
                _report(progress, seed, case, "wrote to standard error")
            if case % 100 == 0:
                before = before or memory()
                progress.grown.value = max(progress.grown.value, memory() - before)


def _report(progress: Progress, seed: int, case: int, what: str) -> None:
    progress.found.value += 1
    print(f"found: seed {seed}, case {case}: {what}", flush=True)


def fuzz(
    seed: int,
    first: int,
    cases: int,
    work: Callable[[int, range, Progress], None] = decode,
    patience: float = PATIENCE,
) -> Progress:
    """Do the work for some cases in processes of their own, one after the other."""
    progress, end = Progress(), first + cases
    while first < end:
        worker = _context.Process(target=work, args=(seed, range(first, end), progress))
        progress.case.value = -1
        worker.start()
        hanging = _wait(worker, progress, patience)
        if worker.exitcode == 0:
            break
        case = progress.case.value
        if case < 0:
            raise SystemExit("The decoding process doesn't start.")
        _report(progress, seed, case, "hangs" if hanging else f"crashes ({worker.exitcode})")
        first = case + 1
    return progress


def _wait(worker: Any, progress: Progress, patience: float) -> bool:
    """Wait until the process ends; end it and return true if a case takes too long."""
    case, since = -1, time.monotonic()
    while worker.is_alive():
        worker.join(1)
        if progress.case.value != case:
            case, since = progress.case.value, time.monotonic()
        elif time.monotonic() - since > (patience if case >= 0 else max(patience, _STARTS_WITHIN)):
            worker.kill()
            worker.join()
            return True
    return False


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the options, fuzz, print what became of the files."""
    parser = argparse.ArgumentParser(description="Decode damaged photo files.")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, metavar="CASE")
    parser.add_argument("--save", type=Path, metavar="PATH", help="write the first case's file")
    options = parser.parse_args(arguments)
    if options.save:
        options.save.write_bytes(mutated(options.seed, options.first))
    start = time.perf_counter()
    progress = fuzz(options.seed, options.first, options.cases)
    seconds = time.perf_counter() - start
    print(f"{options.cases} cases, {options.cases / seconds:.0f} a second")
    for kind, count in sorted(zip(KINDS, progress.counts, strict=True), key=lambda pair: -pair[1]):
        if count:
            print(f"{count:9d}  {kind}")
    slowest, case = progress.slowest
    print(f"slowest: {1000 * slowest:.0f} ms, case {case:.0f}")
    print(f"memory grew by {progress.grown.value:.0f} MiB at most")
    if progress.grown.value > MOST_MEMORY:
        _report(progress, options.seed, options.first, "or a later one took too much memory")
    print(f"{progress.found.value} findings")
    return 1 if progress.found.value else 0


if __name__ == "__main__":
    sys.exit(main())
