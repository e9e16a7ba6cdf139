"""Links of earlier versions, and damaged ones, opened in the app."""

import pytest

from attntopo.links import View
from tests.harness.app import open_app, query, script, tiles, warnings


def test_the_older_name_of_a_distance_opens_without_a_note_and_leaves_the_address():
    view = View("astronaut", "coffee", layer=9, head=3, distance="double-softmax", scale=0.058)
    app = open_app("compare", **view.to_query() | {"v": "1", "distance": "notebook"})
    assert warnings(app) == ""
    assert query(app) == view.to_query()
    assert query(app)["v"] == "2"
    code = script(app)
    assert 'distance="double-softmax"' in code
    assert "notebook" not in code


@pytest.mark.parametrize("damage", ["Ring", "ring).", "amp;a"])
def test_a_damaged_name_of_the_ring_is_bounded_by_the_rings_layers(damage):
    a = {damage: "ring"} if ";" in damage else {"a": damage}
    app = open_app("compare", **a, b="coffee", layer="10", head="1")
    shown = app.session_state["view"]
    assert (shown.a, shown.layer, shown.head) == ("ring", 0, 1)
    assert query(app) == shown.to_query()
    assert "`layer`" in warnings(app)
    assert tiles(app)
