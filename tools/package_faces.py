"""The directive `package-face`: a package's name -> API pages of what its `__init__.py` hands on.

Each name is documented once: those of `attntopo` on its own page, in a section for each package;
the page of that package links there and documents what else it hands on.
"""

import ast
import importlib
import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import NoUri
from sphinx.pycode import ModuleAnalyzer
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

FRONT = "attntopo"
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class HandedOn:
    """A name of a package's face: where it is handed on, and from which module it is imported."""

    package: str
    name: str
    source: str

    @property
    def value(self) -> Any:
        """The object itself."""
        return getattr(importlib.import_module(self.package), self.name)


def face(package: str) -> list[HandedOn]:
    """List what a package's `__init__.py` imports from the project, in its order.

    Parameters
    ----------
    package : str
        Name of a package, such as "attntopo.topology".
    """
    module = importlib.import_module(package)
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    return [
        HandedOn(package, alias.asname or alias.name, node.module)
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{FRONT}.")
        for alias in node.names
        if node.module and not alias.name.startswith("_")
    ]


def face_text(package: str) -> str:
    """Write a package's page: its docstring, links to what `attntopo` hands on, and the rest.

    Parameters
    ----------
    package : str
        As of `face`.

    Returns
    -------
    str
        reStructuredText for autodoc.
    """
    lines = [inspect.getdoc(importlib.import_module(package)) or "", ""]
    names = face(package)
    if package == FRONT:
        for source in dict.fromkeys(one.source for one in names):
            lines += _heading(source)
            lines += [line for one in names if one.source == source for line in _entry(one)]
        return "\n".join(lines)
    front = {one.name for one in face(FRONT) if one.source == package}
    shared = [f":py:obj:`~{FRONT}.{one.name}`" for one in names if one.name in front]
    if shared:
        lines += [f"On the page of :py:mod:`{FRONT}`: {', '.join(shared)}.", ""]
    lines += [line for one in names if one.name not in front for line in _entry(one)]
    return "\n".join(lines)


def _heading(text: str) -> list[str]:
    return [text, "-" * len(text), ""]


def _entry(one: HandedOn) -> list[str]:
    """Write the directive that documents one name."""
    value, name = one.value, f"{one.package}.{one.name}"
    if inspect.isclass(value):
        kind = "exception" if issubclass(value, BaseException) else "class"
        return [f".. auto{kind}:: {name}", "   :members:", ""]
    if inspect.isroutine(value):
        return [f".. autofunction:: {name}", ""]
    # Autodoc reads no docstring of a constant that is imported from elsewhere.
    comment = _comment(one)
    if not comment:
        _LOGGER.warning("%s has no docstring where it is assigned", name)
    options = [f"   :value: {value!r}"] if isinstance(value, int | float | str) else []
    return [f".. py:data:: {one.name}", *options, "", *(f"   {line}" for line in comment), ""]


def _comment(one: HandedOn) -> list[str]:
    """Read the docstring beneath a constant's assignment, wherever that is."""
    source = one.source
    while inner := [
        each for each in _face_if_package(source) if each.name == one.name and each.source != source
    ]:
        source = inner[0].source
    analyzer = ModuleAnalyzer.for_module(source)
    analyzer.analyze()
    return list(analyzer.attr_docs.get(("", one.name), []))


def _face_if_package(module: str) -> list[HandedOn]:
    return face(module) if hasattr(importlib.import_module(module), "__path__") else []


class PackageFace(SphinxDirective):
    """`.. package-face:: attntopo.topology`."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the page's content."""
        package = self.arguments[0]
        text = f".. py:module:: {package}\n\n{face_text(package)}"
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def resolve_by_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Node | None:
    """Find what a docstring names as its module knows it, in the package that hands it on."""
    if node.get("refdomain") != "py":
        return None
    domain = env.domains.python_domain
    name = node["reftarget"].removeprefix(f"{FRONT}.").split(".")
    for first in range(len(name)):
        ending = "." + ".".join(name[first:])
        names = [each for each in domain.objects if each.endswith(ending)]
        documented = {domain.objects[each].node_id for each in names}
        if len(documented) == 1:
            target = names[0]
            try:
                return domain.resolve_xref(
                    env, node["refdoc"], app.builder, "obj", target, node, content
                )
            except NoUri:
                return None
    return None


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directive known to Sphinx."""
    app.add_directive("package-face", PackageFace)
    app.connect("missing-reference", resolve_by_name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
