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
    knock_out_effort,
    matching_efforts,
    nulls_effort,
    paired_effort,
    perturbed_effort,
    token_comparison_effort,
)
from attntopo.analysis.evidence import (
    MOST_DRAWS,
    HeadEvidence,
    evidence_of_heads,
    heads_by_chance,
    longest_in_draw,
    null_draws,
)
from attntopo.analysis.evidence_error import EvidenceError
from attntopo.analysis.features import CONVENTIONS, feature_names, head_features
from attntopo.analysis.filtration_steps import (
    SliderRange,
    event_steps,
    first_steps,
    most_components_step,
    pair_steps,
    slider_range,
)
from attntopo.analysis.findings.results import all_findings, read_findings
from attntopo.analysis.findings.sentences import Curves, Estimates, Interval, Section
from attntopo.analysis.findings.what_holds import findings_sections
from attntopo.analysis.grown_regions import grow_regions
from attntopo.analysis.head import HeadTopology, analyse, opening_head, points_of
from attntopo.analysis.knock_outs import KnockOut, knock_out
from attntopo.analysis.label_maps import (
    OBJECTS_CHOICE,
    ComponentChoice,
    ComponentError,
    LabelMap,
    label_map,
    labelled_components,
)
from attntopo.analysis.lifetimes import LEAST_TOKENS, components_by_lifetime
from attntopo.analysis.merge_scales import (
    OBJECTS_SHARE,
    objects_scale,
    share_scale,
    shown_scales,
)
from attntopo.analysis.nulls import NULLS, Null, find_null, surrogate_attention
from attntopo.analysis.paired import (
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
from attntopo.analysis.paired_result import PairedComparison
from attntopo.analysis.perturbations import PERTURBATIONS, Perturbation, PerturbedPhoto, perturb
from attntopo.analysis.photo_sets.arrangement import (
    N_NEIGHBOURS,
    Clustering,
    cluster_photos,
    map_photos,
    nearest_photos,
    outlier_scores,
)
from attntopo.analysis.photo_sets.collection import (
    CollectionError,
    PhotoBaselines,
    PhotoMeasures,
    measure_photo,
    photo_baselines,
)
from attntopo.analysis.photo_sets.features import (
    Label,
    all_features_effort,
    feature_table,
    features_of_head,
    features_of_heads,
    group_rows,
    largest_by_head,
)
from attntopo.analysis.photo_sets.group_tests import GroupComparison, compare_groups, groups_effort
from attntopo.analysis.photo_sets.heads import (
    NUMBERS_AT_SCALE,
    PhotoHead,
    numbers_at,
    photo_head,
    photo_head_effort,
)
from attntopo.analysis.photo_sets.mantel import MantelTest, mantel_test
from attntopo.analysis.photo_sets.measures import (
    BASELINES,
    PHOTO_DISTANCES,
    PhotoDistance,
    standard_scores,
)
from attntopo.analysis.photo_sets.pairs import PairDistances
from attntopo.analysis.quantities import (
    QUANTITIES,
    HeadSummary,
    Quantity,
    is_outlasted_by_all,
    mean_tree,
    summarise_head,
)
from attntopo.analysis.ranks import (
    FEWER_THAN_FOUR,
    FEWEST_DRAWS,
    LONGER_THAN,
    NEVER_ABSORBED,
    Longest,
    NullDraws,
    Rank,
    component_life,
    longest_life,
    longest_loop,
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
from attntopo.analysis.token_comparison import TokenComparison, compare_tokens, paired_or_note
from attntopo.analysis.token_matching import Warp, matched_tokens
from attntopo.analysis.universal_null import NOT_A_METRIC, certificate_radii, universal_p
