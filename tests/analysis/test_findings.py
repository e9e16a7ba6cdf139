"""Published results: they lie in the package, and say what they are of."""

import json

import pytest

from attntopo.analysis import findings, read_findings


@pytest.fixture
def published(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/made_up.json").write_text(json.dumps({"study": "made_up"}))
    monkeypatch.setattr(findings, "files", lambda _package: tmp_path)


@pytest.mark.usefixtures("published")
def test_results_are_read_by_the_studys_name():
    assert read_findings("made_up") == {"study": "made_up"}


@pytest.mark.usefixtures("published")
def test_a_study_without_results_is_named():
    with pytest.raises(ValueError, match=r"'none'.*there are those of made_up"):
        read_findings("none")
