"""A Dockerfile's instructions, and what a build of this project copies: as much as ours uses."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    Attributes
    ----------
    name : str
        `RUN`, `COPY`, …
    value : str
        The rest of it, its lines joined.
    """

    name: str
    value: str

    @property
    def command(self) -> list[str]:
        """What it starts: as it is in its exec form, else by a shell."""
        if self.value.startswith("["):
            return [str(word) for word in json.loads(self.value)]
        return ["sh", "-c", self.value]

    @property
    def pairs(self) -> dict[str, str]:
        """The names and values of `ENV`, `ARG` and `LABEL`."""
        words = (word.partition("=") for word in shlex.split(self.value))
        return {name: value for name, _, value in words}


def read(path: Path) -> list[Instruction]:
    """Read a Dockerfile's instructions, in order.

    Raises
    ------
    ValueError
        If it does something that isn't read here: several stages, say.
    """
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    steps = [
        Instruction(name.upper(), value.strip())
        for name, _, value in (line.partition(" ") for line in joined.splitlines() if line.strip())
    ]
    known = {"FROM", "ARG", "LABEL", "RUN", "WORKDIR", "COPY", "ENV", "USER", "EXPOSE"}
    odd = [one.name for one in steps if one.name not in known | {"HEALTHCHECK", "CMD"}]
    if odd or [one.name for one in steps].count("FROM") != 1:
        raise ValueError(f"this Dockerfile does what isn't read here: {odd or 'several stages'}")
    return steps


def health_check(instructions: list[Instruction]) -> list[str]:
    """Return the command of the health check."""
    (value,) = [one.value for one in instructions if one.name == "HEALTHCHECK"]
    return Instruction("CMD", value.partition("CMD ")[2]).command


def copied_files(instructions: list[Instruction], root: Path) -> Iterator[tuple[Path, Path]]:
    """Give each file that `COPY` copies, and its path below the image's working directory."""
    for step in (one for one in instructions if one.name == "COPY"):
        *sources, target = step.value.split()
        for source in (root / name for name in sources):
            inside = [path for path in source.rglob("*") if path.suffix != ".pyc"]
            for path in sorted(inside) if source.is_dir() else [source]:
                if path.is_file():
                    below = path.relative_to(source) if source.is_dir() else path.name
                    yield path, Path(target) / below
