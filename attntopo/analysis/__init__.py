"""Questions asked of attention and its topology: one head, two heads, all heads."""

from attntopo.analysis.atlas import Cell, Head, crocker, for_heads, heads_of, value_map
from attntopo.analysis.colour_tracks import tracked_colours
from attntopo.analysis.comparison import (
    Comparison,
    Counts,
    Row,
    compare,
    count,
    number_rows,
    number_text,
    numbers,
)
from attntopo.analysis.effort import (
    analysis_effort,
    comparison_effort,
    features_effort,
    matching_efforts,
)
from attntopo.analysis.features import CONVENTIONS, head_features
from attntopo.analysis.filtration_steps import (
    ScaleSteps,
    SliderRange,
    event_steps,
    first_steps,
    most_components_step,
    scale_steps,
    slider_range,
)
from attntopo.analysis.findings import read_findings
from attntopo.analysis.head import HeadTopology, analyse, points_of
from attntopo.analysis.merge_scales import objects_scale, share_scale, shown_scales
from attntopo.analysis.quantities import (
    QUANTITIES,
    HeadSummary,
    Quantity,
    mean_tree,
    summarise_head,
)
from attntopo.analysis.sample_pairs import DeathsOnDisk, deaths_of_photos, pair_distances
