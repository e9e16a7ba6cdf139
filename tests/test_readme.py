"""The README's example runs, and its module map is complete."""

import re
from pathlib import Path

import pytest

from tests.harness.readme import EXAMPLES, README

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_example_runs_and_prints_what_it_says(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    *statements, last = code.strip().splitlines()
    expression, expected = last.split("  # ")
    names: dict[str, object] = {}
    exec("\n".join(statements), names)
    value = eval(expression, names)
    assert (f"{value:.4f}" if isinstance(value, float) else str(value)) == expected


def test_the_map_has_a_row_for_each_package_and_no_other():
    packages = {
        f"{path.parent.relative_to(ROOT)}/"
        for path in (ROOT / "attntopo").rglob("__init__.py")
        if path.parent.name not in ("attntopo", "ui")
    }
    named = set(re.findall(r"^\| `(attntopo/[\w/]+/)` \|", README, flags=re.MULTILINE))
    assert named == packages
    files = re.findall(r"`(attntopo/[\w/]+\.py)`", README)
    assert [path for path in files if not (ROOT / path).exists()] == []


def test_there_are_exactly_two_commands_to_start_with():
    assert re.findall(r"^python3 run\.py.*$", README, flags=re.MULTILINE) == [
        "python3 run.py app",
        "python3 run.py test",
    ]


def test_where_things_go_is_where_they_are():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    table = [line for line in text.splitlines() if line.startswith("| ") and "`" in line]
    paths = {path for line in table for path in re.findall(r"`([\w/]+\.(?:py|js))`", line)}
    assert len(paths) > 30
    beside = {path.name for path in (ROOT / "attntopo/ui/linked").iterdir()}
    missing = [path for path in paths if not (ROOT / "attntopo" / path).exists()]
    assert [path for path in missing if path not in beside] == []
