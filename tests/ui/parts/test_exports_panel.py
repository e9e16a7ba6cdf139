"""What the page offers to take away is what it shows."""

import numpy as np
import pytest

import attntopo as at
from attntopo.links.options import CHOICES
from attntopo.links.view import View
from attntopo.photos.samples import SAMPLES
from tests.harness.app import open_app, printed, script, table, tiles


def random_view(seed: int) -> View:
    """A view at random: in ten, each distance is there twice, each choice of tokens five times.

    In two nobody has chosen a scale, and in two each photo is at its own.

    Scales go to twice the default one, beyond which all tokens are one component on most heads.
    """
    draw = np.random.default_rng(seed)
    a, b = draw.choice(SAMPLES, size=2)
    distance = at.DISTANCES[list(at.DISTANCES)[seed % 5]]
    end = min(2 * distance.default_scale, distance.bound(257))
    return View(
        a=str(a),
        b=str(b),
        layer=int(draw.integers(12)),
        head=int(draw.integers(6)),
        distance=distance.key,
        scale=None if seed in (0, 6) else int(draw.integers(round(end * 100_000) + 1)) / 100_000,
        share=(None, 61.25)[seed in (3, 6)],
        tokens=CHOICES["tokens"][seed // 5],
    )


@pytest.mark.parametrize("seed", range(10))
def test_the_script_prints_the_numbers_of_the_page(seed, capsys, model, monkeypatch):
    monkeypatch.setattr(at, "load_model", lambda _: model)  # not anew for each
    app = open_app("compare", **random_view(seed).to_query())
    assert not app.warning
    code = script(app)
    capsys.readouterr()
    exec(code, {})
    rows = printed(capsys.readouterr().out)
    assert rows == table(app)
    named = {row[0]: row for row in rows}
    assert tiles(app) == {
        "H0 bottleneck": named["H0 bottleneck"][3],
        "H1 bottleneck": named["H1 bottleneck"][3],
        "Components A | B": " | ".join(named["components"][1:3]),
        "Loops A | B": " | ".join(named["loops"][1:3]),
    }
    assert len({tuple(row) for row in rows}) == len(rows) == 14


def test_everything_can_be_downloaded():
    app = open_app()
    labels = [button.proto.label for button in app.get("download_button")]
    assert sorted(labels) == [
        "Attention of A (NPZ)",
        "Attention of B (NPZ)",
        "Betti curves (CSV)",
        "Diagrams (CSV)",
        "Distances (NPZ)",
        "Download the numbers (CSV)",
        "Report (HTML)",
        "Vectors (NPZ)",
    ]
