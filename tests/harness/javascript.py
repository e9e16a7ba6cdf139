"""Runs the linked view's modules as they are, without a browser."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from deno import find_deno_bin

MODULES = Path(__file__).parents[2] / "attntopo" / "ui" / "linked"


def deno(*arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    """Run deno, which keeps its own files in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="attntopo-deno-") as folder:
        return subprocess.run(
            [find_deno_bin(), *arguments],
            input=said,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "DENO_DIR": folder, "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"},
        )


def run_modules(imports: dict[str, str], expression: str, given: Any) -> Any:
    """Return what a JavaScript expression says of `given`.

    Parameters
    ----------
    imports : dict of str
        By module, the names that are imported from it: `{"data.js": "decode, stepOfPair"}`.
    expression : str
    given : Any
        What JSON can hold; of bytes the expression makes an array by `bytesOf`.
    """
    lines = [
        f"import {{ {names} }} from {json.dumps((MODULES / module).as_uri())};"
        for module, names in imports.items()
    ]
    lines += [
        "const bytesOf = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));",
        "const given = JSON.parse(await new Response(Deno.stdin.readable).text());",
        f"console.log(JSON.stringify({expression}));",
    ]
    done = deno("eval", "\n".join(lines), said=json.dumps(given, default=_in_base64))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
