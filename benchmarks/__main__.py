"""The notebook's way, ours, and other libraries side by side, in one run.

    .venv/bin/python -m benchmarks [--json PATH] [--tokens 197 257 577] [--peers-alone]

Prints medians, ratios and peak memory; the whole takes some minutes and, for the notebook's way at
577 tokens, a few GB.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from benchmarks import parts, peers
from benchmarks.alone import alone
from benchmarks.parts import Measured

LABELS = {
    "scale_move": "scale move, all numbers included",
    "head_move": "layer or head move, the linked view's data included",
    "new_photo": "new photo, model and the linked view's data included",
    "atlas": "all 72 heads of both photos (the notebook: one head)",
}


def main() -> None:
    """Measure, print, and write JSON where it is asked for."""
    options = argparse.ArgumentParser(prog="python -m benchmarks")
    options.add_argument("--json", metavar="PATH", help="where to write the numbers")
    options.add_argument("--tokens", type=int, nargs="+", default=[197, 257, 577])
    options.add_argument("--peers-alone", action="store_true", help="only the other libraries")
    chosen = options.parse_args()
    print(f"{parts.machine()}; head ({parts.LAYER}, {parts.HEAD}) of the embedded model\n")
    found: dict[str, list[dict[str, float]]] = {part: [] for part in LABELS}
    for n_tokens in () if chosen.peers_alone else chosen.tokens:
        measured = alone(parts.of_tokens, n_tokens)
        measured["atlas"] = alone(parts.of_atlas, n_tokens)
        _print_tokens(n_tokens, measured)
        for part, row in _rows(n_tokens, measured).items():
            found[part].append(row)
    if not chosen.peers_alone:
        _print_scaling(*alone(parts.of_scaling))
    beside = alone(peers.of_peers, tuple(chosen.tokens))
    _print_peers(beside)
    if chosen.json:
        with open(chosen.json, "w") as file:
            written = {"machine": parts.machine(), **found, "peers": beside["rows"]}
            json.dump(written, file, indent=1)


def _rows(n_tokens: int, measured: dict[str, Measured]) -> dict[str, dict[str, float]]:
    rows = {}
    for part in LABELS:
        reference = measured["reference_photo" if part == "new_photo" else "reference"].seconds
        ours = measured[part].seconds
        rows[part] = {
            "tokens": n_tokens,
            "reference_s": reference,
            "ours_s": ours,
            "ratio": reference / ours,
            "peak_mb": measured[part].megabytes,
        }
    return rows


def _print_tokens(n_tokens: int, measured: dict[str, Measured]) -> None:
    print(f"{n_tokens} tokens{'':44}{'notebook':>12}{'ours':>12}{'ratio':>8}{'peak':>10}")
    for part, row in _rows(n_tokens, measured).items():
        print(
            f"  {LABELS[part]:<52}{_time(row['reference_s']):>12}{_time(row['ours_s']):>12}"
            f"{row['ratio']:>7.1f}x{row['peak_mb']:>7.0f} MB"
        )
    floor, distances = measured["floor"].seconds, measured["distances"].seconds
    print(
        f"  the notebook's peak is {measured['reference'].megabytes:.0f} MB; one head's distances "
        f"take {_time(distances)}, {distances / floor:.2f} times the {_time(floor)} of as many "
        f"logarithms;\n  the linked view's data take {_time(measured['linked_view'].seconds)} "
        f"and are {measured['sent'].megabytes:.2f} MB\n"
    )


def _print_scaling(over_tokens: dict[int, Measured], over_heads: dict[int, Measured]) -> None:
    print("one head of both photos, without figures         many heads of both, 257 tokens")
    for (tokens, one), (heads, many) in zip(over_tokens.items(), over_heads.items(), strict=True):
        print(
            f"  {tokens:>5} tokens {_time(one.seconds):>10} {one.megabytes:>6.0f} MB"
            f"{'':20}{heads:>3} heads {_time(many.seconds):>10} {many.megabytes:>6.0f} MB"
        )


def _print_peers(beside: dict[str, Any]) -> None:
    print("\nof the same exactness, one thread each, medians; x: times ours")
    for name in beside["missing"]:
        print(f"  {name}: not installed")
    for row in beside["rows"]:
        cells = [
            f"{name} {_time(seconds)} ({seconds / row['ours_s']:.2g}x)"
            for name, seconds in sorted(row["peers"].items(), key=lambda item: item[1])
        ]
        cells += [f"{name} over {_time(limit)}" for name, limit in row["over_s"].items()]
        cells += [f"{name}: another answer" for name in row["differ"]]
        print(f"  {row['tokens']:>5} {row['step']}, {row['kind']}: ours {_time(row['ours_s'])}")
        print(f"{'':8}{', '.join(cells)}")


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1e3 * seconds:.1f} ms"


if __name__ == "__main__":
    main()
