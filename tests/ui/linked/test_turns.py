"""Pictures that take turns: each is drawn again and again, none too often, and all at rest."""

from tests.harness.javascript import run_modules

CLOCK = """
await (async () => {
  let clock = 0;
  globalThis.performance = { now: () => clock };
  const turns = new Turns();
  const frames = [];
  for (const all of given.frames) {
    const drawn = [];
    turns.draw(given.takes.map((ms, k) => () => { clock += ms; drawn.push(k); }), all);
    frames.push(drawn);
  }
  return frames;
})()
"""


def frames(takes: list[int], at_rest: list[bool]) -> list[list[int]]:
    """Which pictures, of so many milliseconds each, are drawn in which frame."""
    return run_modules({"turns.js": "Turns"}, CLOCK, {"takes": takes, "frames": at_rest})


def test_quick_pictures_are_all_drawn_in_every_frame():
    assert [sorted(one) for one in frames([1, 1, 1], [False] * 5)] == [[0, 1, 2]] * 5


def test_slow_pictures_take_turns_and_all_are_drawn_at_rest():
    moving = frames([9, 2, 9], [False] * 6 + [True])
    assert sorted(moving[-1]) == [0, 1, 2]
    drawn = [k for frame in moving[:-1] for k in frame]
    assert all(len(frame) < 3 for frame in moving[:-1])
    assert drawn == [k % 3 for k in range(len(drawn))]  # one after the other, none left out
