"""All that is said of two heads token by token, and what stands where there is nothing to say."""

import numpy as np
import pytest

import attntopo as at
from attntopo.analysis.token_comparison import compare_tokens


def test_it_is_each_measure_both_ways(coffee):
    first, second = (at.analyse(coffee, 9, head, "hellinger").distances for head in (2, 3))
    both = compare_tokens(first, second)
    assert both.numbers == at.paired_comparison(first, second)
    assert (both.shifts[0] == at.merge_shifts(first, second).by_point).all()
    assert (both.shifts[1] == at.merge_shifts(second, first).by_point).all()


@pytest.mark.parametrize(
    ("tokens", "words"), [(range(1, 257), "257 tokens and 256 tokens"), (None, "no unit")]
)
def test_a_sentence_stands_where_there_is_no_number(coffee, tokens, words):
    first = at.row_distances(coffee.head(9, 3), "hellinger")
    equal = at.RowDistances(np.zeros((257, 257)), "hellinger", np.arange(257))
    second = equal if tokens is None else at.row_distances(coffee.head(9, 3), "hellinger", tokens)
    both = compare_tokens(first, second)
    assert both.shifts is None
    assert np.isnan(both.numbers.rtd_lite)
    assert words in both.numbers.note


def test_the_table_of_numbers_has_them_where_tokens_are_the_same(coffee):
    topologies = [at.analyse(coffee, 9, head, "hellinger") for head in (2, 3)]
    plain = at.numbers(*topologies, scale=0.2)
    rows = at.numbers(*topologies, scale=0.2, same_tokens=True)
    assert rows[2:] == plain
    distances = [one.distances for one in topologies]
    assert [(one["quantity"], one["between A and B"]) for one in rows[:2]] == [
        ("RTD-lite", at.rtd_lite(*distances)),
        ("merge-height correlation", at.merge_height_correlation(*distances)),
    ]
    patches = at.analyse(coffee, 9, 3, "hellinger", "patches")
    rows = at.numbers(topologies[0], patches, scale=0.2, same_tokens=True)
    assert "257 tokens and 256 tokens" in rows[0]["between A and B"]
