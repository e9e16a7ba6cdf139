"""The ring of attention has the loop that anyone can foresee, and with a gap none."""

import numpy as np
from ripser import ripser

import attntopo as at


def diagram(head: int) -> np.ndarray:
    distances = at.row_distances(at.ring_attention().head(0, head), "jensen-shannon")
    return ripser(distances.values, distance_matrix=True, maxdim=1, coeff=2)["dgms"][1]


def test_the_closed_ring_has_one_loop_over_most_of_the_scale():
    lengths = np.sort(np.diff(diagram(0)).ravel())
    assert lengths[-1] > 0.6  # of 0.833, the distance's bound
    assert lengths[:-1].sum() < 0.05


def test_with_a_gap_there_is_no_loop():
    assert np.diff(diagram(1)).sum() < 0.05


def test_the_loop_goes_round_the_whole_ring_and_stays_on_it():
    ring = at.ring_attention()
    topology = at.analyse(ring, 0, 0, "jensen-shannon")
    (cycle,) = at.representative_cycles(topology.distances, topology.diagrams)
    (loop,) = cycle.loops
    rows, columns = np.divmod(loop - 1, 16)
    # Painted on the picture, every patch of the loop has the ring's colour.
    assert (ring.input_pixels[14 * rows, 14 * columns] == (240, 168, 48)).all()
    angles = np.unwrap(np.arctan2(rows - 7.5, columns - 7.5), period=2 * np.pi)
    turns = (angles[-1] - angles[0]) / (2 * np.pi)
    assert 0.8 < abs(turns) < 1.2


def test_the_ground_is_one_component_from_the_start():
    topology = at.analyse(at.ring_attention(), 0, 0, "jensen-shannon")
    skeleton = at.skeleton_at(topology.distances, topology.tree, 0.0)
    pixels = at.ring_attention().input_pixels[::14, ::14].reshape(-1, 3)
    ground = 1 + np.nonzero((pixels == (54, 66, 82)).all(axis=1))[0]
    assert len(set(skeleton.leaders[np.append(0, ground)])) == 1
