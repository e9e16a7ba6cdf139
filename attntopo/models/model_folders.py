"""A model's configuration, image processor and weights -> a hub-style folder, written once."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from attntopo.atomic_files import atomic_folder


def write_once(
    folder: Path,
    config: Mapping[str, Any],
    preprocessor: Mapping[str, Any],
    read_weights: Callable[[], dict[str, np.ndarray]],
) -> Path:
    """Write a folder that `from_pretrained` loads, unless it is there.

    Parameters
    ----------
    folder : Path
    config, preprocessor : mapping
        Of `config.json` and `preprocessor_config.json`.
    read_weights : callable
        Returns the weights by name, of float32; called only where there is no folder yet.

    Returns
    -------
    Path
        The folder, with `model.safetensors` beside those two.
    """
    if (folder / "model.safetensors").is_file():
        return folder
    from safetensors.numpy import save_file

    weights = read_weights()
    try:
        with atomic_folder(folder) as aside:
            (aside / "config.json").write_text(json.dumps(config, indent=2))
            (aside / "preprocessor_config.json").write_text(json.dumps(preprocessor, indent=2))
            save_file(weights, aside / "model.safetensors", metadata={"format": "pt"})
    except OSError:
        # Another process that started at the same time may have been first.
        if not (folder / "model.safetensors").is_file():
            raise
    return folder
