"""What a run is asked to do: its options, and what makes two runs the same."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from attntopo.distances import DistanceError, find_distance
from attntopo.models import (
    EMBEDDED,
    ModelError,
    ModelInfo,
    ModelInput,
    describe_model,
    is_untrained,
    library_versions,
    trained_id,
)
from attntopo.runs.run_error import RunError


@dataclass(frozen=True)
class RunOptions:
    """What is computed of every photo.

    Attributes
    ----------
    model : str
        As for `load_model`: a key of the catalogue, a folder, or an id on the hub.
    distance : str
        A key of `DISTANCES`.
    tokens : {"all", "patches"}
        Whether the prefix tokens are points too.
    input : ModelInput
        What is made of a photo for the model.
    layers : tuple of int, optional
        Counted from 0. By default all; for `components` two thirds of the depth.
    heads : tuple of int or str, optional
        Counted from 0. By default all; for `components` the mean of the layer's heads, and there
        "mean" and "rollout" can be named.
    """

    model: str = EMBEDDED
    distance: str = "jensen-shannon"
    tokens: str = "all"
    input: ModelInput = field(default_factory=ModelInput)
    layers: tuple[int, ...] | None = None
    heads: tuple[int | str, ...] | None = None

    def checked(self) -> "RunOptions":
        """Return the same with the distance's own key.

        Raises
        ------
        RunError
            If there is no such distance, or the tokens are another word.
        """
        try:
            key = find_distance(self.distance).key
        except DistanceError as error:
            raise RunError(str(error)) from error
        if self.tokens not in ("all", "patches"):
            raise RunError(f"Points are all tokens or patches, not {self.tokens!r}.")
        return RunOptions(**(vars(self) | {"distance": key}))

    def about(self) -> dict[str, Any]:
        """Say all of them in plain values, under the names that they have in links."""
        values = asdict(self)
        chosen = values.pop("input")
        lists = {name: list(own) if (own := values[name]) else None for name in ("layers", "heads")}
        return values | lists | {"input": chosen["side"], "shape": chosen["shape"]}


@dataclass(frozen=True)
class Job:
    """A run, as its workers are told of it.

    Attributes
    ----------
    kind : str
        A key of `ROW_KINDS`.
    options : RunOptions
    weights : str
        Which weights: the model's commit; of a folder, the hash of its files.
    out : str
        Address of the folder that the tables are in.
    max_megabytes, max_megapixels : float
        Limits of a photo, as for `decode_photo`.
    threads : int
        In which a worker goes through the heads.
    """

    kind: str
    options: RunOptions
    weights: str
    out: str
    max_megabytes: float = 10.0
    max_megapixels: float = 40.0
    threads: int = 1

    def about(self) -> dict[str, Any]:
        """Say what makes rows those of this run and of no other."""
        from attntopo import __version__

        return {
            "kind": self.kind,
            "attntopo": __version__,
            "commit": self.weights,
            **self.options.about(),
        }

    @property
    def identity(self) -> str:
        """Hash of all that the numbers depend on, but for the photos."""
        return hashlib.sha256(json.dumps(self.about(), sort_keys=True).encode()).hexdigest()

    @property
    def rows(self) -> str:
        """Address of the folder with the rows' files."""
        return f"{self.out}/{self.kind}"


def prepared_job(kind: str, options: RunOptions, out: str, **limits: Any) -> tuple[Job, ModelInfo]:
    """Find out which model a run is of, before any weights are loaded.

    Parameters
    ----------
    kind : str
        A key of `ROW_KINDS`.
    options : RunOptions
    out : str
        Address of a folder.
    **limits
        The other fields of `Job`.

    Returns
    -------
    Job
    ModelInfo

    Raises
    ------
    RunError
        If the model isn't to be had, or can't have this input, or an option is another word.
    """
    options = options.checked()
    try:
        info = describe_model(options.model)
    except ModelError as error:
        raise RunError(str(error)) from error
    if not info.takes(options.input):
        sides = ", ".join(map(str, info.input_sides)) or "its own alone"
        raise RunError(f"{info.id} doesn't take this input: sides that it takes are {sides}.")
    return Job(kind, options, weights_of(info), out.rstrip("/"), **limits), info


def weights_of(info: ModelInfo) -> str:
    """Return which weights a model has: its commit, or else the hash of its folder's files."""
    named = info.commit
    folder = Path(trained_id(info.id))
    if not named and folder.is_dir():
        named = _sha256(folder, weights=not is_untrained(info.id))
    if is_untrained(info.id):
        # What is drawn depends on both libraries.
        named += "".join(f" {name} {own}" for name, own in library_versions().items())
    return named


def _sha256(folder: Path, weights: bool) -> str:
    digest = hashlib.sha256()
    endings = (".json", ".safetensors") if weights else (".json",)
    for path in sorted(folder.iterdir()):
        if path.suffix in endings and path.is_file():
            with path.open("rb") as file:
                digest.update(f"\n{path.name} ".encode())
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
