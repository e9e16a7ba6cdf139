"""Preview pictures of links: both photos with their components, for what anybody may see.

Whoever asks need open no session, so the work is bounded: one picture at a time, after all
visitors' work, few that wait and few a minute. Beyond that there is a plain picture.
"""

import asyncio
import io
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from attntopo.analysis import HeadTopology
from attntopo.attention import Attention
from attntopo.effort import SHORT, Effort
from attntopo.figures.painting import painted_photo
from attntopo.figures.tokens import token_grid
from attntopo.links import RING, View, is_private, is_published, read_photos, read_query
from attntopo.models import EMBEDDED, ModelError, SharedInfo
from attntopo.publishing import PhotoStoreError
from attntopo.topology import PersistenceError, skeleton_at
from attntopo.ui.results import PhotoInput, models, photo_attention, photo_inputs, scales_of, steps
from attntopo.ui.runtime import BACKGROUND, shared

WIDTH, HEIGHT = 1200, 630
"""Pixels: the size that Open Graph's readers ask for."""

MOST_WAITING = 4
"""Pictures that are being made or wait to be; who comes then gets the plain one."""

MOST_A_MINUTE = 30
"""Pictures that are made in a minute, beyond those that are kept."""

PATIENCE = 6.0
"""Seconds after which whoever asks gets the plain picture."""

_LOG = logging.getLogger(__name__)
_TRIES_EVERY = 0.2  # seconds
_MARGIN = 16
_GROUND = (20, 23, 28)


class BusyError(RuntimeError):
    """There is no room for this picture now."""


_EXPECTED = (BusyError, TimeoutError, PhotoStoreError, ModelError, PersistenceError)


class PreviewPictures:
    """Makes them."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="link preview")
        self._waiting = 0
        self._made: deque[float] = deque(maxlen=MOST_A_MINUTE)

    async def of(self, query: Mapping[str, Sequence[str]]) -> tuple[bytes, bool]:
        """Return a link's picture.

        Parameters
        ----------
        query : mapping of str to sequence of str
            The link's parameters.

        Returns
        -------
        bytes
            A JPEG of 1200 x 630 pixels.
        bool
            Whether it is the link's own: the plain one stands in where there is no time for it.
        """
        if self._waiting >= MOST_WAITING:
            return await asyncio.to_thread(plain_picture), False
        self._waiting += 1
        made = asyncio.get_running_loop().run_in_executor(self._worker, self._picture, query)
        made.add_done_callback(self._done)
        try:
            return await asyncio.wait_for(asyncio.shield(made), PATIENCE), True
        except Exception as error:
            # Its words may name what isn't anybody's business, so the log has its kind alone.
            if not isinstance(error, _EXPECTED):
                _LOG.warning("A link's preview picture failed: %s", type(error).__name__)
            return await asyncio.to_thread(plain_picture), False

    def _done(self, made: "asyncio.Future[bytes]") -> None:
        self._waiting -= 1
        if not made.cancelled():
            made.exception()  # it is heard of above, or nobody waits for it any more

    def _picture(self, query: Mapping[str, Sequence[str]]) -> bytes:
        view, paint = _read(query)
        # Only what is kept here is free: who asks for any names would ask the storage each time.
        asks = any(
            is_published(name) and photo_inputs.needs_storage(name) for name in (view.a, view.b)
        )
        if asks:
            self._take_a_turn()
        photos = _photo(view.a, "a"), _photo(view.b, "b")
        kept = (
            "link preview",
            "",
            *(photo.content for photo in photos),
            *(view.side(side) for side in "ab"),
            *(view.distance, view.scale, view.share, view.tokens, view.paint, paint),
        )
        if (picture := shared.kept_results().get(kept)) is not None:
            return bytes(picture)
        if not asks:
            self._take_a_turn()
        made = _when_there_is_room(lambda: _composed(view, photos)) if paint else _bare(*photos)
        return bytes(shared.kept_results().get_or_compute(kept, lambda: np.frombuffer(made, "u1")))

    def _take_a_turn(self) -> None:
        if len(self._made) == MOST_A_MINUTE and time.monotonic() - self._made[0] < 60:
            raise BusyError
        self._made.append(time.monotonic())


def _when_there_is_room(make: Callable[[], bytes]) -> bytes:
    """Try until there are slots for all that is missing, for as long as anybody waits for it.

    Nothing waits for a slot meanwhile: what a visitor's page wants too would have to wait with it,
    after all visitors' work. What was computed before a try failed is kept.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return make()
        except BusyError:
            if time.monotonic() > end:
                raise
        time.sleep(_TRIES_EVERY)


