"""One token's surroundings, against plain loops."""

import numpy as np
import pytest

import attntopo as at
from attntopo.distances.token_neighbours import around_token
from attntopo.links.selection import Selection, parse_selection


@pytest.mark.parametrize("tokens", ["all", "patches"])
@pytest.mark.parametrize("point", [0, 17, 200])
def test_the_five_that_matter_most(tokens, point, coffee):
    topology = at.analyse(coffee, 9, 3, tokens=tokens)
    attention, token = coffee.head(9, 3), int(topology.distances.tokens[point])
    to = sorted(range(257), key=lambda other: (-attention[token, other], other))[:5]
    by = sorted(range(257), key=lambda other: (-attention[other, token], other))[:5]
    values = topology.distances.values[point]
    near = sorted((k for k in range(len(values)) if k != point), key=lambda k: (values[k], k))[:5]
    rows = around_token(attention, topology.distances, point)
    assert rows == [
        (
            (to[k], attention[token, to[k]]),
            (by[k], attention[by[k], token]),
            (int(topology.distances.tokens[near[k]]), values[near[k]]),
        )
        for k in range(5)
    ]


def test_a_single_token_has_no_neighbours():
    alone = at.row_distances(np.ones((1, 1)))
    assert around_token(np.ones((1, 1)), alone, 0) == []


def test_selections_are_read():
    assert parse_selection("a-token-37") == Selection("token", "a", -1, 37)
    assert parse_selection("b-h1-4") == Selection("bar", "b", 1, 4)
    assert parse_selection("pair-h0-wasserstein-2-5") == Selection(
        "pair", "", 0, 5, "h0-wasserstein-2"
    )
    for text in ("none", "", "a-h0-", "a-h0-4 ", "A-h0-4", "pair-h0-bottleneck-"):
        assert parse_selection(text) is None
