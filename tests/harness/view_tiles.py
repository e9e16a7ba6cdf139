"""The numbers of the linked view, counted from what the browser gets, one by one."""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections import Counter
from fractions import Fraction
from typing import Any

STEPS = 100_000  # of the scale, in one


def tiles_of_head(
    head: dict[str, Any], scale: float | None, share: float | None = None
) -> dict[str, str]:
    """The numbers by label, at a scale or a share of merges in percent; of None the objects'."""
    steps = _steps(head, scale, share)
    counts = [_count(side, step) for side, step in zip(head["sides"], steps, strict=True)]
    distances = {
        f"H{k} bottleneck": f"{head['matchings'][f'h{k}-bottleneck']['distance']:.4f}"
        for k in (0, 1)
    }
    if paired := head["paired"]:
        names = {"rtd_lite": "RTD-lite", "merge_heights": "Merge correlation"}
        distances = {label: f"{paired[name]:.4f}" for name, label in names.items()}
    both = {
        f"{what.capitalize()} A | B": " | ".join(f"{one[what]:,}" for one in counts)
        for what in ("components", "loops")
    }
    return distances | both


def table_of_head(
    head: dict[str, Any], scale: float | None, share: float | None = None
) -> list[list[str]]:
    """All numbers, row by row, as the table of numbers has them."""
    matchings = head["matchings"]
    names = {f"H{k} bottleneck": f"h{k}-bottleneck" for k in (0, 1)}
    more = {f"H{k} {p}-Wasserstein": f"h{k}-wasserstein-{p}" for k in (0, 1) for p in (1, 2)}
    between = {label: matchings[name]["distance"] for label, name in names.items()}
    between["H0 bottleneck, as the notebook"] = head["notebook"]
    between |= {label: matchings[name]["distance"] for label, name in more.items()}
    a, b = (
        {"scale": step / STEPS, **_count(side, step), **_count_edges(side, step)}
        for side, step in zip(head["sides"], _steps(head, scale, share), strict=True)
    )
    if paired := head["paired"]:
        names = {"rtd_lite": "RTD-lite", "merge_heights": "merge-height correlation"}
        between = {label: paired[name] for name, label in names.items()} | between
    rows = [[label, "", "", f"{value:.4f}"] for label, value in between.items()]
    return rows + [[what, _text(a[what]), _text(b[what]), ""] for what in a]


def _text(value: float) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _steps(head: dict[str, Any], scale: float | None, share: float | None) -> list[int]:
    trees = [side["tree"]["steps"] for side in head["sides"]]
    if share is not None:
        return [_step_of_share(steps, share) for steps in trees]
    if scale is not None:
        return [round(scale * STEPS)] * 2
    return [_step_of_share([step for steps in trees for step in steps], 90)] * 2


def _count(side: dict[str, Any], step: int) -> dict[str, Any]:
    n, tree = side["n"], side["tree"]
    component = list(range(n))
    for merge, (i, j) in zip(tree["steps"], tree["edges"], strict=True):
        if merge <= step:
            old, new = component[j], component[i]
            component = [new if one == old else one for one in component]
    sizes = Counter(component)
    single = sum(size == 1 for size in sizes.values())
    return {
        "components": len(sizes),
        "components of two tokens or more": len(sizes) - single,
        "single tokens": single,
        "loops": sum(bar["born"] <= step < bar["dies"] for bar in side["bars"][1]),
    }


def _count_edges(side: dict[str, Any], step: int) -> dict[str, Any]:
    n, edges = side["n"], sum(length <= step for length in side["lengths"])
    return {"edges": edges, "share of edges": edges / (n * (n - 1) / 2)}


def unpacked(packed: bytes) -> dict[str, Any]:
    """The document that the browser gets as bytes, each side with the `lengths` of its pairs."""
    document, arrays = unpacked_document(packed)
    for side in document["sides"]:
        planes = [_array(arrays, one) for one in side["steps"]]
        side["lengths"] = [
            sum(byte << (8 * k) for k, byte in enumerate(own)) for own in zip(*planes, strict=True)
        ]
    return document


def unpacked_document(packed: bytes) -> tuple[dict[str, Any], bytes]:
    """What was packed for the browser, and the arrays that it refers to."""
    size, whole = struct.unpack_from("<II", packed, 16)
    data = zlib.decompress(packed[24:], wbits=-zlib.MAX_WBITS)
    assert len(data) == whole
    return json.loads(data[:size]), data[size:]


def _array(arrays: bytes, placed: dict[str, Any]) -> bytes:
    return arrays[placed["at"] : placed["at"] + placed["bytes"]]


def tiles_of_packed(packed: bytes, query: dict[str, str]) -> dict[str, str]:
    """The numbers by label, of what the component got and the address's parameters."""
    scale, share = query.get("scale", "objects"), query.get("share")
    return tiles_of_head(
        unpacked(packed),
        None if scale == "objects" else float(scale),
        None if share is None else float(share),
    )


def _step_of_share(steps: list[int], share: float) -> int:
    happened = math.ceil(Fraction(str(share)) * len(steps) / 100)
    return sorted(steps)[happened - 1] if happened else 0
