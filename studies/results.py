"""What a study's results depend on, and how they are written and published."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_cache_dir

import attntopo
from attntopo import Model
from attntopo.atomic_files import atomic_write
from studies import statistics
from studies.models import StudiedModel, published_name

PUBLISHED = Path(attntopo.__file__).parent / "analysis" / "data"
"""Where results lie in the package."""


def study_parser(study: str) -> argparse.ArgumentParser:
    """Return a parser of what all studies take: model, folder, and whether to publish.

    Parameters
    ----------
    study : str
        The package's name.

    Returns
    -------
    argparse.ArgumentParser
    """
    parser = argparse.ArgumentParser(prog=f"python -m studies.{study}")
    parser.add_argument(
        "--model", default="embedded", metavar="ID", help="as for load_model, or clip"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(user_cache_dir("attntopo")) / "studies" / study,
        metavar="DIR",
        help="where results are kept and written (default: %(default)s)",
    )
    parser.add_argument("--publish", action="store_true", help="into the package")
    return parser


def at_least(least: int) -> Any:
    """Return what reads a whole number from `least` on, for a parser."""

    def read(text: str) -> int:
        number = int(text) if text.isdigit() else -1
        if number < least:
            raise argparse.ArgumentTypeError(
                f"must be a whole number from {least} on, not {text!r}"
            )
        return number

    return read


def published_as(study: str, chosen: argparse.Namespace, parser: argparse.ArgumentParser) -> str:
    """Return what results are called in the package; empty where they aren't to be published."""
    name = published_name(study, chosen.model)
    if chosen.publish and not name:
        parser.error("--publish is for the embedded model and clip.")
    return name if chosen.publish else ""


def model_settings(studied: StudiedModel) -> dict[str, Any]:
    """Return what names a model, and what all intervals are made by."""
    source = {"weights": studied.source} if studied.source else {}
    return {
        "model": studied.label,
        "commit": studied.model.info.commit,
        **source,
        "seed_of_halves_and_bootstrap": statistics.SEED,
        "bootstrap_draws": statistics.DRAWS,
        "interval": statistics.LEVEL,
    }


def versions() -> dict[str, str]:
    """Return the versions of what numbers depend on."""
    import torch
    import transformers

    return {
        "attntopo": attntopo.__version__,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "numpy": np.__version__,
    }


def depends_on(model: Model) -> str:
    """Return what all results of a model depend on, as a text for `KeptResults`."""
    import torch
    import transformers

    info = model.info
    return (
        f"{info.id} {info.commit} {info.grid}; torch {torch.__version__}, transformers "
        f"{transformers.__version__}"
    )


def write_results(
    folder: Path, study: str, results: dict[str, Any], text: str, published: str
) -> None:
    """Write results as JSON and as a table in Markdown, and publish them where that is wanted.

    Parameters
    ----------
    folder : Path
    study : str
    results : dict
    text : str
        The tables.
    published : str
        What they are called in the package; empty where they aren't published.
    """
    write_json(folder / f"{study}.json", results)
    with atomic_write(folder / f"{study}.md") as file:
        file.write(text.encode())
    if published:
        write_json(PUBLISHED / f"{published}.json", results)


def write_json(path: Path, results: dict[str, Any]) -> None:
    """Write results, a row a line, so that versions of the file can be compared."""
    with atomic_write(path) as file:
        file.write((_lines(results) + "\n").encode())


def _lines(value: Any, indent: int = 0) -> str:
    """Write JSON with containers of plain values on one line."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    nested = any(isinstance(one, dict | list) for one in inner)
    text = json.dumps(value)
    if not nested or (isinstance(value, dict) and indent > 1 and len(text) < 400):
        return text
    pad, end = " " * (indent + 1), " " * indent
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {_lines(one, indent + 1)}" for key, one in value.items()]
        return "{\n" + ",\n".join(pad + part for part in parts) + f"\n{end}}}"
    return "[\n" + ",\n".join(pad + _lines(one, indent + 1) for one in value) + f"\n{end}]"
