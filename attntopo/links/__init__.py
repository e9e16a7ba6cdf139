"""What is on the screen <-> a link's query string."""

from attntopo.links.bounds import CHOSEN, largest_scale
from attntopo.links.options import (
    CAMERA,
    CHOICES,
    OF_B,
    OF_COLLECTION,
    OF_STABILITY,
    SHARE_STEPS,
    scale_text,
    strength_text,
    strengths_of,
)
from attntopo.links.photo_groups import NO_GROUPS, Groups, groups_text, parse_groups
from attntopo.links.photo_names import EXAMPLES, PRIVATE, PUBLISHED, RING, is_private, is_published
from attntopo.links.presets import PRESETS
from attntopo.links.query import (
    link_parameters,
    read_display_options,
    read_photos,
    read_query,
)
from attntopo.links.repair import read_key, repaired
from attntopo.links.selection import NOTHING, Selection, parse_selection, swapped
from attntopo.links.sheet_columns import SHEET_COLUMNS, column_of
from attntopo.links.view import HeadChoice, View
