"""Values of widgets that no browser sends: they change nothing, whatever they are."""

import asyncio
import json
from dataclasses import dataclass

import pytest

from attntopo.links.view import View
from tests.harness.browser import Server
from tests.harness.session import Session

# A model with few heads: the Atlas of a larger one takes its time.
VIEW = View(
    "astronaut",
    "coffee",
    model="tiny",
    layer=1,
    head=2,
    distance="hellinger",
    scale=0.3,
    pictures="one",  # the Atlas has a slider of the scale, then
)
CHOICES = ["Photo A", "Photo B", "Model", "Distance between attention rows"]
OPTIONS = {
    "compare": [*CHOICES, "Points", "3D layout", "Colour of nodes in 3D"],
    "atlas": [*CHOICES, "Points", "What to show for every head"],
    "stability": [*CHOICES, "Points", "Perturbation"],
    "collection": [*CHOICES[2:], "Points"],
}
TEXTS = ["", "../../etc/passwd", "private", f"sha256-{'0' * 64}", "\nFORGED LINE"]
LONG = "x" * 3_000_000


@dataclass
class Log:
    """What a server has logged from now on, but for its status lines."""

    server: Server

    def __post_init__(self) -> None:
        self._start = len(self.server.log.read_bytes())

    def text(self) -> str:
        lines = self.server.log.read_bytes()[self._start :].decode().splitlines()
        return "\n".join(line for line in lines if "AttnTopo: " not in line)


@pytest.fixture
def log(server: Server) -> Log:
    return Log(server)


async def come_to(session: Session, page: str) -> None:
    await session.open("", VIEW.to_query())
    if page != "compare":
        await session.change_page(page)


def no_harm(session: Session, tiles: dict[str, str], log: Log) -> None:
    """The page is as it was, and the log says nothing of it."""
    assert session.complaints() == []
    assert session.values() == VIEW.to_query()
    assert session.tiles() == tiles
    said = log.text()
    assert "Traceback" not in said
    assert "FORGED" not in said
    assert len(said) < 100_000


@pytest.mark.parametrize("page", OPTIONS)
def test_what_was_never_offered_is_not_chosen(page, server, log):
    async def visit() -> None:
        session = Session(server.address)
        await come_to(session, page)
        await session.unfold("Options")
        if "Photo A" in OPTIONS[page]:
            await session.unfold("Photos")
        tiles = session.tiles()
        for text in TEXTS:
            boxes = [session.page.find("selectbox", label) for label in OPTIONS[page]]
            for box in boxes:  # all at once, as a browser sends what is chosen quickly
                session.page.set(box, string_value=text)
            for fragment in {box.fragment for box in boxes}:
                await session._rerun(session.page.states(), fragment)
            no_harm(session, tiles, log)
        await session.set("selectbox", OPTIONS[page][0], LONG)
        no_harm(session, tiles, log)
        # What is offered still is.
        await session.set("selectbox", "Points", "patches only")
        assert session.values()["tokens"] == "patches"
        await session.close()

    asyncio.run(visit())


def test_a_number_out_of_range_leaves_the_view_within_it(server, log):
    # Streamlit takes the least number in its place, which could have been chosen.
    async def visit() -> None:
        session = Session(server.address)
        await come_to(session, "atlas")
        for value in (float("nan"), float("inf"), -1.0, 1e308):
            field = session.page.find("number_input", "Typed scale")
            session.page.set(field, double_value=value)
            await session._rerun(session.page.states(), field.fragment)
            for label in ("Layer", "Scale: tokens at most this far apart are joined"):
                await session.set("slider", label, value)
            await session.set("slider", "Attention head", value)
            assert session.complaints() == []
            said = session.values()
            assert (said["layer"], said["head"]) in {("1", "2"), ("0", "0"), ("0", "2")}
            assert 0 <= float(said["scale"]) <= 1
        await session.close()
        assert "Traceback" not in log.text()

    asyncio.run(visit())


