"""Questions asked of attention and its topology: one head, two heads, all heads."""

from attntopo.analysis.atlas import Cell, Head, crocker, for_heads, heads_of, value_map
from attntopo.analysis.attention_fit import AttentionFit, fit_attention
from attntopo.analysis.colour_tracks import followed_colours, tracked_colours
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
    nulls_effort,
    perturbed_effort,
)
from attntopo.analysis.evidence import (
    FEWEST_DRAWS,
    MOST_DRAWS,
    HeadEvidence,
    NullDraws,
    Rank,
    component_life,
    evidence_of_heads,
    heads_by_chance,
    longest_life,
    longest_loop,
    null_draws,
)
from attntopo.analysis.evidence_error import EvidenceError
from attntopo.analysis.features import CONVENTIONS, head_features
from attntopo.analysis.filtration_steps import (
    SliderRange,
    event_steps,
    first_steps,
    most_components_step,
    pair_steps,
    slider_range,
)
from attntopo.analysis.findings import read_findings
from attntopo.analysis.head import HeadTopology, analyse, points_of
from attntopo.analysis.merge_scales import objects_scale, share_scale, shown_scales
from attntopo.analysis.nulls import NULLS, Null, find_null, surrogate_attention
from attntopo.analysis.paired import (
    PairedComparison,
    heads_compared,
    paired_comparison,
    rtd_lite,
)
from attntopo.analysis.paired_merges import (
    MergeShifts,
    cophenetic_distances,
    merge_height_correlation,
    merge_shifts,
)
from attntopo.analysis.paired_points import matched_points
from attntopo.analysis.perturbations import PERTURBATIONS, Perturbation, PerturbedPhoto, perturb
from attntopo.analysis.quantities import (
    QUANTITIES,
    HeadSummary,
    Quantity,
    mean_tree,
    summarise_head,
)
from attntopo.analysis.sample_pairs import DeathsOnDisk, deaths_of_photos, pair_distances
from attntopo.analysis.stability import (
    DiagramDistances,
    HeadStability,
    compare_perturbed,
    diagram_distances,
    distances_to_others,
    offered_strengths,
    stability_of_head,
    surviving_bars,
)
from attntopo.analysis.token_matching import Warp, matched_tokens
from attntopo.analysis.universal_null import certificate_radii, universal_p
