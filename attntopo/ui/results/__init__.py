"""The steps from photo to numbers, each computed once, its result kept."""

from attntopo.ui.results.all_heads import Heads
from attntopo.ui.results.cycles import (
    all_cycles,
    effort_at_once,
    find_cycle,
    kept_cycle,
    longest_bars,
)
from attntopo.ui.results.panels import (
    Panels,
    PhotoPanel,
    Scales,
    compare_panels,
    match_panels,
    pair_key,
    photo_panel,
    scales_of,
)
from attntopo.ui.results.photo_inputs import PhotoInput
from attntopo.ui.results.same_tokens import panels_by_token, tokens_correspond
from attntopo.ui.results.steps import HeadKey
