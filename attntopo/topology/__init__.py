"""Row distances -> persistence diagrams, cycles, merge tree, 1-skeleton, layout in 3D."""

from attntopo.topology.cycles import Cycle, CycleFinder, representative_cycles
from attntopo.topology.edge_links import EdgeLinks, PersistenceError, find_links
from attntopo.topology.effort import cycles_effort, layout_effort, spring_effort
from attntopo.topology.layout import (
    Layout,
    LayoutError,
    check_springs,
    distance_layout,
    spring_layout,
)
from attntopo.topology.merge_trees import (
    COLOURED_SIZE,
    GREY,
    N_COLOURS,
    MergeTree,
    leader_lives,
    merge_tree,
    merging_sizes,
)
from attntopo.topology.persistence import Diagrams, persistence_diagrams
from attntopo.topology.rips_bars import bars_of, find_bars
from attntopo.topology.skeleton import (
    PALE,
    SINGLE,
    Components,
    Skeleton,
    components_at,
    skeleton_at,
)
