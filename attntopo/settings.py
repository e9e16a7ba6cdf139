"""Limits and places, from the environment, validated once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import platformdirs


class SettingsError(ValueError):
    """An environment variable has a value that can't be used; the message says which and why."""


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
    results_megabytes : float
        Memory for attention maps and topologies kept for reuse (`ATTNTOPO_RESULTS_MB`).
    models_megabytes : float
        Memory for the weights of loaded models (`ATTNTOPO_MODELS_MB`).
    sample_pairs : bool
        Whether the embedded model's heads are compared over all pairs of the sample photos in the
        background, before anybody asks (`ATTNTOPO_SAMPLE_PAIRS`).
    """

    cache_folder: Path = field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("attntopo"))
    )
    downloads: bool = True
    extra_models: tuple[str, ...] = ()
    upload_megabytes: float = 10.0
    upload_megapixels: float = 40.0
    attention_megabytes: float = 64.0
    results_megabytes: float = 512.0
    models_megabytes: float = 2048.0
    sample_pairs: bool = True

    @property
    def file_megabytes(self) -> float:
        """Largest file of any kind that is accepted."""
        return max(self.upload_megabytes, self.attention_megabytes)


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
    default = Settings()
    models = environment.get("ATTNTOPO_MODELS", "")
    return Settings(
        cache_folder=Path(environment.get("ATTNTOPO_CACHE") or default.cache_folder).expanduser(),
        downloads=_switch(environment, "ATTNTOPO_DOWNLOADS", default.downloads),
        extra_models=tuple(part.strip() for part in models.split(",") if part.strip()),
        upload_megabytes=_positive(environment, "ATTNTOPO_UPLOAD_MB", default.upload_megabytes),
        upload_megapixels=_positive(
            environment, "ATTNTOPO_UPLOAD_MEGAPIXELS", default.upload_megapixels
        ),
        attention_megabytes=_positive(
            environment, "ATTNTOPO_ATTENTION_MB", default.attention_megabytes
        ),
        results_megabytes=_positive(environment, "ATTNTOPO_RESULTS_MB", default.results_megabytes),
        models_megabytes=_positive(environment, "ATTNTOPO_MODELS_MB", default.models_megabytes),
        sample_pairs=_switch(environment, "ATTNTOPO_SAMPLE_PAIRS", default.sample_pairs),
    )


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings of this process, read from the environment once."""
    return read_settings(os.environ)


def _switch(environment: Mapping[str, str], name: str, default: bool) -> bool:
    value = environment.get(name, "").strip().lower()
    words = {"": default, "on": True, "1": True, "true": True, "yes": True}
    words |= {"off": False, "0": False, "false": False, "no": False}
    if value not in words:
        raise SettingsError(f"{name} is {value!r}; it must be on or off.")
    return words[value]


def _positive(environment: Mapping[str, str], name: str, default: float) -> float:
    value = environment.get(name, "").strip()
    try:
        number = float(value) if value else default
    except ValueError:
        number = float("nan")
    if not 0 < number < 1e7:
        raise SettingsError(f"{name} is {value!r}; it must be a positive number.")
    return number
