"""Links of earlier versions, opened in the app."""

from attntopo.links import View
from tests.harness.app import open_app, query, script, warnings


def test_the_older_name_of_a_distance_opens_without_a_note_and_leaves_the_address():
    view = View("astronaut", "coffee", layer=9, head=3, distance="double-softmax", scale=0.058)
    app = open_app("compare", **view.to_query() | {"v": "1", "distance": "notebook"})
    assert warnings(app) == ""
    assert query(app) == view.to_query()
    assert query(app)["v"] == "2"
    code = script(app)
    assert 'distance="double-softmax"' in code
    assert "notebook" not in code
