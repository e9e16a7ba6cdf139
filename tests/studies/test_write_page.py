"""The page of results is what the results make."""

import re

from attntopo.analysis import all_findings, findings_sections
from studies import write_page


def test_the_document_is_what_the_results_make():
    assert write_page.PAGE.read_text("utf-8") == write_page.page_text(findings_sections()), (
        "run `python -m studies.write_page`"
    )


def test_every_score_of_the_document_is_one_of_the_results():
    """Read back, independently of how it was written."""

    def intervals(value):
        if isinstance(value, dict):
            if {"mean", "low", "high"} <= value.keys():
                texts = (f"{value[name]:.2f}" for name in ("mean", "low", "high"))
                yield tuple("0.00" if text == "-0.00" else text for text in texts)
            for one in value.values():
                yield from intervals(one)
        elif isinstance(value, list):
            for one in value:
                yield from intervals(one)

    measured = set(intervals(all_findings()))
    number = r"(-?\d+\.\d\d)"
    written = set(
        re.findall(rf"{number} \[{number}, {number}\]", write_page.PAGE.read_text("utf-8"))
    )
    assert len(written) > 20
    assert written <= measured


def test_it_is_written_where_it_lies(tmp_path, monkeypatch):
    monkeypatch.setattr(write_page, "PAGE", tmp_path / "page.md")
    write_page.main()
    assert (tmp_path / "page.md").read_text().startswith("# What holds")
