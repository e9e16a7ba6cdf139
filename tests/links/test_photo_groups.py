"""Two groups of sample photos in a link."""

import pytest

from attntopo.links import NO_GROUPS, groups_text, parse_groups


@pytest.mark.parametrize(
    "groups", [((), ()), (("camera", "coffee"), ("chelsea",)), ((), ("rocket",)), (("moon",), ())]
)
def test_what_is_written_is_read(groups):
    assert parse_groups(groups_text(*groups)) == groups
    assert (groups_text(*groups) == NO_GROUPS) == (groups == ((), ()))


@pytest.mark.parametrize(
    "text",
    ["", "~", "camera", "camera~coffee~moon", "camera.camera~moon", "camera~camera", "x~moon"],
)
def test_what_is_no_two_groups_is_not_read(text):
    assert parse_groups(text) is None