def _slot(effort: Effort) -> AbstractContextManager[None]:
    """Return a slot that is free now, or gives up."""

    def waiting(_place: int) -> None:
        raise BusyError

    return shared.queue().slot(BACKGROUND, waiting, is_long=effort.is_long)


def _read(query: Mapping[str, Sequence[str]]) -> tuple[View, bool]:
    """Return what a link shows, and whether its components may be painted.

    They are where all is as the link says, by a model that needn't be fetched for it.
    """
    given = [photo_inputs.ring() if name == RING else None for name in read_photos(query)]

    def describe(*ids: str) -> SharedInfo:
        if any(one != EMBEDDED and not models.is_loaded(one) for one in ids):
            raise ModelError("It isn't loaded.")
        models_of_both = (ids[0], ids[-1])
        return SharedInfo(
            tuple(models.describe_input(*one) for one in zip(given, models_of_both, strict=True))
        )

    view, notes = read_query(query, models.model_choices(), describe)
    return view, not notes


def _photo(name: str, side: str) -> PhotoInput:
    """Return a photo that anybody may see: in a private one's place a sample, as the page does."""
    if name == RING:
        return photo_inputs.ring()
    if is_published(name):
        with suppress(PhotoStoreError):
            return photo_inputs.published(name)
    sample = getattr(View(), side) if is_private(name) or is_published(name) else name
    return PhotoInput(photo_inputs.sample_photo(sample), "")


def _composed(view: View, photos: tuple[PhotoInput, PhotoInput]) -> bytes:
    attended = [
        photo_attention.kept_attention(photo, view.side(side), _slot)
        for side, photo in zip("ab", photos, strict=True)
    ]
    topologies = [
        steps.kept_topology(photo, attention, steps.head_key(view, side), _slot)
        for side, photo, attention in zip("ab", photos, attended, strict=True)
    ]
    scales = scales_of(view, *topologies)
    with _slot(SHORT):
        pictures = [
            _painted(view, side, photos[k], attended[k], topologies[k], scales[k])
            for k, side in enumerate("ab")
        ]
    return _side_by_side(*pictures)


def _painted(
    view: View,
    side: str,
    photo: PhotoInput,
    attention: Attention,
    topology: HeadTopology,
    scale: float,
) -> Image.Image:
    prefix = models.describe_input(photo, view.side(side).model).prefix
    tokens = token_grid(attention, prefix, topology.distances.tokens)
    skeleton = skeleton_at(topology.distances, topology.tree, scale)
    return painted_photo(tokens, skeleton, None, view.paint / 100, HEIGHT - 2 * _MARGIN)


def _bare(*photos: PhotoInput) -> bytes:
    a, b = (Image.fromarray(one.photo.pixels) for one in photos)
    return _side_by_side(a, b)


def _side_by_side(first: Image.Image, second: Image.Image) -> bytes:
    card = Image.new("RGB", (WIDTH, HEIGHT), _GROUND)
    room = (WIDTH - 3 * _MARGIN) // 2, HEIGHT - 2 * _MARGIN
    for k, picture in enumerate((first, second)):
        share = min(room[0] / picture.width, room[1] / picture.height)
        size = [max(1, round(share * one)) for one in picture.size]
        shown = picture.convert("RGB").resize((size[0], size[1]), Image.Resampling.BICUBIC)
        left = _MARGIN + k * (room[0] + _MARGIN) + (room[0] - size[0]) // 2
        card.paste(shown, (left, _MARGIN + (room[1] - size[1]) // 2))
    return _jpeg(card)


@cache
def plain_picture() -> bytes:
    """Return the picture of no link, JPEG: it needs nothing that anybody may be waiting for."""
    card = Image.new("RGB", (WIDTH, HEIGHT), _GROUND)
    draw = ImageDraw.Draw(card)
    for text, size, down in (
        ("AttnTopo", 110, 270),
        ("The shape of attention in two photos", 46, 390),
    ):
        font = ImageFont.load_default(size)
        draw.text((WIDTH // 2, down), text, "#eceff3", font, anchor="mm")
    return _jpeg(card)


def _jpeg(card: Image.Image) -> bytes:
    buffer = io.BytesIO()
    card.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
