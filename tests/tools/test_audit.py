from pathlib import Path

import pytest

from tools import audit

ROOT = Path(__file__).parents[2]


def package(name: str, *flaws: dict) -> dict:
    return {"name": name, "version": "1.0", "vulns": list(flaws)}


FIXED = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["1.1"]}
UNFIXED = {"id": "PYSEC-2", "aliases": [], "fix_versions": []}
SKIPPED = {"name": "torch", "skip_reason": "not found on PyPI"}


@pytest.mark.parametrize(
    ("report", "says", "is_failure"),
    [
        (None, "can't be had", False),
        ({"dependencies": [SKIPPED]}, "can't be had", False),
        ({"dependencies": [package("pillow"), SKIPPED]}, "1 packages audited, 1 unknown", False),
        ({"dependencies": [package("pillow", FIXED)]}, "PYSEC-1, fixed in 1.1", True),
        ({"dependencies": [package("pillow", UNFIXED)]}, "PYSEC-2, no fix yet", False),
        ({"dependencies": [package("pillow", UNFIXED), package("onnx", FIXED)]}, "onnx", True),
    ],
)
def test_only_what_could_be_mended_is_a_failure(report, says, is_failure):
    lines, failed = audit.judge(report)
    assert says in "\n".join(lines)
    assert failed is is_failure


@pytest.mark.parametrize("name", ["PYSEC-1", "CVE-1"])
def test_what_is_accepted_is_said_and_no_failure(name, monkeypatch):
    monkeypatch.setitem(audit.IGNORED, name, "only read from our own wheel")
    lines, failed = audit.judge({"dependencies": [package("onnx", FIXED)]})
    assert "only read from our own wheel" in lines[0]
    assert not failed


def test_everything_that_the_app_runs_on_is_asked_about():
    packages = audit.installed(ROOT / "requirements.txt")
    assert packages["torch"] == "2.13.0"  # a build's own suffix is unknown to PyPI
    assert {"streamlit", "pillow", "starlette", "urllib3"} <= set(packages)
    assert not {"pytest", "ruff"} & set(packages)  # what only the tests need


def test_no_answer_is_no_report(monkeypatch, tmp_path):
    (tmp_path / "pip_audit.py").write_text("raise SystemExit('no network')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert audit.ask({"pillow": "1.0"}) is None
