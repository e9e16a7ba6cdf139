"""Questions asked of attention and its topology: one head, two heads, all heads."""

from attntopo.analysis.atlas import Head, crocker, for_heads, heads_of, value_map
from attntopo.analysis.comparison import (
    Comparison,
    Counts,
    Row,
    WassersteinComparison,
    compare,
    compare_by_wasserstein,
    count,
    number_rows,
    number_text,
    numbers,
    wasserstein_of,
)
from attntopo.analysis.features import head_features
from attntopo.analysis.filtration_steps import (
    ScaleSteps,
    event_steps,
    most_components_step,
    scale_steps,
    widest_gap_step,
)
from attntopo.analysis.head import HeadTopology, analyse
from attntopo.analysis.quantities import QUANTITIES, HeadSummary, Quantity, summarise_head
from attntopo.analysis.sample_pairs import DeathsOnDisk, deaths_of_photos, pair_distances

__all__ = [
    "QUANTITIES",
    "Comparison",
    "Counts",
    "DeathsOnDisk",
    "Head",
    "HeadSummary",
    "HeadTopology",
    "Quantity",
    "Row",
    "ScaleSteps",
    "WassersteinComparison",
    "analyse",
    "compare",
    "compare_by_wasserstein",
    "count",
    "crocker",
    "deaths_of_photos",
    "event_steps",
    "for_heads",
    "head_features",
    "heads_of",
    "most_components_step",
    "number_rows",
    "number_text",
    "numbers",
    "pair_distances",
    "scale_steps",
    "summarise_head",
    "value_map",
    "wasserstein_of",
    "widest_gap_step",
]
