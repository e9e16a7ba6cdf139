"""What is sent of two heads once the browser asks for it: cycles of bars, a token's attention."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from attntopo.ui.runtime import one_document

_STORE = (Path(__file__).parent / "answer_store.js").read_text("utf-8")

_component = st.components.v2.component(
    "attntopo_answers",
    html="<span hidden></span>\n",
    js=f"{_STORE}\nexport default function ({{ data: [data] }}) {{\n  keepAnswers(data);\n}}\n",
)


def send(identity: str, sides: Sequence[dict[str, Any]]) -> None:
    """Send what is asked for by what is selected and shown.

    Parameters
    ----------
    identity : str
        Of the heads, as `LinkedData` has it.
    sides : sequence of dict
        Of A and B: `loops` and `heat`, from `figures.linked_answers`.
    """
    _component(key="answers", data=one_document({"id": identity, "sides": list(sides)}))
