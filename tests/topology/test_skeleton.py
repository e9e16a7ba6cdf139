import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import attntopo as at
from attntopo.topology import merge_trees
from attntopo.topology.edge_sorting import edge_order
from attntopo.topology.merge_trees import COLOURED_SIZE, GREY, N_COLOURS, merge_tree
from attntopo.topology.skeleton import PALE, SINGLE, skeleton_at
from tests.harness.metrics import as_distances, random_metric


def tied_metric(seed: int, n: int = 20) -> np.ndarray:
    return np.ceil(random_metric(seed, n) * 4) / 4


@given(st.integers(0, 10_000), st.booleans(), st.floats(0, 4))
@settings(max_examples=60, deadline=None)
def test_the_skeleton_equals_networkx(seed, tied, scale):
    values = tied_metric(seed) if tied else random_metric(seed)
    distances = as_distances(values)
    skeleton = skeleton_at(distances, merge_tree(distances), scale)
    graph = networkx.Graph()
    graph.add_nodes_from(range(len(values)))
    graph.add_edges_from(
        (i, j)
        for i in range(len(values))
        for j in range(i + 1, len(values))
        if values[i, j] <= scale
    )
    assert {tuple(edge) for edge in skeleton.edges.tolist()} == set(graph.edges)
    components = list(networkx.connected_components(graph))
    assert skeleton.n_components == len(components)
    assert skeleton.n_single == sum(len(component) == 1 for component in components)
    for component in components:
        members = sorted(component)
        assert len(set(skeleton.leaders[members])) == 1
        assert skeleton.leaders[members[0]] in component
        assert (skeleton.sizes[members] == len(component)).all()


@pytest.mark.parametrize("make", [random_metric, tied_metric])
def test_edges_are_in_the_one_total_order(make):
    values = make(1)
    i, j, lengths = edge_order(values)
    radius = min(max(row) for row in values.tolist())  # the enclosing radius
    expected = sorted(
        (values[a, b], a, b) for a in range(20) for b in range(a + 1, 20) if values[a, b] <= radius
    )
    assert list(zip(lengths, i, j, strict=True)) == expected
    assert 20 < len(expected) <= 190


@pytest.mark.parametrize("make", [random_metric, tied_metric])
@pytest.mark.parametrize("seed", range(5))
def test_the_merge_tree_is_kruskal_in_the_total_order(make, seed):
    values = make(seed)
    tree = merge_tree(as_distances(values))
    groups = {point: {point} for point in range(len(values))}
    merges = []
    for length, i, j in zip(*[edge_order(values)[k] for k in (2, 0, 1)], strict=True):
        if groups[i] is groups[j]:
            continue
        leaders = []
        for group in (groups[i], groups[j]):
            leaders.append((-len(group), leader_of(group, merges)))
        leaders.sort()
        merges.append((length, (i, j), leaders[0][1], leaders[1][1]))
        groups[i] |= groups[j]
        for point in groups[i]:
            groups[point] = groups[i]
    assert [tuple(edge) for edge in tree.edges.tolist()] == [merge[1] for merge in merges]
    assert tree.survivors.tolist() == [merge[2] for merge in merges]
    assert tree.absorbed.tolist() == [merge[3] for merge in merges]


def leader_of(group: set[int], merges: list) -> int:
    """The member that no merge has absorbed."""
    (leader,) = group - {merge[3] for merge in merges}
    return leader


@pytest.mark.parametrize("n", [1, 2, 60])
def test_merge_trees_are_the_same_where_nothing_can_be_compiled(n, monkeypatch):
    distances = as_distances(random_metric(0, n).round(2))
    compiled = merge_tree(distances)
    for name in ("_merge", "_lives", "_choose_colours"):
        monkeypatch.setattr(merge_trees, name, getattr(merge_trees, name).__wrapped__)
    for name, values in vars(merge_tree(distances)).items():
        assert np.array_equal(values, getattr(compiled, name)), name


def test_colours_of_components_alive_together_differ(astronaut):
    distances = at.row_distances(astronaut.head(9, 3))
    tree = merge_tree(distances)
    coloured = total = 0
    for scale in np.arange(0.02, 0.1, 0.001):
        skeleton = skeleton_at(distances, tree, scale)
        big = {}
        for leader in np.unique(skeleton.leaders):
            members = skeleton.leaders == leader
            (number,) = set(skeleton.colours[members])
            size = members.sum()
            if size == 1:
                assert number == SINGLE
            elif size < COLOURED_SIZE:
                assert number == PALE
            else:
                big[leader] = number
        taken = [number for number in big.values() if number != GREY]
        assert len(taken) == len(set(taken))
        assert all(0 <= number < N_COLOURS for number in taken)
        coloured, total = coloured + len(taken), total + len(big)
    assert coloured / total > 0.6


def test_a_colour_stays_with_its_leader_at_every_scale(coffee):
    distances = at.row_distances(coffee.head(9, 3))
    tree = merge_tree(distances)
    seen: dict[int, set[int]] = {}
    for scale in np.arange(0.02, 0.1, 0.002):
        skeleton = skeleton_at(distances, tree, scale)
        for point in np.nonzero(skeleton.sizes >= COLOURED_SIZE)[0]:
            seen.setdefault(int(skeleton.leaders[point]), set()).add(int(skeleton.colours[point]))
    assert seen
    assert all(len(numbers) == 1 for numbers in seen.values())
