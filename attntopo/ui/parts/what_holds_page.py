"""The What holds page: what the studies found, as words, figures and tables."""

from functools import cache

import streamlit as st

from attntopo.analysis import Curves, Estimates, Section, findings_sections
from attntopo.figures.findings import plot_findings
from attntopo.ui.parts.method_page import anchor

_CONFIG = {"displaylogo": False, "displayModeBar": False}


@cache
def sections() -> list[Section]:
    """Return what there is to say; results change with the package alone."""
    return findings_sections()


def contents() -> None:
    """Draw the ways to the sections."""
    st.markdown("\n".join(f"- [{each.title}](#{anchor(each.title)})" for each in sections()))


def introduction() -> None:
    """Say what this is."""
    st.markdown(
        "What the pictures are worth, measured by the project's own studies and published whatever "
        "they say. Every title, number and figure here is made from their results, which lie in "
        "the package; scores are means with 95 % intervals. The last section "
        f"[explains the words](#{anchor(sections()[-1].title)})."
    )


def draw() -> None:
    """Draw all sections."""
    for number, each in enumerate(sections()):
        st.subheader(each.title, anchor=anchor(each.title))
        for words in each.paragraphs:
            st.markdown(words)
        for k, figure in enumerate(each.figures):
            st.markdown(f"**{figure.title}**")
            st.plotly_chart(
                plot_findings(figure),
                key=f"finding-{number}-{k}",
                config=_CONFIG,
                alt=_alternative(figure),
            )
        if each.table:
            with st.expander("The numbers"):
                st.table({head: list(cells) for head, cells in _columns(each)})


def _columns(section: Section) -> list[tuple[str, tuple[str, ...]]]:
    head, *lines = section.table
    return list(zip(head, zip(*lines, strict=True), strict=True))


def _alternative(figure: Estimates | Curves) -> str:
    """Return what is said of a figure to those who don't see it."""
    names = figure.series if isinstance(figure, Estimates) else figure.curves
    return f"{figure.title}. {figure.axis}, of {', '.join(names)}."
