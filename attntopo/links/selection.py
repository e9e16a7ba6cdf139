"""What is selected in the linked view: a token, a bar, or a pair of bars."""

import re
from dataclasses import dataclass

NOTHING = "none"
"""What a link says where nothing is selected."""

_TOKEN = re.compile(r"([ab])-token-([0-9]{1,5})")
_BAR = re.compile(r"([ab])-h([01])-([0-9]{1,6})")
_PAIR = re.compile(r"pair-(h([01])-(?:bottleneck|wasserstein-[12]))-([0-9]{1,6})")


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
    if match := _TOKEN.fullmatch(text):
        return Selection("token", match[1], -1, int(match[2]))
    if match := _BAR.fullmatch(text):
        return Selection("bar", match[1], int(match[2]), int(match[3]))
    if match := _PAIR.fullmatch(text):
        return Selection("pair", "", int(match[2]), int(match[3]), match[1])
    return None
