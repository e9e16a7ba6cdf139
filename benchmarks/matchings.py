"""Distances and matchings of diagrams over their numbers of bars, beside what was estimated.

    .venv/bin/python -m benchmarks.matchings [--bars 100 300 1000 5600]

Prints seconds and megabytes, measured and estimated, of random bars, of bars in clusters, and of
bars in a few places (ties). `attntopo.diagrams.effort` is calibrated by it: after a change of the
kernels, its paces are those of the slower of random and clustered bars here.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

import numpy as np

import attntopo as at
from attntopo.diagrams import bottleneck_effort, matching_effort, wasserstein_effort
from attntopo.effort import Effort
from attntopo.topology import Diagrams
from benchmarks.parts import machine, measure

Pair = tuple[Diagrams, Diagrams]


def pairs_of(n: int) -> Iterator[tuple[str, Pair]]:
    """Yield two diagrams of n bars, in dimension 0, of each kind."""
    generator = np.random.default_rng(0)

    def spread(count: int) -> np.ndarray:
        births = generator.random(count)
        return np.stack([births, births + 0.01 + generator.random(count)], axis=1)

    def clustered() -> np.ndarray:
        return centres[np.arange(n) % 8] + 1e-3 * generator.random((n, 2)) * [-1, 1]

    centres, places = spread(8), spread(8)
    yield "random", _pair(spread(n), spread(n))
    yield "clustered", _pair(clustered(), clustered())
    yield "tied", _pair(*(places[generator.integers(0, 8, n)] for _ in range(2)))


def _pair(first: np.ndarray, second: np.ndarray) -> Pair:
    return Diagrams((first,)), Diagrams((second,))


STEPS: dict[str, tuple[Callable[..., object], Callable[[int, int], Effort]]] = {
    "bottleneck distance": (at.bottleneck_distance, bottleneck_effort),
    "bottleneck matching": (at.bottleneck_matching, matching_effort),
    "1-Wasserstein": (
        lambda *args: at.wasserstein_distance(*args, order=1),
        lambda n, m: wasserstein_effort(n, m, 1),
    ),
    "2-Wasserstein": (
        lambda *args: at.wasserstein_distance(*args, order=2),
        lambda n, m: wasserstein_effort(n, m, 2),
    ),
}


def main() -> None:
    """Measure every step at every number of bars, and print a table."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.matchings")
    options.add_argument("--bars", type=int, nargs="+", default=[100, 300, 1000, 5600])
    chosen = options.parse_args()
    print(f"{machine()}\n{'':45}{'seconds':>10}{'estimated':>10}{'MB':>8}{'at most':>8}")
    for _kind, pair in pairs_of(9):  # what is compiled is no part of it
        for step, _estimate in STEPS.values():
            step(*pair, 0)
    for n in chosen.bars:
        for kind, pair in pairs_of(n):
            for name, (step, estimate) in STEPS.items():
                expected = estimate(n, n)
                if expected.refused:
                    continue
                found = measure(lambda step=step, pair=pair: step(*pair, 0), 1, warm=n < 1000)
                exact = "about" if expected.relative_bound else "exact"
                print(
                    f"{n:>6} {kind:<10} {name:<20} {exact:<6}{found.seconds:>10.4f}"
                    f"{expected.seconds:>10.4f}{found.megabytes:>8.1f}{expected.megabytes:>8.1f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
