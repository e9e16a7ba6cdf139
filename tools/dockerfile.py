"""A Dockerfile's instructions, and what a build of this project copies: as much as ours uses."""

from __future__ import annotations

import fnmatch
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
    found = [
        Instruction(name.upper(), value.strip())
        for name, _, value in (line.partition(" ") for line in joined.splitlines() if line.strip())
    ]
    known = {"FROM", "ARG", "LABEL", "RUN", "WORKDIR", "COPY", "ENV", "USER", "EXPOSE"}
    odd = [one.name for one in found if one.name not in known | {"HEALTHCHECK", "CMD"}]
    if odd or [one.name for one in found].count("FROM") != 1:
        raise ValueError(f"this Dockerfile does what isn't read here: {odd or 'several stages'}")
    return found


def health_check(instructions: list[Instruction]) -> list[str]:
    """Return the command of the health check."""
    (value,) = [one.value for one in instructions if one.name == "HEALTHCHECK"]
    return Instruction("CMD", value.partition("CMD ")[2]).command


def context_files(root: Path, source: str) -> Iterator[Path]:
    """Give the files that `COPY source` copies, without what .dockerignore leaves out."""
    patterns = (root / ".dockerignore").read_text("utf-8").splitlines()
    patterns = [line.strip() for line in patterns if line.strip() and not line.startswith("#")]
    start = root / source
    for path in [start] if start.is_file() else sorted(start.rglob("*")):
        if path.is_file() and not _ignored(path.relative_to(root), patterns):
            yield path


def _ignored(path: Path, patterns: list[str]) -> bool:
    """Say whether the last pattern that fits a path, or a folder of it, leaves it out."""
    ignored = False
    parts = [str(path), *(str(parent) for parent in path.parents if str(parent) != ".")]
    for pattern in patterns:
        wanted = pattern.removeprefix("!").removeprefix("**/")
        deep = pattern.removeprefix("!").startswith("**/")
        if any(fnmatch.fnmatchcase(Path(part).name if deep else part, wanted) for part in parts):
            ignored = not pattern.startswith("!")
    return ignored
