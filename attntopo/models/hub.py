"""The model hub: is it there, what does it hold, and a model's files on this machine."""

import io
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HUB_SECONDS = 3.0
"""How long the hub may take to show that it is there."""

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
"""What a model's id on the hub looks like: owner/name."""

_DESCRIPTION_FILES = ["config.json", "preprocessor_config.json"]
_WEIGHT_FILES = ["model*.safetensors", "model.safetensors.index.json"]

Report = Callable[[int, int], None]
"""Called with the bytes fetched and the bytes in all; it may raise `StoppedError`."""


class StoppedError(Exception):
    """What a report raises to stop the download."""


class HubError(RuntimeError):
    """The hub can't give what was asked for; the message is one sentence for the user."""


def local_snapshot(model_id: str, *, weights: bool = True) -> Path | None:
    """Return the folder of a hub model that is already on this machine.

    Parameters
    ----------
    model_id : str
        Id on the hub.
    weights : bool
        Whether the weights must be there too, or the two configuration files are enough.

    Returns
    -------
    Path or None
        None if something is missing.
    """
    from huggingface_hub import constants

    # Where nothing of it is, the rest of the library needn't be imported.
    if not Path(constants.HF_HUB_CACHE, f"models--{model_id.replace('/', '--')}").is_dir():
        return None
    from huggingface_hub import snapshot_download

    try:
        folder = snapshot_download(
            model_id, allow_patterns=_patterns(weights), local_files_only=True
        )
    except (OSError, ValueError):  # nothing here, or a part of it only
        return None
    path = Path(folder)
    described = all((path / name).is_file() for name in _DESCRIPTION_FILES)
    return path if described and (not weights or has_weights(path)) else None


def has_weights(folder: Path) -> bool:
    """Say whether a folder holds weights as safetensors, in one file or in all its shards."""
    index = folder / "model.safetensors.index.json"
    if (folder / "model.safetensors").is_file():
        return True
    try:
        shards = set(json.loads(index.read_text())["weight_map"].values())
    except (OSError, ValueError, KeyError, AttributeError):
        return False
    return bool(shards) and all((folder / shard).is_file() for shard in shards)


def weight_bytes(folder: Path) -> int:
    """Return the size of a folder's weights, in bytes."""
    return sum(path.stat().st_size for path in folder.glob("model*.safetensors"))


def reachable() -> bool:
    """Ask the hub whether it is there: one HEAD request, three seconds."""
    from huggingface_hub import constants, get_session

    def ask() -> bool:
        answer = get_session().head(constants.ENDPOINT, timeout=HUB_SECONDS)
        return bool(answer.status_code < 500)

    # In a thread of its own, because looking up a name knows no time limit.
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        return pool.submit(ask).result(timeout=HUB_SECONDS + 0.5)
    except Exception:  # refused, timed out, no such name, switched off: it isn't there
        return False
    finally:
        pool.shutdown(wait=False)


def fetch_description(model_id: str) -> tuple[Path, int]:
    """Fetch a model's configuration, not its weights.

    Parameters
    ----------
    model_id : str

    Returns
    -------
    Path
        A folder with `config.json` and `preprocessor_config.json`, named after the commit.
    int
        Size of the weights, in bytes; 0 where the hub doesn't tell.

    Raises
    ------
    HubError
        If the hub isn't there, has no such model, or has its weights in another form than
        safetensors.
    """
    if not reachable():
        raise HubError(f"{model_id} isn't on this machine, and the model hub can't be reached.")
    from huggingface_hub import HfApi

    with _explained(model_id):
        model = HfApi().model_info(model_id, timeout=HUB_SECONDS, files_metadata=True)
        sizes = {entry.rfilename: entry.size or 0 for entry in model.siblings or []}
    weights = [name for name in sizes if re.fullmatch(r"model[^/]*\.safetensors", name)]
    if not weights:
        raise HubError(
            f"{model_id} has no weights as safetensors, the only form that is loaded here."
        )
    missing = [name for name in _DESCRIPTION_FILES if name not in sizes]
    if missing:
        raise HubError(f"{model_id} has no {missing[0]}, so its patch grid can't be known.")
    folder = fetch(model_id, "main", weights=False)
    return folder, sum(sizes[name] for name in weights)


def fetch(
    model_id: str, commit: str, report: Report | None = None, *, weights: bool = True
) -> Path:
    """Fetch a model's configuration and weights at one commit.

    Parameters
    ----------
    model_id, commit : str
    report : callable, optional
        Told the progress, from several threads.
    weights : bool
        Whether the weights are fetched too.

    Returns
    -------
    Path
        The folder, named after the commit.

    Raises
    ------
    HubError
        If the download fails.
    """
    from huggingface_hub import snapshot_download

    with _explained(model_id):
        folder = snapshot_download(
            model_id,
            revision=commit,
            allow_patterns=_patterns(weights),
            tqdm_class=_progress_class(report),
        )
    return Path(folder)


def _patterns(weights: bool) -> list[str]:
    return _DESCRIPTION_FILES + (_WEIGHT_FILES if weights else [])


def _progress_class(report: Report | None) -> type:
    from tqdm import tqdm

    class Progress(tqdm):  # type: ignore[misc, unused-ignore]
        """A silent progress bar that passes on how far the download is."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "file": io.StringIO()})

        def update(self, n: float | None = 1) -> None:
            """Count bytes and pass them on."""
            self.n += n or 0
            if report is not None and self.unit == "B" and self.total:
                report(int(self.n), int(self.total))

    return Progress


@contextmanager
def _explained(model_id: str) -> Iterator[None]:
    """Turn whatever goes wrong while talking to the hub into one sentence."""
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        yield
    except StoppedError:
        raise
    except RepositoryNotFoundError as error:
        raise HubError(f"{model_id} isn't on the hub, or isn't open to all.") from error
    except Exception as error:  # the hub's client passes on its network library's errors
        raise HubError(
            f"{model_id} couldn't be fetched: the hub broke off or answered with an error."
        ) from error
