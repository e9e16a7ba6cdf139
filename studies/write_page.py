"""Write docs/what-holds.md: what the studies found, from their published results.

.venv/bin/python -m studies.write_page
"""

from __future__ import annotations

from pathlib import Path

from attntopo.analysis import Curves, Estimates, Section, findings_sections
from attntopo.atomic_files import atomic_write

PAGE = Path(__file__).parents[1] / "docs" / "what-holds.md"
_HEAD = """# What holds, and what doesn't

What the pictures are worth, measured by the project's own studies and published whatever they say.
This page is made from their results in `attntopo/analysis/data/` by `python -m studies.write_page`;
the app shows the same with figures, under *What holds*. Scores are means with 95 % intervals.
The last section explains the words.
"""


def main() -> None:
    """Write the page."""
    with atomic_write(PAGE) as file:
        file.write(page_text(findings_sections()).encode())


def page_text(sections: list[Section]) -> str:
    """Return the page in Markdown.

    Parameters
    ----------
    sections : list of Section

    Returns
    -------
    str
        A section's table, or those of its figures where it has none.
    """
    parts = [_HEAD]
    for section in sections:
        parts.append(f"## {section.title}\n")
        parts += [f"{words}\n" for words in section.paragraphs]
        if section.table:
            parts.append(_table(section.table))
        for figure in section.figures:
            if isinstance(figure, Curves):
                parts.append(_curves(figure))
            elif not section.table:
                parts.append(_estimates(figure))
    return "\n".join(parts)


def _table(lines: tuple[tuple[str, ...], ...]) -> str:
    head, *others = (f"| {' | '.join(line)} |" for line in lines)
    return "\n".join([head, f"|{'---|' * len(lines[0])}", *others, ""])


def _curves(figure: Curves) -> str:
    n = max(map(len, figure.curves.values()), default=0)
    head = ("layer", *(str(k) for k in range(n)))
    lines = [(name, *(f"{one:.2f}" for one in values)) for name, values in figure.curves.items()]
    return f"{figure.title}, {figure.axis}:\n\n{_table((head, *lines))}"


def _estimates(figure: Estimates) -> str:
    head = ("", *figure.series)
    lines = [
        (label, *("" if value is None else f"{value.mean:g}" for value in values))
        for label, *values in zip(figure.labels, *figure.series.values(), strict=True)
    ]
    return f"{figure.title}, {figure.axis}:\n\n{_table((head, *lines))}"


if __name__ == "__main__":
    main()
