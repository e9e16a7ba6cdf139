"""Driving the app with Streamlit's AppTest."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from streamlit.components.v2 import manifest_scanner
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from tests.harness.view_tiles import table_of_head, tiles_of_head, unpacked

# Each AppTest would read the metadata of all packages anew: half of the time that it takes.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

APP = str(Path(__file__).parents[2] / "app.py")


def open_app(page: str = "", **query: str) -> AppTest:
    """Open a page on a cold session, with a query string, and all that can be unfolded on it."""
    app = AppTest.from_file(APP, default_timeout=200)
    for panel in ("photos panel", "options", "take it away"):
        app.session_state[panel] = True
    for name, value in query.items():
        app.query_params[name] = value
    if page:
        app.switch_page(f"pages/{page}.py")
    app.run()
    assert not app.exception, app.exception
    return app


def tiles(app: AppTest) -> dict[str, str]:
    """The linked view's numbers by label; nothing where there is none."""
    view = app.session_state["view"]
    heads = _heads(app)
    return tiles_of_head(heads[0], view.scale, view.share) if heads else {}


def _heads(app: AppTest) -> list[dict[str, Any]]:
    shown = [one.proto for one in app.get("bidi_component") if one.proto.id.endswith("-heads")]
    return [unpacked(one.bytes) for one in shown]


def table(app: AppTest) -> list[list[str]]:
    """All numbers of the linked view, row by row."""
    view = app.session_state["view"]
    return table_of_head(linked(app), view.scale, view.share)


def script(app: AppTest) -> str:
    """The page's script, which is drawn where one looks for it."""
    (code,) = (code.value for code in app.code if code.language == "python")
    return code


def tell(app: AppTest, key: str, **values: Any) -> AppTest:
    """Say what a component's script in the browser says: its state values."""
    (node,) = (one for one in app.get("bidi_component") if f"-{key}" in one.proto.id)
    states = app._tree.get_widget_states()
    states.widgets.append(WidgetState(id=node.proto.id, json_value=json.dumps(values)))
    return app._run(states)


def asked(app: AppTest) -> dict[str, Any]:
    """What "Copy link" asks before it copies, and what came of publishing."""
    return component(app, "copy link")


def publish(app: AppTest, *sides: str) -> AppTest:
    """Press "Publish and copy" beside the link."""
    return tell(app, "copy link", wish={"publish": list(sides), "number": time.time_ns()})


def printed(output: str) -> list[list[str]]:
    """What the page's script printed, row by row."""
    return [line.split(" | ") for line in output.splitlines()]


def query(app: AppTest) -> dict[str, str]:
    """The address's parameters."""
    # What the test set is as it was set; what the app wrote is a list.
    values = {name: app.query_params[name] for name in app.query_params}
    return {name: one if isinstance(one, str) else one[0] for name, one in values.items()}


def warnings(app: AppTest) -> str:
    """All notes on the page."""
    return " ".join(element.value for element in app.warning)


def widget(app: AppTest, name: str):
    """The widget of a field of the view; its key ends in a number that changes."""
    (found,) = (
        element
        for kind in ("slider", "select_slider", "selectbox", "number_input", "radio")
        for element in app.get(kind)
        if element.key and element.key.rpartition("_")[0] == name
    )
    return found


def component(app: AppTest, key: str) -> dict[str, Any]:
    """What a component was sent."""
    (node,) = (one for one in app.get("bidi_component") if f"-{key}" in one.proto.id)
    (sent,) = json.loads(node.proto.json)
    return sent


def linked(app: AppTest) -> dict[str, Any]:
    """What the linked view draws: the data of both heads, and the scale and selection sent."""
    sent = component(app, "linked view")
    (heads,) = _heads(app)
    return {**sent, **heads, **sent["now"]}


def slide(app: AppTest, scale: float) -> AppTest:
    """Bring the page to a scale, as a link within the session does."""
    app.query_params["scale"] = [f"{scale:.3f}"]
    return app.run()


def waits_for(condition: Callable[[], bool], between: float = 0.01) -> None:
    """Wait until something is so, which somebody else sees to; the limit is against hanging."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(between)
    raise AssertionError("it never came")


def run_until(app: AppTest, condition: Callable[[], bool]) -> None:
    """Run the page again and again until it shows something."""

    def shows() -> bool:
        app.run()
        return condition()

    waits_for(shows, between=0.05)
