"""The file beside the tables that says what they are of."""

import datetime
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from attntopo.models import ModelInfo
from attntopo.runs.addresses import read_bytes, write_bytes
from attntopo.runs.row_kinds import RowKind
from attntopo.runs.run_error import RunError
from attntopo.runs.run_options import Job
from attntopo.runs.tables import rows_schema

_LIBRARIES = ("numpy", "scipy", "numba", "torch", "transformers", "pillow", "pyarrow")
_FORMAT = 1


def metadata_address(job: Job) -> str:
    """Return where the metadata lies."""
    return f"{job.out}/{job.kind}.json"


def begin_run(job: Job, info: ModelInfo, kind: RowKind, source: str) -> None:
    """Write what a run is of, or make sure that the tables there are of the same.

    Parameters
    ----------
    job : Job
    info : ModelInfo
    kind : RowKind
    source : str
        As it was given; one more is added to the others.

    Raises
    ------
    RunError
        If the tables there are of another model, other options or another version.
    StorageGoneError
        If it can't be read or written.
    """
    before = _before(job)
    if before is not None:
        _check_same(job, before)
    said = before or {
        "format": _FORMAT,
        "about": job.about(),
        "identity": job.identity,
        "model": {
            "id": info.id,
            "commit": info.commit,
            "weights": info.weights,
            "layers": info.n_layers,
            "heads": info.n_heads,
            "grid": list(info.grid),
            "prefix": list(info.prefix),
        },
        "rows of a photo": len(kind.heads),
        "columns": {field.name: str(field.type) for field in rows_schema(kind)},
        "versions": {"python": platform.python_version(), **_versions()},
        "begun": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "sources": [],
    }
    if source not in said["sources"]:
        said["sources"].append(source)
        text = json.dumps(said, indent=2, ensure_ascii=False) + "\n"
        write_bytes(metadata_address(job), text.encode())


def _before(job: Job) -> dict[str, Any] | None:
    address = metadata_address(job)
    try:
        data = read_bytes(address)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RunError(f"{address} can't be read: {error.strerror}.") from error
    try:
        before = json.loads(data)
        if before["format"] == _FORMAT and isinstance(before["sources"], list):
            return dict(before)
    except (ValueError, KeyError, TypeError):
        pass
    raise RunError(f"{address} isn't the metadata of a run: please choose another address.")


def _check_same(job: Job, before: dict[str, Any]) -> None:
    if before["identity"] == job.identity:
        return
    now, then = job.about(), before["about"]
    others = [name for name in now if now[name] != then.get(name)]
    differing = "; ".join(
        f"{name}: {_words(then.get(name))} there, {_words(now[name])} now" for name in others
    )
    raise RunError(
        f"The rows at {job.rows} are of another run ({differing}), and a table has rows of one. "
        "Please choose another address."
    )


def _words(value: Any) -> str:
    """Write an option: a list as it is typed, and nothing chosen as what it stands for."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "by default" if value is None else str(value)


def _versions() -> dict[str, str]:
    versions = {}
    for name in _LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions
