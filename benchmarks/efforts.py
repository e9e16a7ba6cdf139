"""What the steps take, beside what was estimated before they were begun.

    .venv/bin/python -m benchmarks.efforts [--tokens 257 577 1025]

Prints processor seconds and megabytes, measured and estimated, of real attention and of attention
without structure, and of knocking out patches. `attntopo.analysis.effort`,
`attntopo.topology.effort` and `attntopo.figures.effort` are calibrated by it: after a change of a
step, its pace is that of the slowest row here.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

import attntopo as at
from attntopo.analysis import (
    analysis_effort,
    compare_perturbed,
    comparison_effort,
    features_effort,
    knock_out,
    knock_out_effort,
    matching_efforts,
    perturbed_effort,
)
from attntopo.diagrams import find_matching
from attntopo.effort import Effort
from attntopo.topology import cycles_effort, layout_effort, spring_effort
from benchmarks.hostile_files import hostile_rows
from benchmarks.parts import forget_peak, machine, peak
from tests.harness.resolution import SIDES, attention_at

Step = tuple[str, Effort, Callable[[], Any]]


def steps_of(maps: np.ndarray, distance: str) -> Iterator[Step]:
    """Yield every step of two heads: what it is, its estimate, and the work."""
    n = maps.shape[-1]
    attention = at.Attention.from_arrays(maps[None], (1, n - 1), 1)
    yield "analysis", analysis_effort(n, distance), lambda: at.analyse(attention, 0, 0, distance)
    a, b = (at.analyse(attention, 0, head, distance) for head in (0, 1))
    yield "layout", layout_effort(n), lambda: at.distance_layout(a.distances)
    scale = float(np.quantile(a.distances.values, 0.05))
    skeleton = at.skeleton_at(a.distances, a.tree, scale)
    effort = spring_effort(n, len(skeleton.edges))
    yield "spring layout", effort, lambda: at.spring_layout(skeleton)
    bars = range(len(a.diagrams[1]))
    finder = at.CycleFinder(a.distances, a.diagrams, None, a.links)
    yield "24 cycles", cycles_effort(n, 24), lambda: finder.cycles(bars[:24])
    yield "all cycles", cycles_effort(n, len(bars)), lambda: finder.cycles(bars)
    yield "comparison", comparison_effort(a, b), lambda: at.compare(a, b)
    for name, effort in matching_efforts(a, b).items():
        yield name, effort, partial(find_matching, name, a.diagrams, b.diagrams)
    same = np.stack([np.arange(n)] * 2, axis=1)
    compared = perturbed_effort(n, distance)
    yield "perturbed", compared, lambda: compare_perturbed(a, b, same)
    threshold = at.DISTANCES[distance].default_scale
    yield (
        "features",
        features_effort(n),
        lambda: at.head_features(attention, 0, 0, a.diagrams, threshold),
    )


def knock_out_steps(model: at.Model, n_tokens: int) -> Iterator[Step]:
    """Yield knocking out nine patches after the first layer, in the middle, and near the end."""
    n_layers, input = model.info.n_layers, at.ModelInput(SIDES[n_tokens])
    photo = at.sample("coffee")
    info = model.info.with_input(input, photo.pixels.shape[:2])
    patches = np.zeros(info.grid, dtype=bool)
    patches[3:6, 3:6] = True
    for layer in (0, n_layers // 2, n_layers - 2):

        def work(layer: int = layer) -> None:
            for _ in knock_out(model, photo, layer, patches, input):
                pass

        yield f"after layer {layer}", knock_out_effort(info, layer), work


def main() -> None:
    """Measure every step, and print a table."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.efforts")
    options.add_argument("--tokens", type=int, nargs="+", default=[257, 577, 1025])
    chosen = options.parse_args()
    print(f"{machine()}\n{'':58}{'seconds':>10}{'estimated':>10}{'MB':>8}{'at most':>8}")
    model = at.load_model()
    for n_tokens in chosen.tokens:
        if SIDES[n_tokens] in model.info.input_sides:
            for step in knock_out_steps(model, n_tokens):
                _print_step(n_tokens, "real", "knock-out", step)
        real = attention_at(model, at.sample("coffee"), n_tokens).maps[9, 3:5]
        for kind, maps in (("real", real), *_structureless(n_tokens)):
            for distance in at.DISTANCES:
                for step in steps_of(maps, distance):
                    _print_step(n_tokens, kind, distance, step)


def _print_step(n_tokens: int, kind: str, distance: str, step: Step) -> None:
    name, effort, work = step
    if effort.refused:
        return
    seconds, megabytes = _measured(work)
    if max(seconds, effort.seconds) > 0.02:
        print(
            f"{n_tokens:>6} {kind:<10} {distance:<17} {name:<20}"
            f"{seconds:>12.3f}{effort.seconds:>10.3f}"
            f"{megabytes:>8.1f}{effort.megabytes:>8.1f}"
            f"{'  MORE' if seconds > 1.5 * effort.seconds else ''}",
            flush=True,
        )


def _structureless(n_tokens: int) -> Iterator[tuple[str, np.ndarray]]:
    for kind in ("random", "of two values"):
        yield kind.split()[-1], hostile_rows(kind, n_tokens, 0)


def _measured(work: Callable[[], Any]) -> tuple[float, float]:
    before, start = forget_peak(), time.process_time()
    work()
    return time.process_time() - start, peak() - before


if __name__ == "__main__":
    main()
