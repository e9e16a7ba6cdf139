"""A model's folder -> the model in memory, with the weights that are there or drawn anew."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from attntopo.models.info import ModelError, image_processor, read_config, read_info
from attntopo.models.knocking_out import MASKABLE, register_attention
from attntopo.models.network import Model
from attntopo.models.untrained import SEED, how_drawn

_making = threading.Lock()
"""Held while a network is made: transformers draws what it doesn't read from torch's one generator,
and replaces torch's own ways of drawing while it reads."""


def read_model(model_id: str, folder: Path, commit: str = "") -> Model:
    """Read a model from its folder, onto the GPU where there is one.

    Parameters
    ----------
    model_id : str
        What to call it.
    folder : Path
        With `config.json`, `preprocessor_config.json` and weights as safetensors.
    commit : str
        Which version it is, where that is known.

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        If the architecture isn't supported, or weights are missing.
    """
    info = read_info(model_id, folder, commit)
    return Model(info, _network(model_id, folder), image_processor(folder))


def draw_model(model_id: str, folder: Path, commit: str = "") -> Model:
    """Make the untrained twin of the model in a folder, onto the GPU where there is one.

    Parameters
    ----------
    model_id : str
        What to call it.
    folder : Path
        With `config.json` and `preprocessor_config.json`; weights aren't read.
    commit : str
        Which version the configuration is of, where that is known.

    Returns
    -------
    Model
        The same configuration and image processor; weights as transformers draws them after
        `torch.manual_seed(0)`, float32. The caller's own generator is left as it was.

    Raises
    ------
    ModelError
        If the architecture isn't supported.
    """
    import torch

    info = replace(read_info(model_id, folder, commit), weights=how_drawn())
    with _making, torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        network = _drawn(folder)
    return Model(info, network.to(_device()).eval(), image_processor(folder))


def drawn_bytes(folder: Path) -> int:
    """Return the memory that the weights of a folder's untrained twin take, in bytes."""
    import torch

    with _making, torch.random.fork_rng(devices=[]), torch.device("meta"):
        return sum(entry.numel() * entry.element_size() for entry in _drawn(folder).parameters())


def _drawn(folder: Path) -> Any:
    import torch
    from transformers import AutoModel

    register_attention()
    return AutoModel.from_config(
        read_config(folder),
        attn_implementation=MASKABLE,
        dtype=torch.float32,
        trust_remote_code=False,
    )


def _network(model_id: str, folder: Path) -> Any:
    import torch
    from transformers import AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    register_attention()
    with _making, _without_reports():
        network, report = AutoModel.from_pretrained(
            str(folder),
            config=read_config(folder),
            # With the default, attention would come back as an empty tuple without a word.
            attn_implementation=MASKABLE,
            dtype=torch.float32,
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            output_loading_info=True,
        )
    # A missing weight is left at random; the pooler alone has no part in attention.
    missing = [key for key in report["missing_keys"] if not key.startswith("pooler.")]
    if missing or report["mismatched_keys"]:
        raise ModelError(f"{model_id} lacks some of its weights, so its numbers would be wrong.")
    return network.to(_device()).eval()


@contextmanager
def _without_reports() -> Iterator[None]:
    """Keep transformers from listing each weight that isn't needed; what is missing is known."""
    from transformers.utils import logging

    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)


def _device() -> str:
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
