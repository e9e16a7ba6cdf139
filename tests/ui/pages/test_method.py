from attntopo.links.view import View
from tests.harness.app import open_app, query


def test_the_page_explains_in_six_paragraphs():
    app = open_app("method")
    assert [text.value[:2] for text in app.subheader[:6]] == [f"{k}." for k in range(1, 7)]
    text = " ".join(element.value for element in app.markdown)
    for needed in ("canonical photo", "softmaxes the rows a second time", "Attention is not an"):
        assert needed in text
    assert not app.error


def test_the_method_page_carries_the_view_along():
    app = open_app("method", **View(layer=9).to_query())
    assert query(app) == View(layer=9).to_query()
