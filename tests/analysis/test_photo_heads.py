"""What is kept of one head of many photos: the numbers against their definitions."""

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis.features import feature_names
from attntopo.analysis.photo_sets.heads import numbers_at, photo_head
from attntopo.distances import DISTANCES


@pytest.mark.parametrize(("layer", "head"), [(9, 3), (4, "mean"), (6, "rollout")])
def test_numbers_are_those_of_the_whole_analysis(astronaut, layer, head):
    kept = photo_head(astronaut, layer, head, "jensen-shannon")
    topology = at.analyse(astronaut, layer, head, "jensen-shannon")
    for scale in np.quantile(topology.tree.lengths, (0.2, 0.9, 1.0)).tolist():
        skeleton = at.skeleton_at(topology.distances, topology.tree, scale)
        births, deaths = topology.diagrams[1].T
        assert numbers_at(kept, scale) == {
            "components": skeleton.n_components,
            "single": skeleton.n_single,
            "largest": pytest.approx(100 * skeleton.sizes.max() / 257),
            "loops": ((births <= scale) & (scale < deaths)).sum(),
        }
    threshold = DISTANCES["jensen-shannon"].default_scale
    assert kept.features == at.head_features(astronaut, layer, head, topology.diagrams, threshold)
    assert (kept.grid, kept.n_prefix, kept.patches_box) == ((16, 16), 1, (0, 0, 1, 1))


def test_the_prefix_is_left_out_with_it(astronaut):
    kept = photo_head(astronaut, 9, 3, "jensen-shannon", "patches")
    assert kept.n_prefix == 0
    assert len(kept.summary.tree.colours) == 256


def test_every_feature_has_a_name_that_is_listed(astronaut):
    names = list(photo_head(astronaut, 9, 3, "jensen-shannon").features)
    assert [name for name in feature_names() if name in names] == names
    # What this model lacks: it has one prefix token.
    assert set(feature_names()) - set(names) == {"template: other prefix tokens"}
