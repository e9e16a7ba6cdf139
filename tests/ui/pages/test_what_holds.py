from attntopo.analysis import findings_sections
from attntopo.links import View
from tests.harness.app import open_app, query


def test_the_page_says_what_the_results_make():
    app = open_app("what_holds")
    sections = findings_sections()
    assert [text.value for text in app.subheader] == [each.title for each in sections]
    shown = [element.value for element in app.markdown]
    for each in sections:
        for words in each.paragraphs:
            assert words.strip() in [text.strip() for text in shown]
        assert {f"**{figure.title}**" for figure in each.figures} <= set(shown)
    assert len(app.get("plotly_chart")) == sum(len(each.figures) for each in sections)
    assert len(app.table) == sum(bool(each.table) for each in sections)
    assert not app.error


def test_the_page_carries_the_view_along():
    app = open_app("what_holds", **View(layer=9).to_query())
    assert query(app) == View(layer=9).to_query()
