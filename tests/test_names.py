"""What the names of this project may be, read off the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = {
    path: ast.parse(path.read_text())
    for path in [*ROOT.glob("attntopo/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"]
}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def is_ours(module: str | None) -> bool:
    return (module or "").split(".")[0] in ("attntopo", "pages")


def imported_modules(tree: ast.Module) -> set[str]:
    """Under which names a module has imported modules of ours."""
    ours = {
        f"{path.relative_to(ROOT).with_suffix('')}".replace("/", ".").removesuffix(".__init__")
        for path in MODULES
    }
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {each.asname or each.name for each in node.names if is_ours(each.name)}
        if isinstance(node, ast.ImportFrom) and is_ours(node.module):
            names |= {
                each.asname or each.name
                for each in node.names
                if f"{node.module}.{each.name}" in ours
            }
    return names


def private_names_of_others(tree: ast.Module) -> Iterator[str]:
    modules = imported_modules(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and is_ours(node.module):
            yield from (each.name for each in node.names if is_private(each.name))
        if (
            isinstance(node, ast.Attribute)
            and is_private(node.attr)
            and ast.unparse(node.value) in modules
        ):
            yield ast.unparse(node)


def bound_names(tree: ast.Module) -> Iterator[str]:
    """Variables, parameters, keyword arguments and fields, wherever they get their value."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.arg | ast.keyword) and node.arg is not None:
            yield node.arg


def where(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=where)
def test_no_module_uses_the_private_name_of_another(path):
    assert list(private_names_of_others(MODULES[path])) == []


def test_no_public_function_has_the_name_of_a_module():
    modules = {
        path.parent.name if path.name == "__init__.py" else path.stem
        for path in MODULES
        if where(path).startswith("attntopo")
    }
    functions = {
        f"{where(path)}: {node.name}"
        for path, tree in MODULES.items()
        for node in tree.body
        if isinstance(node, FUNCTIONS) and not is_private(node.name) and node.name in modules
    }
    assert functions == set()


@pytest.mark.parametrize("path", MODULES, ids=where)
def test_what_was_found_has_a_name_of_its_own(path):
    assert "found" not in set(bound_names(MODULES[path]))


def test_these_checks_can_fail():
    tree = ast.parse(
        "from attntopo.topology.layout import _stress\n"
        "from attntopo.topology import layout\n"
        "import numpy as np\n"
        "layout._stress, np._private, layout.self._own, layout.__name__\n"
        "def f(found): pass\n"
    )
    assert list(private_names_of_others(tree)) == ["_stress", "layout._stress"]
    assert "found" in set(bound_names(tree))
    assert "found" not in set(bound_names(ast.parse("print(found); is_found = 'found'")))
