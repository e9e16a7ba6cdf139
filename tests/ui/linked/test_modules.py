"""The linked view's modules: each by itself, and all joined to one script."""

import json
import re
from collections import Counter
from graphlib import CycleError

import pytest

from attntopo.ui import linked
from attntopo.ui.linked.modules import joined_modules, joined_styles
from tests.harness.javascript import MODULES, deno

MODULE_FILES = sorted(MODULES.glob("*.js"))
# What a browser has, and deno doesn't know.
OF_THE_BROWSER = {
    "document",
    "DataTransfer",
    "cancelAnimationFrame",
    "getComputedStyle",
    "requestAnimationFrame",
    "Image",
    "IntersectionObserver",
    "MutationObserver",
    "Option",
    "Path2D",
    "ResizeObserver",
}
DECLARED = re.compile(
    r"^(?:export )?(?:default )?(?:async )?(?:const|let|function|class) (\w+|\[.*?\])", re.M
)


def names_of(text: str) -> list[str]:
    """Return what a module declares at its top level."""
    return [name for declared in DECLARED.findall(text) for name in re.findall(r"\w+", declared)]


def test_no_two_modules_declare_the_same_name():
    declared = Counter(name for path in MODULE_FILES for name in names_of(path.read_text()))
    assert [name for name, times in declared.items() if times > 1] == []
    assert {"LinkedView", "decode", "mount", "SINGLE", "AFTER_DRAG_MS"} <= set(declared)


def test_the_joined_script_is_one_module_that_imports_nothing(tmp_path):
    path = tmp_path / "joined.js"
    path.write_text(joined_modules(MODULES))
    code = f"""
        const joined = await import({json.dumps(path.as_uri())});
        console.log(JSON.stringify([Object.keys(joined), typeof joined.default]));
    """
    done = deno("eval", code)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [["default"], "function"]
    assert set(names_of(path.read_text())) == {
        name for one in MODULE_FILES for name in names_of(one.read_text())
    }


def test_a_module_is_put_after_those_that_it_imports(tmp_path):
    (tmp_path / "a.js").write_text(
        'import {\n  B,\n  C,\n} from "./b.js";\nexport default function f() {}\nnew B();\n'
    )
    (tmp_path / "b.js").write_text("export class B {}\nexport const C = 'export const';\n")
    assert joined_modules(tmp_path) == (
        "class B {}\nconst C = 'export const';\n\nexport default function f() {}\nnew B();\n"
    )
    (tmp_path / "b.js").write_text('import { f } from "./a.js";\nexport class B {}\n')
    with pytest.raises(CycleError):
        joined_modules(tmp_path)


def test_every_name_is_declared_or_imported_where_it_is_used():
    """Joined, a module would find another's names even where it forgot to import them."""
    report = json.loads(deno("lint", "--json", "--rules-include=no-undef", str(MODULES)).stdout)
    undefined = {
        one["message"].split()[0] for one in report["diagnostics"] if one["code"] == "no-undef"
    }
    assert undefined == OF_THE_BROWSER
    assert {one["code"] for one in report["diagnostics"]} == {"no-undef"}


STYLES = sorted((MODULES / "styles").iterdir())


@pytest.mark.parametrize(
    "path", [*MODULE_FILES, *STYLES, MODULES / "view.html"], ids=lambda path: path.name
)
def test_files_are_short_and_so_are_their_lines(path):
    lines = path.read_text().splitlines()
    assert max(map(len, lines)) <= 100
    assert len(lines) <= 300


def test_every_style_sheet_is_joined():
    joined = joined_styles(*linked.STYLES)
    assert all(path.read_text() in joined for path in STYLES)


def test_no_module_adds_to_anothers_class():
    for path in MODULE_FILES:
        assert "prototype" not in path.read_text()
