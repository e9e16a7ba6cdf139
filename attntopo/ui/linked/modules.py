"""Modules joined to one script, and styles to one sheet, for pages that can't load many."""

import re
from graphlib import TopologicalSorter
from pathlib import Path

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.MULTILINE)
_STYLES = ("base", "photos", "dock", "panel", "small_screens", "low_windows")
"""In this order: what comes later holds."""
_EXPORT = re.compile(r"^export (?!default )", re.MULTILINE)


def joined_modules(folder: Path) -> str:
    """Join a folder's ES modules to one, each after those that it imports.

    They share a scope then: no two may declare the same name at their top level, and what is
    imported keeps its name.

    Parameters
    ----------
    folder : Path
        Its `*.js` import by name and from beside them alone; one of them may have a default export.

    Returns
    -------
    str
        An ES module that imports nothing.

    Raises
    ------
    graphlib.CycleError
        If modules import each other.
    """
    sources = {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.js"))}
    imports = {name: _IMPORT.findall(source) for name, source in sources.items()}
    order = TopologicalSorter(imports).static_order()
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", sources[name])) for name in order)


def joined_styles(folder: Path) -> str:
    """Join the linked view's style sheets to one."""
    return "\n".join((folder / f"{name}.css").read_text("utf-8") for name in _STYLES)
