"""What a link's options can be, and how their values are written."""

from attntopo.analysis import PERTURBATIONS, PHOTO_DISTANCES, QUANTITIES
from attntopo.distances import SCALE_STEPS
from attntopo.links.photo_names import PRIVATE
from attntopo.links.sheet_columns import SHEET_COLUMNS
from attntopo.models import SHAPES

WAYS = ("up", "down")
"""How something is sorted: the least first, or the largest."""

CHOICES = {
    "shape": SHAPES,
    "tokens": ("all", "patches"),
    "layout": ("distances", "spring"),
    "color": ("component", "photo"),
    "quantity": tuple(QUANTITIES),
    "frame": ("photo", "model"),
    "patches": ("components", "shifts"),
    "pictures": ("own", "one"),
    "tab": ("diagrams", "matching", "barcode", "dendrogram", "matrix", "bars", "numbers"),
    "matching": (
        "h1-bottleneck",
        "h1-wasserstein-1",
        "h1-wasserstein-2",
        "h0-bottleneck",
        "h0-wasserstein-1",
        "h0-wasserstein-2",
    ),
    "heat": ("to", "by", "near"),
    "sort": tuple(
        f"{column}-{way}"
        for column in ("length", "photo", "dimension", "birth", "death", "tokens")
        for way in ("down", "up")
    ),
    "shown": ("a", "b"),
    "perturbed": ("a", "b"),
    "perturbation": tuple(PERTURBATIONS),
    "collection": ("samples", PRIVATE),
    "sheet": tuple(f"{column}-{way}" for column in SHEET_COLUMNS for way in WAYS),
    "between": tuple(PHOTO_DISTANCES),
}
"""The options with a fixed set of values; the first of each is its default."""

CAMERA = "0.60,0.35,1.00"
"""From where the 1-skeleton is seen at first: turn and tilt in radians, zoom."""

DISPLAY_OPTIONS = (
    "paint",
    "patches",
    "frame",
    "tab",
    "matching",
    "heat",
    "sort",
    "shown",
    "camera_a",
    "camera_b",
)
"""What the browser draws by itself: no number depends on it."""

OF_STABILITY = ("perturbed", "perturbation", "strength")
"""What the Stability page alone shows: no number elsewhere depends on it."""

OF_COLLECTION = ("collection", "sheet", "between", "groups")
"""What the Collection page alone shows: no number elsewhere depends on it."""

OF_B = ("model_b", "layer_b", "head_b")
"""What B has of its own, or none of it."""

SHARE_STEPS = 100
"""Steps that a share can take in a percent."""

VERSION = "2"
"""Of the links. In those of version 1 a scale that isn't there was the distance's own."""

OBJECTS = "objects"
"""What a link says of the scale where it is the photos' own: see `View.scale`."""


def strengths_of(perturbation: str) -> tuple[float, ...]:
    """Return the strengths of a perturbation that can be chosen, from weak to strong."""
    return tuple(map(float, PERTURBATIONS[perturbation].strengths))


def middle_strength(perturbation: str) -> float:
    """Return the strength that a perturbation opens with."""
    offered = strengths_of(perturbation)
    return offered[len(offered) // 2]


def strength_text(strength: float) -> str:
    """Write a strength as links and tables do: with no more digits than it has."""
    return f"{strength:g}"


def scale_text(scale: float | None) -> str:
    """Write a scale as links do: with three decimals, or more where it has more."""
    if scale is None:
        return OBJECTS
    whole, decimals = f"{scale:.{len(str(SCALE_STEPS)) - 1}f}".split(".")
    return f"{whole}.{decimals.rstrip('0'):0<3}"
