"""The catalogue: which models are offered, and where each comes from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from attntopo.models import hub
from attntopo.models.info import ModelError
from attntopo.models.untrained import is_untrained, trained_id

EMBEDDED = "embedded"
"""Id of the model that needs no hub."""


@dataclass(frozen=True)
class CatalogueEntry:
    """A model that is offered.

    Attributes
    ----------
    id : str
        Id on the hub, `embedded`, or the name of a local folder.
    label : str
        What to call it on the page.
    licence : str
        Of the weights; empty where it isn't known.
    megabytes : int or None
        Size of the download; None where it isn't known.
    folder : Path or None
        For a local model, where it lies.
    """

    id: str
    label: str
    licence: str = ""
    megabytes: int | None = None
    folder: Path | None = None


_BUILT_IN = (
    CatalogueEntry(EMBEDDED, "DINOv2-S, saliency-tuned", "Apache-2.0", 88),
    CatalogueEntry("google/vit-base-patch16-224", "ViT-Base/16", "Apache-2.0"),
    CatalogueEntry("google/vit-large-patch16-224", "ViT-Large/16", "Apache-2.0"),
    CatalogueEntry("facebook/deit-tiny-patch16-224", "DeiT-tiny/16", "Apache-2.0"),
    CatalogueEntry("facebook/deit-small-patch16-224", "DeiT-small/16", "Apache-2.0"),
    CatalogueEntry("facebook/dino-vits16", "DINO ViT-S/16", "Apache-2.0"),
    CatalogueEntry("facebook/dino-vits8", "DINO ViT-S/8", "Apache-2.0"),
    CatalogueEntry("facebook/dinov2-small", "DINOv2-small", "Apache-2.0"),
    CatalogueEntry("facebook/dinov2-base", "DINOv2-base", "Apache-2.0"),
    CatalogueEntry(
        "facebook/dinov2-with-registers-small", "DINOv2-small with registers", "Apache-2.0"
    ),
    CatalogueEntry("openai/clip-vit-base-patch16", "CLIP ViT-B/16, image tower"),
)


def catalogue(extra_models: Iterable[str] = ()) -> dict[str, CatalogueEntry]:
    """Return the models of the catalogue by id, and more of one's own.

    Parameters
    ----------
    extra_models : iterable of str
        Hub ids (`owner/name`) or local folders; a folder's id is its name.

    Returns
    -------
    dict of str to CatalogueEntry
        In the order in which the app offers them.

    Raises
    ------
    ModelError
        If one is neither a folder nor an id on the hub, two folders have the same name, or one has
        the name of an untrained twin.
    """
    entries = {entry.id: entry for entry in _BUILT_IN}
    for name in extra_models:
        folder = Path(name).expanduser()
        if folder.is_dir():
            # By its name alone: a path of the server has no place in a link.
            key = folder.resolve().name
            if is_untrained(key):
                raise ModelError(
                    f"A folder can't be called {key!r}: that is what the untrained twin of "
                    f"{trained_id(key)!r} is called."
                )
            entry = CatalogueEntry(key, f"{key} (local)", folder=folder)
        elif hub.HUB_ID.fullmatch(name):
            key, entry = name, entries.get(name, CatalogueEntry(name, name))
        else:
            raise ModelError(f"{name!r} is neither a folder nor a hub id (owner/name).")
        if entry.folder and key in entries:
            raise ModelError(f"There is a second model called {key!r}.")
        entries[key] = entry
    return entries


def find_entry(model_id: str, known: Mapping[str, CatalogueEntry]) -> CatalogueEntry | None:
    """Return the entry of a model, or of an untrained twin: each model has one.

    Parameters
    ----------
    model_id : str
    known : mapping of str to CatalogueEntry
        As `catalogue` returns it.

    Returns
    -------
    CatalogueEntry or None
        None for a model that isn't offered.
    """
    entry = known.get(trained_id(model_id))
    if entry is None or not is_untrained(model_id):
        return entry
    return replace(
        entry, id=model_id, label=f"{entry.label}, untrained", licence="", megabytes=None
    )
