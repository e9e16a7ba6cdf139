"""One picture of each canvas of the linked view, as it was when somebody looked at it.

A picture and its reference are compared in blocks of 4 x 4 pixels, whose means antialiasing hardly
changes: a block is another where a channel of its mean is by more than `DIFFERENT` of 255, and at
most `TOLERATED` of the blocks that are painted in either may be others. Moved by 0.3 pixels, 2 %
are; mirrored, 35 %. Words are in Streamlit's own font on every machine.
`python -m tests.harness.linked_page` writes the references anew.
"""

import numpy as np
import pytest
from PIL import Image

from tests.harness.linked_page import CANVASES, PICTURES, LinkedPage, TwoHeads

BLOCK = 4
DIFFERENT = 24
TOLERATED = 0.03


@pytest.fixture(scope="module")
def page(browser):
    page = LinkedPage(browser, TwoHeads())
    yield page
    page.visitor.close()


def blocks(pixels: np.ndarray) -> np.ndarray:
    """Return the mean colour of each block; a rest at the border is left out."""
    rows, columns = (size // BLOCK for size in pixels.shape[:2])
    whole = pixels[: rows * BLOCK, : columns * BLOCK]
    return whole.reshape(rows, BLOCK, columns, BLOCK, 3).mean(axis=(1, 3))


def share_of_others(one: np.ndarray, other: np.ndarray) -> float:
    """Return how many of the blocks that are painted in either picture differ."""
    assert one.shape == other.shape
    first, second = blocks(one), blocks(other)
    painted = ((first < 240) | (second < 240)).any(axis=2)
    different = np.abs(first - second).max(axis=2) > DIFFERENT
    return np.count_nonzero(different) / np.count_nonzero(painted)


def reference(name: str) -> np.ndarray:
    return np.asarray(Image.open(PICTURES / f"{name}.png").convert("RGB"), dtype=float)


@pytest.mark.parametrize("name", CANVASES)
def test_a_canvas_looks_as_it_did(page, name):
    tab, canvas = CANVASES[name]
    page.show(tab=tab)
    assert share_of_others(page.painted(canvas), reference(name)) <= TOLERATED


@pytest.mark.parametrize("name", CANVASES)
def test_another_picture_is_not_tolerated(page, name):
    """Not the other photo's (the curves and the matching show both), and no mirror image."""
    tab, canvas = CANVASES[name]
    page.show(tab=tab)
    painted = page.painted(canvas)
    others = {"across": painted[:, ::-1], "upside down": painted[::-1]}
    if "[0]" in canvas:
        others["of B"] = page.painted(canvas.replace("[0]", "[1]"))
    for how, other in others.items():
        if other.shape == painted.shape:
            assert share_of_others(other, reference(name)) > 3 * TOLERATED, how


@pytest.mark.parametrize("name", CANVASES)
def test_each_picture_follows_the_scale(page, name):
    """All but the matrix and the matching, which are the same at every scale."""
    tab, canvas = CANVASES[name]
    page.show(tab=tab)
    before = page.painted(canvas)
    page.page.evaluate("() => drawn((view) => view.moveTo(150))")
    moved = share_of_others(page.painted(canvas), before)
    if name in ("matrix", "matching"):
        assert moved == 0
    else:
        assert moved > TOLERATED
