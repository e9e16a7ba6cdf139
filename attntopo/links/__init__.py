"""What is on the screen <-> a link's query string."""

from attntopo.links.bounds import CHOSEN, largest_scale
from attntopo.links.presets import PRESETS
from attntopo.links.query import (
    link_parameters,
    read_display_options,
    read_photos,
    read_query,
)
from attntopo.links.repair import read_key, repaired
from attntopo.links.selection import NOTHING, Selection, parse_selection, swapped
from attntopo.links.view import (
    CAMERA,
    CHOICES,
    EXAMPLES,
    OF_B,
    OF_STABILITY,
    PRIVATE,
    PUBLISHED,
    RING,
    SHARE_STEPS,
    HeadChoice,
    View,
    is_private,
    is_published,
    scale_text,
    strength_text,
    strengths_of,
)
