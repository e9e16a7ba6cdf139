"""The nulls of attention: seconds that 20 draws take, each sent through the whole pipeline.

    .venv/bin/python -m benchmarks.evidence [--tokens 257 577] [--draws 20]

Prints seconds and processor seconds of each null on real attention, beside what was estimated, how
far off the strictest null's spectrum is, and what the comparisons token by token take.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

import attntopo as at
from attntopo.analysis import NULLS, fit_attention, nulls_effort
from attntopo.analysis.nulls import same_spectrum
from benchmarks.parts import machine
from tests.harness.resolution import attention_at

CELLS: tuple[tuple[int, int | str], ...] = ((10, 0), (8, "mean"), (9, 3))
DISTANCE, TOKENS = "jensen-shannon", "patches"


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds, and the processor seconds, that some work takes."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def spectrum_error(attention: at.Attention, cell: tuple[int, int | str]) -> float:
    """Return how far off the spectrum of a draw's residual is: relative, of its amplitudes."""
    fit = fit_attention(attention.head(*cell), attention.grid, attention.n_prefix)
    residual = fit.residual.reshape(*attention.grid, *attention.grid)
    drawn = same_spectrum(residual, np.random.default_rng(0))
    spectra = [np.abs(np.fft.fftn(one)) for one in (residual, drawn)]
    return float(np.linalg.norm(spectra[1] - spectra[0]) / np.linalg.norm(spectra[0]))


def print_cell(attention: at.Attention, cell: tuple[int, int | str], n_draws: int) -> None:
    """Measure every null, and the comparisons, of one head."""
    n = attention.n_tokens
    for null in NULLS:

        def draw(null: str = null, count: int = n_draws) -> None:
            for _ in at.null_draws(attention, *cell, DISTANCE, TOKENS, null, count):
                pass

        draw(count=1)  # what is imported and compiled is no part of it
        wall, processor = timed(draw)
        estimate = nulls_effort(n, DISTANCE, n_draws).seconds
        print(f"{n:>6} {cell!s:<12} {null:<10}{wall:>10.2f}{processor:>11.2f}{estimate:>11.2f}")
    points = np.arange(attention.n_prefix, n)
    one = at.row_distances(attention.head(*cell), DISTANCE, points)
    other = at.row_distances(attention.head(0, 0), DISTANCE, points)
    for name, measure in (
        ("RTD-lite", at.rtd_lite),
        ("merge heights", at.merge_height_correlation),
        ("merge shifts", at.merge_shifts),
    ):
        wall, processor = timed(lambda measure=measure: measure(one, other))
        print(f"{n:>6} {cell!s:<12} {name:<14}{wall:>6.3f}{processor:>11.3f}")
    print(f"{n:>6} {cell!s:<12} spectrum off by {100 * spectrum_error(attention, cell):.2f} %")


def main() -> None:
    """Measure at each number of tokens, and print a table."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.evidence")
    options.add_argument("--tokens", type=int, nargs="+", default=[257, 577])
    options.add_argument("--draws", type=int, default=20)
    chosen = options.parse_args()
    print(f"{machine()}; {chosen.draws} draws, {DISTANCE}, {TOKENS}")
    print(f"{'':30}{'seconds':>10}{'processor':>11}{'estimated':>11}")
    model = at.load_model()
    for n_tokens in chosen.tokens:
        attention = attention_at(model, at.sample("coffee"), n_tokens)
        for cell in CELLS:
            print_cell(attention, cell, chosen.draws)


if __name__ == "__main__":
    main()
