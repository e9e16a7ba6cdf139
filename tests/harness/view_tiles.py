"""The numbers of the linked view, counted from what the browser gets, one by one."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

STEPS = 100_000  # of the scale, in one


def tiles_of_head(
    head: dict[str, Any], scale: float | None, share: float | None = None
) -> dict[str, str]:
    """The numbers by label, at a scale or a share of merges in percent; of None the objects'."""
    sides = head["sides"]
    if share is not None:
        steps = [_step_of_share(side["tree"]["steps"], share) for side in sides]
    elif scale is not None:
        steps = [round(scale * STEPS)] * 2
    else:
        steps = [_step_of_share([k for side in sides for k in side["tree"]["steps"]], 90)] * 2
    components = [
        side["n"] - sum(merge <= step for merge in side["tree"]["steps"])
        for side, step in zip(sides, steps, strict=True)
    ]
    loops = [
        sum(bar["born"] <= step < bar["dies"] for bar in side["bars"][1])
        for side, step in zip(sides, steps, strict=True)
    ]
    return {
        **{
            f"H{k} bottleneck": f"{head['matchings'][f'h{k}-bottleneck']['distance']:.4f}"
            for k in (0, 1)
        },
        "Components A | B": " | ".join(f"{count:,}" for count in components),
        "Loops A | B": " | ".join(f"{count:,}" for count in loops),
    }


def tiles_of_json(text: str, query: dict[str, str]) -> dict[str, str]:
    """The numbers by label, of the component's message and the address's parameters."""
    scale, share = query.get("scale", "objects"), query.get("share")
    return tiles_of_head(
        json.loads(json.loads(text)["head"]),
        None if scale == "objects" else float(scale),
        None if share is None else float(share),
    )


def _step_of_share(steps: list[int], share: float) -> int:
    happened = math.ceil(Fraction(str(share)) * len(steps) / 100)
    return sorted(steps)[happened - 1] if happened else 0
