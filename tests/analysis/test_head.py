import numpy as np
import pytest

import attntopo as at
from attntopo.analysis.comparison import count, number_rows, number_text
from attntopo.attention.maps import AttentionError
from attntopo.diagrams.matchings import all_matchings
from attntopo.distances.rows import DistanceError


def test_the_same_head_on_both_sides_is_exactly_zero_apart(astronaut):
    topology = at.analyse(astronaut, 9, 3)
    comparison = at.compare(topology, at.analyse(astronaut, 9, 3))
    assert (comparison.h0_bottleneck, comparison.h1_bottleneck, comparison.notebook) == (0, 0, 0)
    rows = {row["quantity"]: row["between A and B"] for row in at.numbers(topology, topology, 0.05)}
    assert [value for name, value in rows.items() if "Wasserstein" in name] == [0, 0, 0, 0]


def test_patches_only_leaves_the_class_token_out_as_a_point(astronaut):
    whole = at.analyse(astronaut, 9, 3, tokens="all")
    patches = at.analyse(astronaut, 9, 3, tokens="patches")
    assert (patches.distances.values == whole.distances.values[1:, 1:]).all()
    assert len(patches.diagrams[0]) == 256


def test_counts_agree_with_the_diagrams(astronaut):
    topology = at.analyse(astronaut, 9, 3)
    skeleton = at.skeleton_at(topology.distances, topology.tree, 0.0585)
    counts = count(topology, skeleton)
    alive = [
        int(((points[:, 0] <= 0.0585) & (points[:, 1] > 0.0585)).sum())
        for points in topology.diagrams.points
    ]
    assert [counts.components, counts.loops] == alive
    assert counts.edges == (np.triu(topology.distances.values <= 0.0585, 1)).sum()
    assert counts.share_of_edges == counts.edges / (257 * 256 / 2)
    assert counts.single == (skeleton.sizes == 1).sum()


def test_every_number_has_a_row(astronaut, coffee):
    topologies = [at.analyse(attention, 1, 2) for attention in (astronaut, coffee)]
    comparison = at.compare(*topologies)
    counts = [count(one, at.skeleton_at(one.distances, one.tree, 0.05)) for one in topologies]
    matchings = all_matchings(*(one.diagrams for one in topologies))
    rows = {row["quantity"]: row for row in number_rows(comparison, *counts, matchings)}
    assert rows["H0 bottleneck"]["between A and B"] == comparison.h0_bottleneck
    assert rows["H0 bottleneck, as the notebook"]["between A and B"] == comparison.notebook
    assert (rows["edges"]["A"], rows["edges"]["B"]) == (counts[0].edges, counts[1].edges)
    assert all(set(row) == {"quantity", "A", "B", "between A and B"} for row in rows.values())
    diagrams = [topology.diagrams for topology in topologies]
    for dimension in (0, 1):
        for order in (1, 2):
            shown = rows[f"H{dimension} {order}-Wasserstein"]["between A and B"]
            assert shown == at.wasserstein_distance(*diagrams, dimension, order) > 0
    assert list(rows.values()) == at.numbers(*topologies, scale=0.05)


def test_numbers_are_written_as_the_page_shows_them():
    written = [number_text(value) for value in (None, 0.01314, 0.0, 7, "loops")]
    assert written == ["", "0.0131", "0.0000", "7", "loops"]


def test_what_is_not_there_is_refused(astronaut):
    with pytest.raises(AttentionError):
        at.analyse(astronaut, 12, 0)
    with pytest.raises(DistanceError):
        at.analyse(astronaut, 0, 0, distance="euclid")


def test_other_points_than_all_tokens_and_patches_are_refused(astronaut):
    with pytest.raises(ValueError, match="not 'patch'"):
        at.analyse(astronaut, 0, 0, tokens="patch")
