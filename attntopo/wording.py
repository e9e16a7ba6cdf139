"""Numbers in sentences: "1 edge", "2 edges", "<1 %"."""

import math


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, which takes an s after any number but 1.

    Parameters
    ----------
    number : int
        From 1000 on its digits are grouped: `1,679`.
    noun : str
        `token`, `prefix token`, …

    Returns
    -------
    str
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def components_text(components: int, single: int) -> str:
    """Return how many connected components there are, single tokens included, and say of how many.

    Parameters
    ----------
    components : int
        All of them.
    single : int
        How many of them are one token.

    Returns
    -------
    str
        `30 components, 20 of them single tokens`; `12 components` where none is.
    """
    said = counted(components, "component")
    if not single:
        return said
    if single == components:
        return f"{said}, all single tokens"
    return f"{said}, {single:,} of them {'a single token' if single == 1 else 'single tokens'}"


def duration_text(seconds: float) -> str:
    """Return about how long something takes: `12 s`, `3 min`.

    Parameters
    ----------
    seconds : float

    Returns
    -------
    str
        Rounded up, so that it says at least a second.
    """
    whole = math.ceil(seconds)
    return f"{max(1, whole)} s" if whole < 120 else f"{math.ceil(seconds / 60)} min"


def share_text(share: float, decimals: int = 0) -> str:
    """Return a share in percent that says neither nothing of something nor all of a part.

    Parameters
    ----------
    share : float
        0 to 1.
    decimals : int
        Of the percentage.

    Returns
    -------
    str
        `12 %`; `<1 %` where a share above 0 would be `0 %`, `>99 %` where one below 1 would be
        `100 %`.
    """
    least = 10**-decimals
    rounded = round(100 * share, decimals)
    if rounded <= 0 < share:
        return f"<{least:.{decimals}f} %"
    if share < 1 and rounded >= 100:
        return f">{100 - least:.{decimals}f} %"
    return f"{rounded:.{decimals}f} %"
