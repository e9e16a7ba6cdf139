"""The page of results is what the results make."""

import re

from attntopo.analysis import all_findings, findings_sections, read_findings
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


def test_the_readmes_figures_are_those_of_the_results():
    readme = (write_page.PAGE.parents[1] / "README.md").read_text("utf-8")
    worth = readme.partition("## What it is worth")[2].partition("## Settings")[0]
    results, clip = read_findings("objects"), read_findings("objects-clip")
    colours = "colour and place, Ward"
    tree, scale = "merge tree, layer 8, mean of heads", "layer 8, mean of heads, 0.9 quantile"
    embeddings, random = "last layer's embeddings, single", "random connected regions"
    (loops,) = (
        row
        for row in read_findings("loops")["rows"]["composites"]
        if row["what"].startswith("layer 8, mean of heads: best IoU")
    )

    def mean(photos: str, what: str, results=results) -> float:
        return next(row for row in results["rows"][photos] if row["what"].startswith(what))["mean"]

    expected = [
        *(mean("composites", what) for what in (tree, random, embeddings)),
        *(mean("samples", what) for what in (tree, random, colours)),
        *(mean(photos, scale) for photos in ("composites", "samples")),
        *(results["by_head"][photos]["single"][10][0] for photos in ("composites", "samples")),
        *(loops["mean"], loops["others"]["mean"]),
        *(mean("composites", what, clip) for what in (tree, colours)),
    ]
    assert re.findall(r"0\.\d\d", worth) == [f"{one:.2f}" for one in expected]
