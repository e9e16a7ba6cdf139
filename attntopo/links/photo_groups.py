"""Two groups of sample photos, as links write them: `camera.coffee~chelsea`."""

from attntopo.photos import SAMPLES

NO_GROUPS = "none"
"""What a link says where no photos are in a group."""

Groups = tuple[tuple[str, ...], tuple[str, ...]]
"""The names of the photos in the first group, and in the second."""


def parse_groups(text: str) -> Groups | None:
    """Read two groups of sample photos; None where they can't be read.

    Parameters
    ----------
    text : str
        Names with points between them, and a tilde between the groups; either may be empty.

    Returns
    -------
    tuple of tuple of str
    """
    if text == NO_GROUPS:
        return (), ()
    parts = [tuple(part.split(".")) if part else () for part in text.split("~")]
    names = [name for part in parts for name in part]
    if len(parts) != 2 or not names or len(set(names)) < len(names):
        return None
    return (parts[0], parts[1]) if set(names) <= set(SAMPLES) else None


def groups_text(first: tuple[str, ...], second: tuple[str, ...]) -> str:
    """Write two groups as `parse_groups` reads them."""
    return f"{'.'.join(first)}~{'.'.join(second)}" if first or second else NO_GROUPS
