"""The README's example runs, and its module map is complete."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_example_runs_and_prints_what_it_says():
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    *statements, last = code.strip().splitlines()
    expression, expected = last.split("  # ")
    names: dict[str, object] = {}
    exec("\n".join(statements), names)
    assert f"{eval(expression, names):.4f}" == expected


def test_the_module_map_names_every_module():
    modules = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "attntopo").rglob("*.py")
        if path.name != "__init__.py"
    }
    named = set(re.findall(r"`(attntopo/[\w/]+\.py)`", README))
    assert named == modules


def test_there_are_exactly_two_commands_to_start_with():
    assert re.findall(r"^python3 run\.py.*$", README, flags=re.MULTILINE) == [
        "python3 run.py app",
        "python3 run.py test",
    ]
