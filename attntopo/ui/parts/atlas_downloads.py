"""The Atlas page's downloads: its table, and all features of every head."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from attntopo import exports
from attntopo.analysis import CONVENTIONS, Head, HeadSummary, features_effort, head_features
from attntopo.attention import Attention
from attntopo.distances import DISTANCES
from attntopo.effort import SHORT
from attntopo.models import SharedInfo
from attntopo.ui.parts.downloads import button, in_one
from attntopo.ui.parts.head_names import named_head
from attntopo.ui.results import Heads, PhotoInput
from attntopo.ui.runtime import Slot, shared


def download_row(page: Heads, info: SharedInfo) -> None:
    """Draw the downloads: the table, and all features of every head of either photo."""
    photos = (page.sides[0].photo, page.sides[1].photo)
    about = exports.describe_view(page.view, info.models, photos, page.scales)
    about = {name: value for name, value in about.items() if name not in ("layer", "head")}
    about["against"] = named_head(*page.chosen)
    with st.container(horizontal=True):
        for letter, summaries, side in zip("AB", page.summaries, page.sides, strict=True):
            button(
                f"Download all features of {letter}",
                f"attntopo-features-{letter}",
                "CSV",
                _features(page, summaries, side, about | {"photo": letter}),
            )
        table = in_one(lambda: exports.rows_csv(about, page.rows()), SHORT)
        button("Download the table", "attntopo-atlas", "CSV", table)


def _features(
    page: Heads, summaries: dict[Head, HeadSummary], side: PhotoInput, about: dict[str, str]
) -> Callable[[Slot], str]:
    """Return what computes the features at the click, a slot for each head."""
    threshold = DISTANCES[page.view.distance].default_scale
    effort = features_effort(page.n_tokens)

    def make(slot: Slot) -> str:
        def attended(head: Head) -> tuple[Attention]:
            return (page.attention(side, head, slot),)

        def features(head: Head, attention: Attention) -> dict[str, float]:
            return head_features(attention, *head, summaries[head].diagrams, threshold)

        rows = [
            {"layer": head[0], "head": head[1]}
            | shared.in_slot(partial(features, head), slot, effort, partial(attended, head))
            for head in sorted(summaries)
        ]
        said = {"threshold of births and deaths": f"{threshold}", "convention": CONVENTIONS[0]}
        return exports.rows_csv(about | said, rows)

    return make
