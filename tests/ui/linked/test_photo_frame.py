"""Where photo and patches lie on a canvas, by the arithmetic of similar rectangles."""

import pytest

from tests.harness.javascript import run_modules

IMPORTS = {"photo_frame.js": "boxOnCanvas, frameOf"}


def framed(kind: str, size, box, grid=(16, 16), stretch=1):
    side = {"photo": {"size": size, "box": box}, "grid": grid, "stretch": stretch}
    return run_modules(IMPORTS, "frameOf(given.side, given.kind)", {"side": side, "kind": kind})


@pytest.mark.parametrize(
    ("size", "box", "shown", "ratio"),
    [
        ((640, 427), (0, 0, 1, 1), [0, 0, 1, 1], 640 / 427),  # squashed: in its own ratio
        ((512, 512), (0.1, 0.1, 0.9, 0.9), [0, 0, 1, 1], 1),  # cropped: all of the photo
        ((200, 100), (0, -0.5, 1, 1.5), [0, -0.5, 1, 1.5], 1),  # padded: with what was added
        ((300, 600), (-0.1, 0.2, 0.8, 1.3), [-0.1, 0, 1, 1.3], 330 / 780),
    ],
)
def test_the_whole_photo_is_shown_in_its_own_ratio(size, box, shown, ratio):
    frame = framed("photo", size, box)
    assert frame["shown"] == shown
    assert frame["ratio"] == pytest.approx(ratio)


def test_as_the_model_sees_it_patches_are_square_and_nothing_else_is_there():
    frame = framed("model", (640, 427), (0.2, 0, 0.8, 1), grid=(16, 24))
    assert (frame["shown"], frame["ratio"]) == ([0.2, 0, 0.8, 1], 24 / 16)
    # A row of tokens has no photo to be seen whole: its patches are drawn taller.
    frame = framed("photo", (144, 1), (0, 0, 1, 1), grid=(1, 144), stretch=18)
    assert frame["ratio"] == 144 / 18


def test_a_box_of_the_photo_lies_where_it_does_on_the_picture():
    given = {"shown": [-0.5, 0, 1, 2], "box": [0, 0.5, 0.5, 1.5]}
    placed = run_modules(IMPORTS, "boxOnCanvas(given.shown, given.box, 300, 400)", given)
    assert placed == [100, 100, 100, 200]
