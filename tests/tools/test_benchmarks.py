"""What the benchmarks print and write, of made-up measurements: nothing is timed here."""

import json
import sys

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import parts, peer_steps, peers
from benchmarks.parts import Measured


def beside(n_tokens: int) -> dict[str, object]:
    return {
        "step": "h0",
        "tokens": n_tokens,
        "kind": "real",
        "ours_s": 0.002,
        "peers": {"RedZeD": 0.003},
        "over_s": {"ripser": 2.0},
        "differ": ["GUDHI"],
    }


def made_up(n_tokens: int) -> dict[str, Measured]:
    names = ["scale_move", "head_move", "new_photo", "linked_view", "sent", "distances", "floor"]
    found = {name: Measured(0.001 * n_tokens, 5.0) for name in names}
    return found | {"reference": Measured(1.0 * n_tokens, 9.0), "reference_photo": Measured(3.0, 9)}


def test_the_json_has_the_ratios_of_one_run(tmp_path, monkeypatch, capsys):
    answers = {
        parts.of_tokens: made_up,
        parts.of_atlas: lambda _: Measured(2.0, 120.0),
        parts.of_scaling: lambda: ({257: Measured(0.1, 1)}, {72: Measured(1, 5)}),
        peers.of_peers: lambda tokens: {"rows": [beside(n) for n in tokens], "missing": ["gph"]},
    }
    monkeypatch.setattr(command, "alone", lambda work, *args: answers[work](*args))
    path = tmp_path / "numbers.json"
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--json", str(path), "--tokens", "257", "577"])
    command.main()
    written = json.loads(path.read_text())
    assert set(written) == {"machine", "scale_move", "head_move", "new_photo", "atlas", "peers"}
    assert written["peers"] == [beside(257), beside(577)]
    for name in ("scale_move", "head_move"):
        assert [row["tokens"] for row in written[name]] == [257, 577]
        assert all(row["ratio"] == pytest.approx(1000) for row in written[name])
    assert written["new_photo"][0]["reference_s"] == 3.0  # the model's run is in there, too
    atlas = written["atlas"][1]
    assert (atlas["reference_s"], atlas["ours_s"], atlas["ratio"]) == (577, 2, 288.5)
    assert atlas["peak_mb"] == 120
    printed = capsys.readouterr().out
    assert "257 tokens" in printed
    assert "gph: not installed" in printed
    assert "RedZeD 3.0 ms (1.5x), ripser over 2.00 s, GUDHI: another answer" in printed


# --- other libraries ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def timed() -> dict[str, list[tuple[peers.Row, peers.Timed]]]:
    """All rows of 24 tokens, each call once."""
    real, other = (np.random.default_rng(seed).dirichlet(np.ones(24), size=24) for seed in (5, 6))
    found: dict[str, list[tuple[peers.Row, peers.Timed]]] = {}
    for row in peers.rows_of(24, real, other):
        found.setdefault(row.step, []).append((row, peers.time_row(row, runs=1, limit=60)))
    return found


def test_every_peer_of_persistence_and_matchings_agrees_with_ours(timed):
    missing = peer_steps.missing()
    for step in ("h0", "h0-h1", "bottleneck", "wasserstein"):
        expected = {
            name for name in peer_steps.STEPS[step].peers if not any(one in name for one in missing)
        }
        for row, one in timed[step]:
            assert set(one.peers) == expected, (row.kind, one.differ)
            assert not one.over_s
            assert one.ours_s > 0
    assert {row.kind.partition(",")[0] for row, _ in timed["h0-h1"]} == {
        "real", "random rows", "one-hot rows", "uniform rows", "all equal",
    }  # fmt: skip


def test_a_peer_with_another_answer_is_not_timed(monkeypatch):
    def wrong(values: np.ndarray, dimension: int) -> list[np.ndarray]:
        return [np.array([[0.0, 0.5]])] * (dimension + 1)

    step = peer_steps.STEPS["h0-h1"]
    monkeypatch.setitem(
        peer_steps.STEPS,
        "h0-h1",
        peer_steps.Step(step.ours, {"wrong": wrong, **step.peers}, step.agree),
    )
    values = np.ones((9, 9)) - np.eye(9)
    row = peers.Row("h0-h1", 9, "all equal", (values, 1), 9)
    found = peers.time_row(row, runs=1, limit=60)
    assert found.differ == ["wrong"]
    assert "wrong" not in found.peers


def test_a_peer_that_would_take_too_long_is_not_begun(monkeypatch):
    begun, now = [], [0.0]

    def slow(values: np.ndarray, dimension: int) -> list[np.ndarray]:
        begun.append(len(values))
        now[0] += 1
        return ours(values, dimension)

    ours, agree = peer_steps.STEPS["h0"].ours, peer_steps.STEPS["h0"].agree
    monkeypatch.setitem(peer_steps.STEPS, "h0", peer_steps.Step(ours, {"slow": slow}, agree))
    monkeypatch.setattr(peers.time, "process_time", lambda: now[0])
    values = np.ones((200, 200)) - np.eye(200)
    row = peers.Row("h0", 200, "all equal", (values, 0), 200)
    found = peers.time_row(row, runs=1, limit=2)
    assert found.over_s == {"slow": 2}
    assert not found.peers
    assert begun == [peers.SMALL, peers.SMALL]
