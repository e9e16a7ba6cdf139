"""The cycles of bars of dimension 1: the longest bars' at once, others when they are asked for."""

from attntopo.effort import Effort
from attntopo.figures.linked_answers import bars_at_once
from attntopo.topology import Cycle, cycles_effort
from attntopo.ui.results import steps
from attntopo.ui.results.panels import PhotoPanel
from attntopo.ui.runtime import Key, Slot, shared


def longest_bars(panel: PhotoPanel) -> list[int]:
    """List the bars of dimension 1 whose cycles are there at once, longest first."""
    return bars_at_once(panel.topology.diagrams, len(panel.topology.distances.tokens))


def find_cycle(panel: PhotoPanel, row: int) -> Cycle:
    """Find the cycle of a bar of dimension 1, as it is found wherever it is shown.

    There are others as good, and which one it is may depend on those found with it.
    """
    at_once = longest_bars(panel)
    return panel.cycles(at_once if row in at_once else [row])[row]


def kept_cycle(panel: PhotoPanel, row: int, slot: Slot) -> Cycle:
    """Return the cycle of a bar of dimension 1; found in a slot where it isn't kept."""
    every: dict[int, Cycle] | None = shared.kept_results().get(_key(panel, "all"))
    if every is not None:
        return every[row]
    return shared.compute_once(
        _key(panel, row), lambda: find_cycle(panel, row), slot, _effort(panel, 1)
    )


def all_cycles(panel: PhotoPanel, slot: Slot) -> dict[int, Cycle]:
    """Return the cycles of all bars of dimension 1, by row; found in a slot if need be."""
    rows = range(len(panel.topology.diagrams[1]))
    return shared.compute_once(
        _key(panel, "all"), lambda: panel.cycles(rows), slot, _effort(panel, len(rows))
    )


def effort_at_once(panel: PhotoPanel) -> Effort:
    """Estimate what the cycles take that are there at once."""
    return _effort(panel, len(longest_bars(panel)))


def _effort(panel: PhotoPanel, n_cycles: int) -> Effort:
    return cycles_effort(len(panel.topology.distances.tokens), n_cycles)


def _key(panel: PhotoPanel, which: int | str) -> Key:
    return ("cycles", *panel.photo.key, *steps.depends_on(panel.key, panel.photo), which)
