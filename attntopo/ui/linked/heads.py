"""The numbers of two heads, as bytes: sent once, whatever is said of them afterwards."""

from pathlib import Path

import streamlit as st

from attntopo.figures.linked import LinkedData

_HERE = Path(__file__).parent
_STORE = "".join((_HERE / name).read_text("utf-8") for name in ("unpack.js", "head_store.js"))

_component = st.components.v2.component(
    "attntopo_heads",
    html="<span hidden></span>\n",
    js=f"{_STORE}\nexport default function ({{ data }}) {{\n  keepHeads(keyOf(data), data);\n}}\n",
)


def send(data: LinkedData) -> None:
    """Send what the linked view draws; the browser has it already where nothing has changed.

    Parameters
    ----------
    data : LinkedData
    """
    _component(key="heads", data=data.packed)
