"""What a contact sheet can be sorted by, as links call it, and in words."""

import re

from attntopo.analysis import NUMBERS_AT_SCALE, feature_names


def column_of(feature: str) -> str:
    """Return what links call a feature: `H0 sum of lengths` is `h0-sum-of-lengths`."""
    return re.sub(r"[^a-z0-9]+", "-", feature.lower()).strip("-")


SHEET_COLUMNS = {
    "order": "order in which they came",
    "name": "name",
    **NUMBERS_AT_SCALE,
    **{column_of(name): name for name in feature_names()},
}
"""Key -> label of all that photos can be sorted by; some models lack some of it."""
