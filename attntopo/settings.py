"""Limits and places, from the environment, validated once."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import platformdirs


class SettingsError(ValueError):
    """An environment variable has a value that can't be used; the message says which and why."""


def _switch(value: str) -> bool:
    words = {"on": True, "1": True, "true": True, "yes": True}
    words |= {"off": False, "0": False, "false": False, "no": False}
    if value.lower() not in words:
        raise ValueError("it must be on or off")
    return words[value.lower()]


def _number(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 <= number < 1e7:
        raise ValueError("it must be a number, and not negative")
    return number


def _positive(value: str) -> float:
    try:
        number = _number(value)
    except ValueError:
        number = 0.0
    if number == 0:
        raise ValueError("it must be a positive number")
    return number


def _count(value: str) -> int:
    number = _positive(value)
    if number != int(number):
        raise ValueError("it must be a whole number")
    return int(number)


def _names(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _folder(value: str) -> Path:
    return Path(value).expanduser()


def _from(variable: str, read: Callable[[str], Any], default: Any) -> Any:
    """Declare a setting: its environment variable, how to read it, its default or a maker of it."""
    told = {"variable": variable, "read": read}
    if callable(default):
        return field(default_factory=default, metadata=told)
    return field(default=default, metadata=told)


def _cache_folder() -> Path:
    return Path(platformdirs.user_cache_dir("attntopo"))


def _photos() -> str:
    return str(Path(platformdirs.user_data_dir("attntopo")) / "photos")


@dataclass(frozen=True)
class Settings:
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
    status_seconds : float
        How often the server writes a line about itself to its log; 0 for never
        (`ATTNTOPO_STATUS_SECONDS`).
    """

    cache_folder: Path = _from("ATTNTOPO_CACHE", _folder, _cache_folder)
    downloads: bool = _from("ATTNTOPO_DOWNLOADS", _switch, True)
    extra_models: tuple[str, ...] = _from("ATTNTOPO_MODELS", _names, ())
    upload_megabytes: float = _from("ATTNTOPO_UPLOAD_MB", _positive, 10.0)
    upload_megapixels: float = _from("ATTNTOPO_UPLOAD_MEGAPIXELS", _positive, 40.0)
    attention_megabytes: float = _from("ATTNTOPO_ATTENTION_MB", _positive, 64.0)
    memory_megabytes: float = _from("ATTNTOPO_MEMORY_MB", _positive, 2048.0)
    workers: int = _from("ATTNTOPO_WORKERS", _count, lambda: os.cpu_count() or 1)
    sharing: bool = _from("ATTNTOPO_SHARING", _switch, True)
    photos: str = _from("ATTNTOPO_PHOTOS", str, _photos)
    photos_days: float = _from("ATTNTOPO_PHOTOS_DAYS", _positive, 30.0)
    photos_megabytes: float = _from("ATTNTOPO_PHOTOS_MB", _positive, 1000.0)
    sample_pairs: bool = _from("ATTNTOPO_SAMPLE_PAIRS", _switch, True)
    status_seconds: float = _from("ATTNTOPO_STATUS_SECONDS", _number, 60.0)

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


def variables() -> tuple[str, ...]:
    """Return the names of all environment variables that are read."""
    return tuple(one.metadata["variable"] for one in fields(Settings))


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
    values = {}
    for one in fields(Settings):
        variable = one.metadata["variable"]
        value = environment.get(variable, "").strip()
        if not value:
            continue
        try:
            values[one.name] = one.metadata["read"](value)
        except ValueError as error:
            raise SettingsError(f"{variable} is {value!r}; {error}.") from error
    return Settings(**values)


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings of this process, read from the environment once."""
    return read_settings(os.environ)
