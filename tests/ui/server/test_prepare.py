"""What an image does while it is built: the first page is drawn once, or the build fails."""

import pytest

from attntopo.models import ModelError
from attntopo.ui.results import photo_attention
from attntopo.ui.server import prepare


@pytest.fixture(autouse=True)
def without_sample_pairs(configured):
    configured(ATTNTOPO_SAMPLE_PAIRS="off", ATTNTOPO_READY="off")


def test_it_ends_well_where_the_first_page_is_drawn(capsys):
    prepare.main()
    assert capsys.readouterr().out.startswith("Ready")


def test_it_fails_where_the_first_page_can_not_be_drawn(monkeypatch):
    def attend(*_):
        raise ModelError("No weights are here.")

    monkeypatch.setattr(photo_attention, "attend_layer", attend)
    with pytest.raises(SystemExit) as ended:
        prepare.main()
    assert "No weights are here." in str(ended.value)
