"""What an untrained twin is called, and how its weights are drawn.

An untrained twin has a model's configuration and image processor, and weights as transformers draws
them before any training. What both show needs no training to be there.
"""

from importlib.metadata import PackageNotFoundError, version

SEED = 0
"""What torch's generator begins from."""

_SUFFIX = "~untrained"


def is_untrained(model_id: str) -> bool:
    """Say whether an id is that of an untrained twin."""
    return model_id.endswith(_SUFFIX)


def untrained_id(model_id: str) -> str:
    """Return the id of a model's untrained twin; a twin's own stays as it is."""
    return model_id if is_untrained(model_id) else model_id + _SUFFIX


def trained_id(model_id: str) -> str:
    """Return the id of the model that an untrained twin is of; any other stays as it is."""
    return model_id.removesuffix(_SUFFIX)


def library_versions() -> dict[str, str]:
    """Return the versions of torch and transformers, by name, without importing them.

    A twin's weights depend on both; one that isn't installed is left out.
    """
    versions = {}
    for name in ("torch", "transformers"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


def how_drawn() -> str:
    """Say how a twin's weights were drawn."""
    return f"untrained: drawn as float32 after torch.manual_seed({SEED})"
