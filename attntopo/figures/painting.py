"""A photo with its components and what is selected painted on it, as the linked view paints it."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from attntopo.figures.marks import Marks
from attntopo.figures.palette import rgb_colour
from attntopo.figures.tokens import OPACITY, TokenGrid
from attntopo.topology import SINGLE, Skeleton

_LUMINANCE = np.array([0.299, 0.587, 0.114])
_HEAT = np.array([255, 210, 61])
_GROUPS = (np.array([213, 94, 0]), np.array([0, 114, 178]))
_LOOP, _EDGE, _TOKEN, _NEAR = (214, 0, 108), (17, 17, 17), (255, 45, 138), (86, 180, 233)
_WHITE = (255, 255, 255)
_GROUP_OPACITY = 0.55
_ALL = (0.0, 0.0, 1.0, 1.0)
_UNSEEN = 0.72  # how much white lies over what the model didn't see
_LIGHTLY = 0.4  # of the paint, for the largest component
_SMOOTH = 2  # lines are drawn so many times as large, and made smaller: they have no steps then
_LINE_PER_PIXEL = 1 / 420  # thickness of a line, per pixel of the picture's longer side


@dataclass(frozen=True, eq=False)
class WholePhoto:
    """A photo, of which the patches cover a part.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
    box : tuple of float
        Left, top, right and bottom of the patch grid, in widths and heights of the photo.
    """

    pixels: np.ndarray
    box: tuple[float, float, float, float]


def painted_photo(
    tokens: TokenGrid,
    skeleton: Skeleton,
    marks: Marks | None = None,
    opacity: float = OPACITY,
    longest: int = 720,
    whole: WholePhoto | None = None,
) -> Image.Image:
    """Paint a photo.

    Parameters
    ----------
    tokens : TokenGrid
    skeleton : Skeleton
        Of the same points.
    marks : Marks, optional
        What is selected: heat and groups take the components' place, loops and edges lie on them.
    opacity : float
        Of the components' colours, from 0 to 1.
    longest : int
        Pixels of the longer side.
    whole : WholePhoto, optional
        The photo to paint on, in its own ratio, what no patch covers dimmed; by default what the
        patches cover, as the model saw it.

    Returns
    -------
    PIL.Image.Image
        RGB.
    """
    # A row of tokens is drawn with patches taller than wide: no photo has that ratio.
    picture = _Picture(tokens, longest, whole if tokens.stretch == 1 else None)
    if marks is not None and marks.heat is not None:
        picture.pixels = np.where(picture.seen, 0.65 * picture.grey, picture.pixels)
        picture.tint(marks.heat * 0.85, np.broadcast_to(_HEAT, (len(marks.heat), 3)))
    elif marks is not None and marks.groups:
        picture.paint_groups(marks.groups)
    else:
        own = opacity if marks is None else 0.45 * opacity  # what is marked stands out
        picture.paint_components(skeleton, own)
    picture.draw_marks(marks)
    return picture.image()


class _Picture:
    """The picture while it is painted: pixels, and lines that are laid over them in the end."""

    def __init__(self, tokens: TokenGrid, longest: int, whole: WholePhoto | None) -> None:
        rows, columns = tokens.grid
        if whole is None:
            photo, box = tokens.enlarged, _ALL
            ratio = columns / (rows * tokens.stretch)
        else:
            photo, box = whole.pixels, whole.box
            ratio = photo.shape[1] / photo.shape[0]
        # With what the processor added around the photo, if it did.
        left, top = (min(0.0, place) for place in box[:2])
        across, down = (
            max(1.0, end) - start for start, end in zip((left, top), box[2:], strict=True)
        )
        ratio *= across / down
        self.width = longest if ratio >= 1 else max(1, round(longest * ratio))
        self.height = longest if ratio < 1 else max(1, round(longest / ratio))
        self.tokens = tokens
        x, y = self.width / across, self.height / down  # pixels a width and a height of the photo
        ground = Image.new("RGB", (self.width, self.height))
        size = max(1, round(x)), max(1, round(y))
        resized = Image.fromarray(photo).resize(size, Image.Resampling.BICUBIC)
        ground.paste(resized, (round(-left * x), round(-top * y)))
        self.pixels = np.asarray(ground, dtype=np.float64)
        # Whole pixels: neighbours share their border, without a seam.
        self.across, self.down = (
            np.rint(np.linspace((start - first) * unit, (end - first) * unit, number + 1))
            .clip(0, most)
            .astype(int)
            for start, end, first, unit, number, most in (
                (box[0], box[2], left, x, columns, self.width),
                (box[1], box[3], top, y, rows, self.height),
            )
        )
        self.seen = np.zeros((self.height, self.width, 1), dtype=bool)
        self.seen[self.down[0] : self.down[-1], self.across[0] : self.across[-1]] = True
        self.pixels = np.where(self.seen, self.pixels, (1 - _UNSEEN) * self.pixels + _UNSEEN * 255)
        self.grey = np.repeat((self.pixels @ _LUMINANCE)[:, :, None], 3, axis=2)
        self.point = np.full((rows, columns), -1)
        on_photo = tokens.cells[:, 0] >= 0
        self.point[tuple(tokens.cells[on_photo].T)] = np.nonzero(on_photo)[0]
        size = (self.width * _SMOOTH, self.height * _SMOOTH)
        self.lines = Image.new("RGBA", size)
        self.draw = ImageDraw.Draw(self.lines, "RGBA")
        self.unit = max(1.0, longest * _LINE_PER_PIXEL) * _SMOOTH

    def image(self) -> Image.Image:
        photo = Image.fromarray(np.rint(self.pixels).clip(0, 255).astype(np.uint8))
        lines = self.lines.resize(photo.size, Image.Resampling.BOX)
        return Image.alpha_composite(photo.convert("RGBA"), lines).convert("RGB")

    def _spread(self, of_points: np.ndarray) -> np.ndarray:
        """Spread a value of each point, 0 for none, over its patch's pixels."""
        values = np.where(
            (self.point >= 0)[..., *[None] * (of_points.ndim - 1)], of_points[self.point], 0
        )
        spread = values.repeat(np.diff(self.down), axis=0).repeat(np.diff(self.across), axis=1)
        around = [
            (int(ends[0]), most - int(ends[-1]))
            for ends, most in ((self.down, self.height), (self.across, self.width))
        ]
        return np.pad(spread, [*around, *[(0, 0)] * (spread.ndim - 2)])

    def tint(self, opacity: np.ndarray, colours: np.ndarray) -> None:
        """Lay a colour over each point's patch: opacities (n_points,), colours (n_points, 3)."""
        share = self._spread(opacity)[:, :, None]
        self.pixels = (1 - share) * self.pixels + share * self._spread(colours)

    def _paint(self, painted: np.ndarray, opacity: float, colours: np.ndarray) -> None:
        # Grey under the paint: a colour would mix with the photo's own into a third one.
        share = self._spread(np.minimum(1.0, 1.6 * opacity * painted))[:, :, None]
        self.pixels = (1 - share) * self.pixels + share * self.grey
        self.tint(painted * opacity, colours)

    def paint_components(self, skeleton: Skeleton, opacity: float) -> None:
        colours = np.array([rgb_colour(number) for number in skeleton.colours.tolist()])
        single = skeleton.colours == SINGLE
        # The largest lightly: the photo stays a photo.
        light = np.where(
            skeleton.leaders == np.argmax(np.bincount(skeleton.leaders)), _LIGHTLY, 1.0
        )
        self._paint(~single * light, opacity, colours)
        self._borders(np.where(single, -1, skeleton.leaders))

    def paint_groups(self, groups: tuple[np.ndarray, ...]) -> None:
        number = np.full(len(self.tokens.cells), -1)
        for k, points in enumerate(groups):
            number[points] = k
        self._paint(number >= 0, _GROUP_OPACITY, np.array(_GROUPS)[np.maximum(number, 0)])
        self._borders(number)

    def _borders(self, names: np.ndarray) -> None:
        """Draw the borders between neighbouring patches whose points have different names."""
        name = np.where(self.point >= 0, names[self.point], -1)
        x, y = self.across * _SMOOTH, self.down * _SMOOTH
        upright = [
            (x[k + 1], y[row], x[k + 1], y[row + 1])
            for row, k in np.argwhere(name[:, 1:] != name[:, :-1])
        ]
        level = [
            (x[k], y[row + 1], x[k + 1], y[row + 1])
            for row, k in np.argwhere(name[1:] != name[:-1])
        ]
        for colour, wide in (((*_WHITE, 190), 2.4), ((20, 20, 20, 230), 1.0)):
            for line in upright + level:
                self.draw.line([int(one) for one in line], colour, max(1, round(wide * self.unit)))

    def draw_marks(self, marks: Marks | None) -> None:
        if marks is None:
            return
        for point in marks.neighbours:
            self._frame(point, _NEAR, 2)
        if marks.point is not None:
            self._frame(marks.point, _TOKEN, 3)
        self._triangle(marks.triangle)
        for loop in marks.loops:
            for i, j in zip(loop.tolist(), np.roll(loop, -1).tolist(), strict=True):
                self._edge(i, j, _LOOP)
            for point in loop.tolist():
                self._dot(point)
        for i, j in marks.edges:
            self._edge(i, j, _EDGE)

    def _middle(self, point: int) -> tuple[float, float] | None:
        """Return where a point is; a token that is no patch has no place on the photo."""
        row, column = self.tokens.cells[point].tolist()
        if row < 0:
            return None
        x = (self.across[column] + self.across[column + 1]) / 2
        y = (self.down[row] + self.down[row + 1]) / 2
        return float(x * _SMOOTH), float(y * _SMOOTH)

    def _frame(self, point: int, colour: tuple[int, int, int], wide: int) -> None:
        row, column = self.tokens.cells[point].tolist()
        if row < 0:
            return
        x, y = self.across * _SMOOTH, self.down * _SMOOTH
        box = [int(x[column]), int(y[row]), int(x[column + 1]) - 1, int(y[row + 1]) - 1]
        width = max(1, round(wide * self.unit))
        self.draw.rectangle(box, None, _WHITE, width + max(1, round(self.unit)))
        self.draw.rectangle(box, None, colour, width)

    def _triangle(self, points: np.ndarray | None) -> None:
        middles = [self._middle(point) for point in (points if points is not None else [])]
        corners = [place for place in middles if place is not None]
        if len(corners) == 3:
            self.draw.polygon(corners, (*_WHITE, 115))

    def _edge(self, i: int, j: int, colour: tuple[int, int, int]) -> None:
        """Draw an edge; of a token that is no patch it ends at the lower border."""
        ends = [self._middle(point) or self._foot(point) for point in (i, j)]
        if self._middle(i) is None and self._middle(j) is None:
            return
        for ink, wide in (((*_WHITE, 230), 5), ((*colour, 255), 3)):
            self.draw.line(ends, ink, max(1, round(wide * self.unit)))

    def _foot(self, point: int) -> tuple[float, float]:
        return min(self.width - 6, 12 + 90 * point) * _SMOOTH, (self.height - 2) * _SMOOTH

    def _dot(self, point: int) -> None:
        if (middle := self._middle(point)) is None:
            return
        x, y = middle
        r = 3.5 * self.unit
        box = [x - r, y - r, x + r, y + r]
        self.draw.ellipse(box, _LOOP, _WHITE, max(1, round(self.unit)))
