"""Colours that all figures share."""

import numpy as np

from attntopo.topology import GREY, PALE, SINGLE

COMPONENT_COLOURS = (
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#F0E442",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
    "#882255",
)
"""Okabe and Ito's seven without black, and one more: distinguishable for colour-blind eyes."""

GREY_COLOUR = "#7F7F7F"
PALE_COLOUR = "#C4C4C4"
SINGLE_COLOUR = "#9A9A9A"
OTHER_COLOUR = "#8B8E96"
"""Of photos in no group, and of a tree's branches."""

H0_COLOUR = "#0072B2"
H1_COLOUR = "#D55E00"
H0_COLOUR_ON_DARK = "#56B4E9"
H1_COLOUR_ON_DARK = "#FF9248"
SOONER_COLOUR = "#2B8CBE"
LATER_COLOUR = "#E6550D"
"""Of merges that come sooner, or later, in the other head."""

TWO_COLOURS = ("#2585C0", "#D55E00")
TWO_SYMBOLS = ("circle", "diamond")
"""Of two kinds of marks beside each other. Each colour has a contrast of 3.7 and more with light
paper, and of 4.6 and more with the dark theme's."""

SCALE_COLOUR = "#C2417C"
AXIS_COLOUR = "rgba(127, 127, 127, 0.55)"

INK = "#20242a"
"""Of words and hollow marks on light paper; `report.css` has it too."""

FONT_SIZE = 13

_BY_NUMBER = {
    **dict(enumerate(COMPONENT_COLOURS)),
    GREY: GREY_COLOUR,
    PALE: PALE_COLOUR,
    SINGLE: SINGLE_COLOUR,
}


def hex_colour(number: int) -> str:
    """Return the colour of a colour number of `Skeleton.colours`, as `#rrggbb`."""
    return _BY_NUMBER[int(number)]


def colour_scale() -> dict[str, object]:
    """Return what makes Plotly draw colour numbers as their colours."""
    first, last = SINGLE, len(COMPONENT_COLOURS) - 1
    return {
        "colorscale": [
            [(number - first) / (last - first), hex_colour(number)]
            for number in range(first, last + 1)
        ],
        "cmin": first,
        "cmax": last,
    }


def rgb_colour(number: int) -> np.ndarray:
    """Return the colour of a colour number, as uint8 of shape (3,)."""
    text = hex_colour(number).lstrip("#")
    return np.frombuffer(bytes.fromhex(text), dtype=np.uint8)


LETTERS = ".pg01234567"
"""What stands for each colour number in what the browser paints, from `SINGLE` on."""

BY_LETTER = {
    letter: rgb_colour(number).tolist() for number, letter in enumerate(LETTERS, start=SINGLE)
}
"""Letter -> red, green and blue."""
assert (SINGLE, PALE, GREY) == (-3, -2, -1)
