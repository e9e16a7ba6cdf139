"""How long a photo takes to decode in the decoder's own process, beside this one.

    .venv/bin/python -m benchmarks.decoding [--megapixels 12 40] [--repeats 5] [--json PATH]

Both by turns on the same files, medians; the time on the clock, as a visitor waits for it. Making
the files takes longer than all else: some minutes for HEIC of 40 megapixels.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator

from PIL import Image

import attntopo as at
from attntopo.photos import Photo, PhotoDecoder
from benchmarks.parts import machine
from tests.harness.photo_corpus import encoded

_OPTIONS = {"AVIF": {"speed": 10}, "PNG": {"compress_level": 1}, "WEBP": {"method": 0}}


def photos(megapixels: list[float]) -> Iterator[tuple[str, bytes]]:
    """Yield a small PNG, and a file of each kind and size: the astronaut, four sides to three."""
    astronaut = at.sample("astronaut").image()
    yield "PNG 0.1 MP", encoded(astronaut.resize((365, 274)))
    for size in megapixels:
        width = round((size * 1e6 * 4 / 3) ** 0.5)
        image = astronaut.resize((width, width * 3 // 4), Image.Resampling.BICUBIC)
        for kind in ("JPEG", "PNG", "WEBP", "AVIF", "HEIF"):
            yield f"{kind} {size:g} MP", encoded(image, kind, **_OPTIONS.get(kind, {}))


def by_turns(
    data: bytes, ways: list[Callable[[bytes, str], Photo]], repeats: int
) -> tuple[float, ...]:
    """Return the median seconds of each way to decode a file."""
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(repeats):
        for way, taken in zip(ways, times, strict=True):
            start = time.perf_counter()
            way(data, "photo")
            taken.append(time.perf_counter() - start)
    return tuple(map(statistics.median, times))


def main() -> None:
    """Measure, print, and write JSON where it is asked for."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.decoding")
    options.add_argument("--megapixels", type=float, nargs="+", default=[12.0, 40.0])
    options.add_argument("--repeats", type=int, default=5)
    options.add_argument("--json", metavar="PATH", help="where to write the numbers")
    chosen = options.parse_args()
    limits = {"max_megapixels": max(chosen.megapixels) + 1, "max_megabytes": 1000.0}
    print(f"{machine()}\n\n{'':14} {'here':>8} {'process':>8} {'more':>8}")
    rows = []
    with PhotoDecoder(**limits) as decoder:
        ways = [lambda *photo: at.decode_photo(*photo, **limits), decoder.decode]
        for name, data in photos(chosen.megapixels):
            by_turns(data, ways, 1)
            here, there = by_turns(data, ways, chosen.repeats)
            print(f"{name:14} {here:8.3f} {there:8.3f} {there - here:+8.3f}", flush=True)
            rows.append({"photo": name, "megabytes": len(data) / 1e6, "here": here, "there": there})
    if chosen.json:
        with open(chosen.json, "w") as file:
            json.dump({"machine": machine(), "decoding": rows}, file, indent=1)


if __name__ == "__main__":
    main()
