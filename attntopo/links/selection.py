"""What is selected in the linked view: a token, a bar, or a pair of bars."""

import re
from dataclasses import dataclass

NOTHING = "none"
"""What a link says where nothing is selected."""

_PATTERNS = {
    "token": re.compile(r"(?P<side>[ab])-token-(?P<number>[0-9]{1,5})"),
    "bar": re.compile(r"(?P<side>[ab])-h(?P<dimension>[01])-(?P<number>[0-9]{1,6})"),
    "pair": re.compile(
        r"pair-(?P<matching>h(?P<dimension>[01])-(bottleneck|wasserstein-[12]))"
        r"-(?P<number>[0-9]{1,6})"
    ),
}
"""How links write each kind; the groups are fields of `Selection`."""


@dataclass(frozen=True)
class Selection:
    """One selection.

    Attributes
    ----------
    kind : {"token", "bar", "pair"}
    side : {"a", "b", ""}
        The photo; empty for a pair.
    dimension : int
        Of a bar or a pair; -1 for a token.
    number : int
        Number of the token, of the bar's row in its diagram, or of the pair in its matching.
    matching : str
        Of a pair: `h0-bottleneck`, `h1-wasserstein-2`, …
    """

    kind: str
    side: str
    dimension: int
    number: int
    matching: str = ""


def swapped(text: str) -> str:
    """Return what a selection is called once A and B have changed places.

    Parameters
    ----------
    text : str
        As links write it.

    Returns
    -------
    str
        Of the other side, with the same number. `NOTHING` for a pair, whose number in the matching
        the other way round only that matching knows.
    """
    selected = parse_selection(text)
    if selected is None or selected.kind == "pair":
        return NOTHING
    return {"a": "b", "b": "a"}[selected.side] + text[1:]


def parse_selection(text: str) -> Selection | None:
    """Read a selection as links write it.

    Parameters
    ----------
    text : str
        `a-token-37`, `b-h1-4`, `pair-h0-bottleneck-3`, `pair-h1-wasserstein-2-5`, …

    Returns
    -------
    Selection or None
        None for anything else, `none` included. Whether there are so many tokens, bars or pairs
        is known only where they are.
    """
    for kind, pattern in _PATTERNS.items():
        if match := pattern.fullmatch(text):
            said = match.groupdict()
            return Selection(
                kind,
                said.get("side", ""),
                int(said.get("dimension", -1)),
                int(said["number"]),
                said.get("matching", ""),
            )
    return None
