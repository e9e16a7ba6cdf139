"""What the benchmarks print and write, of made-up measurements: nothing is timed here."""

import json
import sys

import pytest

from benchmarks import __main__ as command
from benchmarks import parts
from benchmarks.parts import Measured


def made_up(n_tokens: int) -> dict[str, Measured]:
    names = ["scale_move", "head_move", "new_photo", "linked_view", "sent", "distances", "floor"]
    found = {name: Measured(0.001 * n_tokens, 5.0) for name in names}
    return found | {"reference": Measured(1.0 * n_tokens, 9.0), "reference_photo": Measured(3.0, 9)}


def test_the_json_has_the_ratios_of_one_run(tmp_path, monkeypatch, capsys):
    answers = {
        parts.of_tokens: made_up,
        parts.of_atlas: lambda _: Measured(2.0, 120.0),
        parts.of_scaling: lambda: ({257: Measured(0.1, 1)}, {72: Measured(1, 5)}),
    }
    monkeypatch.setattr(command, "_alone", lambda work, *args: answers[work](*args))
    path = tmp_path / "numbers.json"
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--json", str(path), "--tokens", "257", "577"])
    command.main()
    written = json.loads(path.read_text())
    assert set(written) == {"machine", "scale_move", "head_move", "new_photo", "atlas"}
    for name in ("scale_move", "head_move"):
        assert [row["tokens"] for row in written[name]] == [257, 577]
        assert all(row["ratio"] == pytest.approx(1000) for row in written[name])
    assert written["new_photo"][0]["reference_s"] == 3.0  # the model's run is in there, too
    atlas = written["atlas"][1]
    assert (atlas["reference_s"], atlas["ours_s"], atlas["ratio"]) == (577, 2, 288.5)
    assert atlas["peak_mb"] == 120
    assert "257 tokens" in capsys.readouterr().out