ANYTHING = [5, -1.5, True, "x", "a", [], ["a"], [[1], {}], {}, {"x": None}]
OF_COMPONENTS = {
    ("compare", "head grid", "cell"): [
        {"layer": 99, "head": 0},
        {"layer": -1, "head": "mean"},
        {"layer": True, "head": False},
        {"layer": 1.0, "head": "rollout"},
        {"layer": [0], "head": {}},
        {"layer": 0, "head": "../../etc/passwd"},
    ],
    ("compare", "presets", "preset"): ["Notebook", *TEXTS],
    ("compare", "linked view", "photo"): [
        {"side": "a", "name": ["coffee"]},
        {"side": ["a"], "name": "coffee"},
        {"side": "c", "name": "coffee"},
        *({"side": "a", "name": text} for text in TEXTS),
    ],
    ("compare", "copy link", "wish"): [
        {"publish": "ab", "number": 1},
        {"publish": [["a"], {}], "number": 2},
        {"publish": ["a", "b"], "number": 3},  # which are samples, and nothing to publish
        {"publish": ["a"], "number": "4"},
    ],
    ("atlas", "atlas pictures", "open"): ["99,0", "0,99", "0,rollout", "-1,0", *TEXTS],
    ("collection", "contact sheet", "open"): [
        {"id": ["camera"], "step": None, "share": 9000},
        {"id": "camera", "step": True, "share": None},
        *({"id": text, "step": 0, "share": None} for text in TEXTS),
    ],
    ("collection", "contact sheet", "now"): [
        {"step": "0", "share": None, "sort": ["order", "up"]},
        {"step": 0, "share": None, "sort": "order-up"},
        {"step": 0, "share": None, "sort": [["order"], "up"]},
        *({"step": 0, "share": None, "sort": [text, "up"]} for text in TEXTS),
    ],
}


@pytest.mark.parametrize(("page", "component", "value"), OF_COMPONENTS)
def test_what_no_script_of_ours_says_changes_nothing(page, component, value, server, log):
    async def visit() -> None:
        session = Session(server.address)
        await come_to(session, page)
        tiles = session.tiles()
        for said in [*ANYTHING, *OF_COMPONENTS[page, component, value]]:
            nodes = session.page.all("bidi_component")
            (node,) = (one for one in nodes if f"-{component}" in one.body.id)
            session.page.set(node, json_value=json.dumps({value: said}))
            await session._rerun(session.page.states(), node.fragment)
            no_harm(session, tiles, log)
        await session.close()

    asyncio.run(visit())


SELECTED = [
    ("plotly_chart", {"points": [{"x": 99, "y": 99}]}),
    ("plotly_chart", {"points": [{"x": -1, "y": -1}]}),
    ("plotly_chart", {"points": [{"x": 1e999, "y": "a"}]}),
    ("plotly_chart", {"points": [{}]}),
    ("plotly_chart", {"points": [5]}),
    ("plotly_chart", {"points": 5}),
    ("plotly_chart", {}),
    ("dataframe", {"rows": [99999]}),
    ("dataframe", {"rows": [-1]}),
    ("dataframe", {"rows": ["a"]}),
    ("dataframe", {"rows": [1.5]}),
    ("dataframe", {"rows": 5}),
]


def test_heads_that_are_not_there_are_not_opened(server, log):
    async def visit() -> None:
        session = Session(server.address)
        await come_to(session, "atlas")
        for kind, selection in SELECTED:
            chosen = next(one for one in session.page.all(kind) if one.body.id)
            session.page.set(chosen, string_value=json.dumps({"selection": selection}))
            await session._rerun(session.page.states(), chosen.fragment)
            no_harm(session, {}, log)
            assert session.page.find("selectbox", "What to show for every head")
        # What is there is opened.
        (table,) = (one for one in session.page.all("dataframe") if one.body.id)
        session.page.set(table, string_value=json.dumps({"selection": {"rows": [4]}}))
        await session._rerun(session.page.states(), table.fragment)
        assert (session.values()["layer"], session.values()["head"]) == ("1", "1")
        await session.close()

    asyncio.run(visit())
