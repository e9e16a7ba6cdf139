"""Results -> files that are written whole, and standard output."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from attntopo.atomic_files import atomic_write
from attntopo.cli.sources import Source
from attntopo.diagrams import About
from attntopo.exports import rows_csv


def check_free(sources: Sequence[Source], paths: Iterable[Path], overwrite: bool) -> None:
    """Refuse what would be overwritten, before anything is computed.

    Raises
    ------
    click.ClickException
        If one of the files is there and isn't to be replaced, is a folder, or is one of the photos
        themselves: that isn't replaced in any case.
    """
    files = [Path(one.text) for one in sources if not one.example and Path(one.text).exists()]
    for path in paths:
        if path.is_dir():
            raise click.ClickException(f"{path} is a folder, and a file is to be written there.")
        if path.exists() and any(path.samefile(file) for file in files):
            raise click.ClickException(
                f"{path} is one of the photos, and isn't written over: --out names another place."
            )
        if path.exists() and not overwrite:
            raise click.ClickException(
                f"{path} is there already: --overwrite replaces it, --out names another place."
            )


def write_file(path: Path, data: bytes | str) -> None:
    """Write a file as a whole, or not at all.

    Raises
    ------
    click.ClickException
        If it can't be written.
    """
    try:
        with atomic_write(path) as file:
            file.write(data.encode() if isinstance(data, str) else data)
    except OSError as error:
        raise click.ClickException(
            f"{path} can't be written: {error.strerror or 'a file error'}."
        ) from error


def put(rows: Sequence[Mapping[str, Any]], about: Mapping[str, str], out: Path | None) -> None:
    """Write rows as CSV, to a file or to standard output."""
    text = rows_csv(about, rows)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_file(out, text)


def put_json(value: Any, out: Path | None = None) -> None:
    """Write a JSON object, to a file or to standard output."""
    text = json_text(value)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_file(out, text)


def json_text(value: Any) -> str:
    """Write a value as JSON that any reader takes, on one line.

    Parameters
    ----------
    value : object
        Of dicts, lists, arrays, texts and numbers.

    Returns
    -------
    str
        NaN is `null`, an infinite number the text `inf`; a number that is known within a bound
        stands with it: `{"about": 0.03, "relative_bound": 0.01}`.
    """
    return json.dumps(_plain(value), allow_nan=False, ensure_ascii=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, About):
        return {"about": float(value), "relative_bound": value.relative_bound}
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines whose columns stand below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    return "\n".join(lines)
