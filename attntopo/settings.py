"""Limits and places of the app, from the environment, validated once."""

import math
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from platformdirs import user_cache_path, user_data_path
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

Positive = Annotated[float, Field(gt=0, lt=1e7)]
Folder = Annotated[Path, BeforeValidator(lambda value: Path(value).expanduser())]
Names = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda value: value.split(",") if isinstance(value, str) else value),
    AfterValidator(lambda names: tuple(filter(None, map(str.strip, names)))),
]


class SettingsError(ValueError):
    """An environment variable has a value that can't be used; the message says which and why."""


class Settings(BaseModel, frozen=True, validate_by_name=True):
    """Everything whoever runs the app can configure.

    Attributes
    ----------
    cache_folder : Path
        Where the converted embedded model lies, and what was computed of the sample photos
        (`ATTNTOPO_CACHE`).
    downloads : bool
        Whether the model hub may be asked at all (`ATTNTOPO_DOWNLOADS`).
    extra_models : tuple of str
        Hub ids or local folders offered beside the catalogue (`ATTNTOPO_MODELS`, separated by
        commas).
    upload_megabytes : float
        Largest photo file accepted (`ATTNTOPO_UPLOAD_MB`).
    upload_megapixels : float
        Largest photo accepted, counted in its header (`ATTNTOPO_UPLOAD_MEGAPIXELS`).
    attention_megabytes : float
        Largest file of attention accepted, as it is and unpacked (`ATTNTOPO_ATTENTION_MB`).
    memory_megabytes : float
        One budget for all that is kept in memory: models, results, visitors' uploads
        (`ATTNTOPO_MEMORY_MB`).
    workers : int
        How many pieces of heavy work are done at the same time (`ATTNTOPO_WORKERS`).
    sharing : bool
        Whether visitors can publish photos (`ATTNTOPO_SHARING`).
    photos : str
        Where published photos lie: a folder, or object storage as `s3://bucket/folder`
        (`ATTNTOPO_PHOTOS`).
    photos_days : float
        How long a photo stays published (`ATTNTOPO_PHOTOS_DAYS`).
    photos_megabytes : float
        Room for all published photos (`ATTNTOPO_PHOTOS_MB`).
    sample_pairs : bool
        Whether the embedded model's heads are compared over all pairs of the sample photos in the
        background, before anybody asks (`ATTNTOPO_SAMPLE_PAIRS`).
    ready : bool
        Whether the first page's attention is kept in the cache folder, 38 MB, so that it is there
        at the next start before the model is (`ATTNTOPO_READY`).
    status_seconds : float
        How often the server writes a line about itself to its log; 0 for never
        (`ATTNTOPO_STATUS_SECONDS`).
    """

    cache_folder: Folder = Field(user_cache_path("attntopo"), alias="ATTNTOPO_CACHE")
    downloads: bool = Field(True, alias="ATTNTOPO_DOWNLOADS")
    extra_models: Names = Field((), alias="ATTNTOPO_MODELS")
    upload_megabytes: Positive = Field(10.0, alias="ATTNTOPO_UPLOAD_MB")
    upload_megapixels: Positive = Field(40.0, alias="ATTNTOPO_UPLOAD_MEGAPIXELS")
    attention_megabytes: Positive = Field(64.0, alias="ATTNTOPO_ATTENTION_MB")
    memory_megabytes: Positive = Field(2048.0, alias="ATTNTOPO_MEMORY_MB")
    workers: int = Field(os.cpu_count() or 1, gt=0, lt=1e7, alias="ATTNTOPO_WORKERS")
    sharing: bool = Field(True, alias="ATTNTOPO_SHARING")
    photos: str = Field(str(user_data_path("attntopo") / "photos"), alias="ATTNTOPO_PHOTOS")
    photos_days: Positive = Field(30.0, alias="ATTNTOPO_PHOTOS_DAYS")
    photos_megabytes: Positive = Field(1000.0, alias="ATTNTOPO_PHOTOS_MB")
    sample_pairs: bool = Field(True, alias="ATTNTOPO_SAMPLE_PAIRS")
    ready: bool = Field(True, alias="ATTNTOPO_READY")
    status_seconds: float = Field(60.0, ge=0, lt=1e7, alias="ATTNTOPO_STATUS_SECONDS")

    @property
    def model_options(self) -> dict[str, Any]:
        """What `load_model` and `describe_model` are told."""
        return {
            "folder": self.cache_folder,
            "downloads": self.downloads,
            "extra_models": self.extra_models,
            "max_megabytes": self.memory_megabytes,
        }

    @property
    def file_megabytes(self) -> float:
        """Largest file of any kind that is accepted."""
        return max(self.upload_megabytes, self.attention_megabytes)

    @property
    def waiting_bytes(self) -> int:
        """Most that a session's files may take while they wait to be read.

        Two of the largest files, or an eighth of the budget of memory, whichever is more.
        """
        two_files = 2 * math.ceil(self.file_megabytes) * 1024**2
        return max(two_files, int(self.memory_megabytes / 8 * 1e6))


def variables() -> tuple[str, ...]:
    """Return the names of all environment variables that are read."""
    return tuple(field.alias or "" for field in Settings.model_fields.values())


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Build the settings from environment variables.

    Parameters
    ----------
    environment : mapping of str to str
        Usually `os.environ`.

    Raises
    ------
    SettingsError
        If a variable is there but can't be used.
    """
    values = {name: value for name in variables() if (value := environment.get(name, "").strip())}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        why = (
            first["msg"]
            .split(",")[0]
            .replace("Input", "it")
            .replace("a valid boolean", "on or off")
        )
        raise SettingsError(f"{first['loc'][0]} is {first['input']!r}; {why}.") from error


@lru_cache(maxsize=1)
def app_settings() -> Settings:
    """Return the settings of this process, read from the environment once."""
    return read_settings(os.environ)
