"""Run a document's blocks of code, and write into it what they print.

    python -m tools.run_document docs/hundred-photos.md

Blocks of `sh` and `python` run one after the other in an empty folder, those of Python in one
session. A block of `text` that follows one is what it printed; pictures that the document shows
are taken over from the folder. A block that begins with `pip install` isn't run. A comment at the
end holds the hash of the code that was run, so that a test sees when it was changed since.
"""

import contextlib
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMMAND = (
    f"attntopo() {{ '{sys.executable}' -c 'from attntopo.cli import main; main()' \"$@\"; }}\n"
)
"""The command, of the files that are here, whether it is installed or not."""
_BLOCK = re.compile(r"^```(sh|python|text)\n(.*?)^```\n", flags=re.MULTILINE | re.DOTALL)
_PICTURE = re.compile(r"!\[[^\]]*\]\(([\w.-]+)\)")
_STAMP = re.compile(r"^<!-- The code was run as it stands: (\w+) -->\n", flags=re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of code: its language, its text, and where what it printed stands, if anywhere."""

    language: str
    code: str
    printed: tuple[int, int] | None


def blocks(document: str) -> list[Block]:
    """List a document's blocks of code, in order."""
    every = list(_BLOCK.finditer(document))
    following: list[re.Match[str] | None] = [*every[1:], None]
    return [
        Block(one[1], one[2], after.span(2) if after is not None and after[1] == "text" else None)
        for one, after in zip(every, following, strict=True)
        if one[1] != "text"
    ]


def printed(document: str) -> list[str]:
    """List what the document says that its code printed."""
    return [document[slice(*one.printed)] for one in blocks(document) if one.printed]


def outputs(code: list[Block], folder: Path) -> Iterator[str]:
    """Run blocks in a folder, and yield what each prints.

    Raises
    ------
    subprocess.CalledProcessError
        If a command fails.
    """
    session: dict[str, object] = {}
    for one in code:
        if one.code.startswith("pip install"):
            yield ""
        elif one.language == "python":
            with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()) as told:
                exec(compile(one.code, "<document>", "exec"), session)
            yield told.getvalue()
        else:
            command = ["bash", "-euo", "pipefail", "-c", _COMMAND + one.code]
            yield subprocess.run(
                command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True
            ).stdout


def stamp_of(document: str) -> str:
    """Hash a document's code: changed code has another."""
    code = "\0".join(one.code for one in blocks(document))
    return hashlib.sha256(code.encode()).hexdigest()[:16]


def stamp_in(document: str) -> str | None:
    """Read the hash of the code that was run; None where none was."""
    stamp = _STAMP.search(document)
    return stamp[1] if stamp else None


def pictures(document: str) -> list[str]:
    """List the pictures that a document shows from beside it."""
    return _PICTURE.findall(document)


def filled(document: str, told: list[str]) -> str:
    """Put what blocks printed, in order, into a document, and the hash of their code."""
    places = [(one.printed, text) for one, text in zip(blocks(document), told, strict=True)]
    for place, text in reversed(places):
        if place is not None:
            document = document[: place[0]] + text + document[place[1] :]
    body = _STAMP.sub("", document).rstrip("\n")
    return f"{body}\n\n<!-- The code was run as it stands: {stamp_of(document)} -->\n"


def main() -> None:
    """Run the documents that are named, and write them anew."""
    os.environ["MPLBACKEND"] = "Agg"
    for path in map(Path, sys.argv[1:]):
        document = path.read_text("utf-8")
        with tempfile.TemporaryDirectory() as folder:
            told = list(outputs(blocks(document), Path(folder)))
            for name in pictures(document):
                shutil.copy(Path(folder) / name, path.with_name(name))
        path.write_text(filled(document, told), "utf-8")


if __name__ == "__main__":
    main()
