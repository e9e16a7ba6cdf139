"""Layers and attention heads as a grid of cells, beside their sliders."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from attntopo.analysis import QUANTITIES, Head
from attntopo.attention import MEAN, ROLLOUT
from attntopo.models import ModelInfo, SharedInfo
from attntopo.ui import session
from attntopo.ui.runtime import one_document

_HERE = Path(__file__).parent

_component = st.components.v2.component(
    "attntopo_head_grid",
    html='<div class="head-grid">\n<table role="grid"></table>'
    '<div class="legend" hidden><span></span><i></i><span></span><small></small></div>'
    '<p aria-hidden="true"></p></div>',
    css=(_HERE / "grid.css").read_text("utf-8"),
    js=(_HERE / "grid.js").read_text("utf-8"),
)


def mount(info: ModelInfo | SharedInfo, suffix: str, values: Mapping[Head, float]) -> None:
    """Draw the grid; a cell that is chosen changes the view.

    Parameters
    ----------
    info : ModelInfo or SharedInfo
        How many layers and heads there are.
    suffix : {"", "_b"}
        Of the view's fields: of both sides, or of B's own.
    values : mapping
        What is known of the Atlas's quantity by layer and head: it colours the cells.
    """
    view = session.current()
    quantity = QUANTITIES[view.quantity]
    invitation = (
        "Click a cell."
        if quantity.of_scale
        else "Click a cell. They get colours once the Atlas has computed them."
    )
    known = [value for value in values.values() if value == value]
    key = f"head grid{suffix}"
    _component(
        key=key,
        data=one_document(
            {
                "layers": info.n_layers,
                "heads": info.n_heads,
                "layer": getattr(view, f"layer{suffix}"),
                "head": getattr(view, f"head{suffix}"),
                "label": f"Layers and attention heads{' of B' if suffix else ''}",
                "quantity": quantity.label,
                "values": _by_layer(values),
                "low": min(known, default=0.0),
                "high": max(known, default=0.0),
                "note": "" if known else invitation,
                "legend": _legend(quantity.label, known),
            }
        ),
        on_cell_change=lambda: _take(key, suffix, info),
    )


def _legend(label: str, known: Sequence[float]) -> dict[str, str] | None:
    """Return what the colours mean, once there are any."""
    if not known:
        return None
    return {
        "low": f"{min(known):.3g}",
        "high": f"{max(known):.3g}",
        "words": f"{label}, of single heads alone: mean and rollout stay plain.",
    }


def _by_layer(values: Mapping[Head, float]) -> dict[str, dict[str, float]]:
    rows: dict[str, dict[str, float]] = {}
    for (layer, head), value in values.items():
        if value == value:
            rows.setdefault(str(layer), {})[str(head)] = value
    return rows


def _take(key: str, suffix: str, info: ModelInfo | SharedInfo) -> None:
    """Take the cell that was chosen, if there is such a head."""
    said = (st.session_state.get(key) or {}).get("cell")
    if not isinstance(said, dict):
        return
    layer, head = said.get("layer"), said.get("head")
    if _is_number(layer, info.n_layers) and (
        head in (MEAN, ROLLOUT) or _is_number(head, info.n_heads)
    ):
        session.put(**{f"layer{suffix}": layer, f"head{suffix}": head})


def _is_number(said: object, count: int) -> bool:
    return type(said) is int and 0 <= said < count  # True is none
