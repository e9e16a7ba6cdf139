"""Certificates, universal p and ranks as the browser gets them, against the library one by one."""

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis import (
    EvidenceError,
    NullDraws,
    certificate_radii,
    component_life,
    universal_p,
)
from attntopo.figures.linked_evidence import certificates, noise_chances, ranked


@pytest.fixture(scope="module")
def topology(coffee) -> at.HeadTopology:
    return at.analyse(coffee, 9, 3, "jensen-shannon")


def test_certificates_are_half_the_length(topology):
    for dimension in (0, 1):
        said = certificates(topology, dimension)
        radii = certificate_radii(topology.diagrams[dimension])
        assert [np.inf if one is None else one for one in said] == pytest.approx(radii, abs=1e-6)
    assert certificates(topology, 0).count(None) == 1


def test_p_times_the_number_of_bars_is_the_corrected_p(topology):
    said = noise_chances(topology)
    many = sum(p is not None for p in said)
    corrected = [np.nan if p is None else min(1.0, many * p) for p in said]
    expected = universal_p(topology.diagrams[1], "jensen-shannon")
    assert np.allclose(corrected, expected, rtol=1e-5, equal_nan=True)
    assert min(corrected) < 1


def test_the_attention_graph_has_no_p(coffee):
    topology = at.analyse(coffee, 9, 3, "attention-graph")
    assert noise_chances(topology) == [None] * len(topology.diagrams[1])


def test_every_bar_and_component_has_the_rank_that_it_has_alone(topology):
    births, deaths = topology.diagrams[1].T
    random = np.random.default_rng(1)
    done = {draw: tuple(random.uniform(0, (deaths - births).max(), 2)) for draw in range(20)}
    draws = [NullDraws.of(some, "spectrum", 0) for some in (done, {})]
    (said,) = ranked(topology, draws)  # without a draw there is nothing to say
    assert said["draws"] == 20
    assert said["matrices"] == "attention matrices that are as smooth as this one"
    assert said["loops"] == [draws[0].rank_loop(length).beaten for length in deaths - births]
    for point, beaten in enumerate(said["components"]):
        try:
            life = component_life(topology.tree, point)
        except EvidenceError:
            assert beaten is None
        else:
            assert beaten == draws[0].rank_component(life).beaten
    assert {None} < set(said["components"])
