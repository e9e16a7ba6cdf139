"""Numbers in sentences say what is so: one of one, some of some, all of all."""

import numpy as np
import pytest

import attntopo as at
from attntopo.wording import components_text, counted, duration_text, share_text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 edges"), (1, "1 edge"), (2, "2 edges"), (1679, "1,679 edges")]
)
def test_a_number_has_its_nouns_form(number, text):
    assert counted(number, "edge") == text


@pytest.mark.parametrize(
    ("components", "single", "text"),
    [
        (1, 0, "1 component"),
        (12, 0, "12 components"),
        (30, 20, "30 components, 20 of them single tokens"),
        (2, 1, "2 components, 1 of them a single token"),
        (1679, 1200, "1,679 components, 1,200 of them single tokens"),
        (257, 257, "257 components, all single tokens"),
    ],
)
def test_single_tokens_are_components_too(components, single, text):
    assert components_text(components, single) == text


@pytest.mark.parametrize(
    ("share", "decimals", "text"),
    [
        (0, 0, "0 %"),
        (1e-9, 0, "<1 %"),
        (0.004, 0, "<1 %"),
        (0.012, 0, "1 %"),
        (0.994, 0, "99 %"),
        (0.996, 0, ">99 %"),
        (1, 0, "100 %"),
        (4e-5, 2, "<0.01 %"),
        (0.1234, 2, "12.34 %"),
        (0.99999, 2, ">99.99 %"),
    ],
)
def test_a_share_is_neither_nothing_of_something_nor_all_of_a_part(share, decimals, text):
    assert share_text(share, decimals) == text


def test_a_refusal_counts_one_token_as_one():
    maps = np.full((1, 1, 6, 6), 1 / 6)
    with pytest.raises(at.AttentionError, match="1 prefix token make 5 tokens; the attention has"):
        at.Attention.from_arrays(maps, (2, 2), 1)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (1, "1 s"), (11.2, "12 s"), (119, "119 s"), (119.5, "2 min"), (200, "4 min")],
)
def test_a_duration_is_never_said_to_be_less(seconds, text):
    assert duration_text(seconds) == text
