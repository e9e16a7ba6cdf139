"""What a browser holds of one Streamlit page: its elements, widgets' values and kept messages.

The front end that Streamlit serves is the model; the names in brackets are of its source.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.Common_pb2 import FileUploaderState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg, ForwardMsgMetadata
from streamlit.proto.Slider_pb2 import Slider
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates


@dataclass
class Node:
    """An element or a block, where it stands in the page.

    Attributes
    ----------
    kind : str
        `slider`, `alert`, …; `block` of a block.
    body : message
        What the server says of it.
    run : str
        The run that drew it last.
    fragment : str
        The fragment it belongs to, or nothing.
    script : str
        Hash of the script that drew it: a page's, or that of `app.py`.
    arrived : float
        `time.perf_counter()`.
    """

    kind: str
    body: Any
    run: str
    fragment: str
    script: str
    arrived: float

    @property
    def id(self) -> str:
        """The widget's, a panel's that folds, or nothing."""
        body = self.body.expandable if self.kind == "block" else self.body
        return getattr(body, "id", "")


class KeptMessages:
    """Large messages, which the server names by their hash the next time [ForwardMessageCache]."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[bytes, str]] = {}
        self._used: dict[str, int] = {}
        self._runs = 0

    def hashes(self) -> list[str]:
        """Return what to tell the server that is here."""
        return list(self._kept)

    def resolve(self, message: ForwardMsg, data: bytes) -> ForwardMsg:
        """Keep a message, or find the one that it refers to; KeyError where there is none."""
        if message.WhichOneof("type") != "ref_hash":
            if message.metadata.cacheable and message.hash not in self._kept:
                self._kept[message.hash] = data, message.delta.fragment_id
                self._used[message.hash] = self._runs
            return message
        found = ForwardMsg.FromString(self._kept[message.ref_hash][0])
        self._used[message.ref_hash] = self._runs
        found.metadata.CopyFrom(message.metadata)
        return found

    def finish_run(self, oldest: int, fragments: Sequence[str]) -> None:
        """Drop what wasn't used for `oldest` runs; after a fragment's run only its own."""
        self._runs += 1
        for key, (_, fragment) in list(self._kept.items()):
            kept_out = fragments and fragment not in fragments
            if not kept_out and self._runs - self._used[key] > oldest:
                del self._kept[key], self._used[key]


class Page:
    """The elements as they stand, and the values of their widgets."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[int, ...], Node] = {}
        self._states: dict[str, WidgetState] = {}

    def take(self, delta: Delta, metadata: ForwardMsgMetadata, run: str) -> None:
        """Put an element or a block where the server says [AppRoot.applyDelta]."""
        path, said = tuple(metadata.delta_path), delta.WhichOneof("type")
        if said == "new_element":
            kind = delta.new_element.WhichOneof("type") or "empty"
            body = getattr(delta.new_element, kind)
        elif said == "add_block":
            kind, body = "block", delta.add_block
        else:  # a spinner, which stands beside the elements
            return
        before = self._nodes.get(path)
        if kind != "block" or before is None or before.kind != "block":
            self._remove(lambda place, _: place[: len(path)] == path)
        self._nodes[path] = Node(
            kind, body, run, delta.fragment_id, metadata.active_script_hash, time.perf_counter()
        )
        self._mount(kind, body)

    def _mount(self, kind: str, body: Any) -> None:
        """Give a widget its first value, and a new one where the server sets it."""
        known = getattr(body, "id", "") in self._states
        value = _value(kind, body) if not known or getattr(body, "set_value", False) else None
        if value is not None:
            self._states[body.id] = WidgetState(id=body.id, **value)

    def begin_page(self, main_script: str) -> None:
        """Forget the elements of the page before; those of `app.py` stay [clearPageElements]."""
        self._remove(lambda _, node: node.script != main_script)
        self._forget_values()

    def finish_run(self, run: str, fragments: Sequence[str]) -> None:
        """Remove what the run didn't draw again [clearStaleNodes]."""
        self._remove(
            lambda _, node: node.run != run and (not fragments or node.fragment in fragments)
        )
        self._forget_values()

    def _remove(self, gone: Any) -> None:
        self._nodes = {path: node for path, node in self._nodes.items() if not gone(path, node)}

    def _forget_values(self) -> None:
        there = {node.id for node in self._nodes.values()}
        self._states = {key: state for key, state in self._states.items() if key in there}

    def states(self) -> WidgetStates:
        """Return the values of all widgets."""
        return WidgetStates(widgets=self._states.values())

    def states_of(self, script: str) -> WidgetStates:
        """Return the values of the widgets that a script drew."""
        theirs = {node.id for node in self._nodes.values() if node.script == script}
        return WidgetStates(widgets=[state for key, state in self._states.items() if key in theirs])

    def set(self, widget: Node, **value: Any) -> None:
        """Set a widget's value, by the field of `WidgetState` that holds it."""
        self._states[widget.id] = WidgetState(id=widget.id, **value)

    def all(self, kind: str) -> Iterator[Node]:
        """Give all elements of a kind, in the order of the page."""
        for _, node in sorted(self._nodes.items(), key=lambda item: item[0]):
            if node.kind == kind:
                yield node

    def find(self, kind: str, label: str) -> Node:
        """Return the element of a kind whose label begins so; LookupError where there is none."""
        for node in self.all(kind):
            if node.body.label.startswith(label):
                return node
        raise LookupError(f"no {kind} “{label}” on the page")

    def panel(self, label: str) -> Node:
        """Return the panel that folds of a label; LookupError where there is none."""
        for node in self.all("block"):
            if node.body.WhichOneof("type") == "expandable" and node.body.expandable.label == label:
                return node
        raise LookupError(f"no panel “{label}” on the page")

    def words(self) -> list[str]:
        """Return what the page says at its top and of its progress."""
        texts = [node.body.body for node in self.all("markdown")][:4]
        return [*texts, *(node.body.text for node in self.all("progress"))]

    def errors(self) -> list[str]:
        """Return what the page complains of: exceptions, and errors that it states itself."""
        raised = [f"{node.body.type}: {node.body.message}" for node in self.all("exception")]
        alerts = self.all("alert")
        return raised + [node.body.body for node in alerts if node.body.format == Alert.ERROR]


def _value(kind: str, body: Any) -> dict[str, Any] | None:
    """Return what the front end says of a widget that nobody touched, by the field it is in."""
    told = bool(getattr(body, "set_value", False))
    if kind == "selectbox":
        chosen = body.raw_value if told else body.options[body.default] if body.options else ""
        return {"string_value": chosen}
    if kind == "slider" and body.type == Slider.SELECT_SLIDER:
        chosen = list(body.raw_value) if told else [body.options[int(k)] for k in body.default]
        return {"string_array_value": {"data": chosen}}
    if kind == "slider":
        return {"double_array_value": {"data": body.value if told else body.default}}
    if kind == "number_input":
        return {"double_value": body.value if told else body.default}
    if kind == "checkbox":
        return {"bool_value": body.value if told else body.default}
    if kind == "file_uploader":
        return {"file_uploader_state_value": FileUploaderState()}
    return None
