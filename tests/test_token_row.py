"""One token's surroundings, against plain loops."""

import numpy as np
import pytest

import attntopo as at
from attntopo.pick import Pick, parse_pick
from attntopo.token_row import around_token


@pytest.mark.parametrize("tokens", ["all", "patches"])
@pytest.mark.parametrize("point", [0, 17, 200])
def test_the_five_that_matter_most(tokens, point, coffee):
    found = at.analyse(coffee, 9, 3, tokens=tokens)
    attention, token = coffee.head(9, 3), int(found.distances.tokens[point])
    to = sorted(range(257), key=lambda other: (-attention[token, other], other))[:5]
    by = sorted(range(257), key=lambda other: (-attention[other, token], other))[:5]
    values = found.distances.values[point]
    near = sorted((k for k in range(len(values)) if k != point), key=lambda k: (values[k], k))[:5]
    rows = around_token(attention, found.distances, point)
    assert rows == [
        (
            (to[k], attention[token, to[k]]),
            (by[k], attention[by[k], token]),
            (int(found.distances.tokens[near[k]]), values[near[k]]),
        )
        for k in range(5)
    ]


def test_a_single_token_has_no_neighbours():
    alone = at.row_distances(np.ones((1, 1)))
    assert around_token(np.ones((1, 1)), alone, 0) == []


def test_selections_are_read():
    assert parse_pick("a-token-37") == Pick("token", "a", -1, 37)
    assert parse_pick("b-h1-4") == Pick("bar", "b", 1, 4)
    assert parse_pick("pair-h0-wasserstein-2-5") == Pick("pair", "", 0, 5, "h0-wasserstein-2")
    for text in ("none", "", "a-h0-", "a-h0-4 ", "A-h0-4", "pair-h0-bottleneck-"):
        assert parse_pick(text) is None
