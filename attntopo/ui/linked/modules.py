"""Modules joined to one script, and styles to one sheet, for pages that can't load many."""

import re
from graphlib import TopologicalSorter
from pathlib import Path

_IMPORT = re.compile(r'^import \{[^}]*\} from "(\./|\.\./\w+/)(\w+\.js)";\n', re.MULTILINE)
_OF_ALL_VIEWS = Path(__file__).parent / "styles" / "all_views.css"
_EXPORT = re.compile(r"^export (?!default )", re.MULTILINE)


def joined_modules(folder: Path, *entries: str) -> str:
    """Join ES modules to one, each after those that it imports.

    They share a scope then: no two may declare the same name at their top level, and what is
    imported keeps its name.

    Parameters
    ----------
    folder : Path
        Its modules import by name, from beside them or from a folder beside theirs.
    *entries : str
        File names of the modules to join, with all that they import; by default all of the
        folder's. One of them may have a default export.

    Returns
    -------
    str
        An ES module that imports nothing.

    Raises
    ------
    graphlib.CycleError
        If modules import each other.
    """
    sources: dict[Path, str] = {}
    imports: dict[Path, list[Path]] = {}
    wanted = [folder / name for name in entries] or sorted(folder.glob("*.js"))
    while wanted:
        path = wanted.pop().resolve()
        if path not in sources:
            sources[path] = path.read_text("utf-8")
            imports[path] = [
                (path.parent / where / name).resolve()
                for where, name in _IMPORT.findall(sources[path])
            ]
            wanted += imports[path]
    order = TopologicalSorter({path: imports[path] for path in sorted(imports)}).static_order()
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", sources[path])) for path in order)


def joined_styles(*sheets: Path) -> str:
    """Join the style sheets of a view to one, after what all views have; what comes later holds."""
    return "\n".join(sheet.read_text("utf-8") for sheet in (_OF_ALL_VIEWS, *sheets))
