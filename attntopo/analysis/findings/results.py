"""What the project's own studies measured: results that lie in the package."""

import json
from importlib.resources import files
from typing import Any


def read_findings(study: str) -> dict[str, Any]:
    """Read the published results of a study.

    Parameters
    ----------
    study : str
        Such as "objects": best IoU of components with objects.

    Returns
    -------
    dict
        As `data/<study>.json` has it: settings, versions, rows with means and intervals.

    Raises
    ------
    ValueError
        If no results of such a study lie in the package.
    """
    published = _published()
    if study not in published:
        raise ValueError(
            f"No results of a study called {study!r} lie in the package; there are those of "
            f"{', '.join(sorted(published))}."
        )
    return json.loads(published[study].read_text("utf-8"))


def all_findings() -> dict[str, list[dict[str, Any]]]:
    """Read the published results of all studies.

    Returns
    -------
    dict of str to list of dict
        By study, the results of each model: those of `<study>.json` first, then `<study>-….json` by
        name.
    """
    by_study: dict[str, list[dict[str, Any]]] = {}
    for _, entry in sorted(_published().items()):
        results = json.loads(entry.read_text("utf-8"))
        by_study.setdefault(results["study"], []).append(results)
    return by_study


def _published() -> dict[str, Any]:
    """Return the files of results by name, without `.json`."""
    return {
        entry.name.removesuffix(".json"): entry
        for entry in (files("attntopo.analysis") / "data").iterdir()
        if entry.name.endswith(".json")
    }
