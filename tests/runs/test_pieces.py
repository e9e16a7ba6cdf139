"""Pieces: every photo once, and the same pieces at every start."""

import random

from hypothesis import given
from hypothesis import strategies as st

from attntopo.runs.pieces import MOST_IN_A_PIECE, deal
from attntopo.runs.sources import PhotoFile

NAMES = st.sets(st.integers(0, 10**6), max_size=400)


def photos(numbers, stamp: str = "1") -> list[PhotoFile]:
    return [PhotoFile(f"p{n:07}.jpg", stamp, f"p{n:07}.jpg") for n in sorted(numbers)]


@given(NAMES)
def test_every_photo_is_in_one_piece_in_order(numbers):
    own = photos(numbers)
    pieces = deal(own, "run")
    assert [photo for piece in pieces for photo in piece.photos] == own
    assert all(0 < len(piece.photos) <= MOST_IN_A_PIECE for piece in pieces)
    assert len({piece.id for piece in pieces}) == len(pieces)


@given(NAMES, st.randoms(use_true_random=False))
def test_what_is_done_leaves_the_other_pieces_as_they_are(numbers, source):
    pieces = deal(photos(numbers), "run")
    finished = [piece for piece in pieces if source.random() < 0.5]
    done = {photo.name for piece in finished for photo in piece.photos}
    assert deal(photos(numbers), "run", done) == [one for one in pieces if one not in finished]


@given(NAMES, NAMES)
def test_photos_that_are_added_are_dealt_by_themselves(before, added):
    done = {photo.name for photo in photos(before)}
    pieces = deal(photos(before | added), "run", done)
    names = [photo.name for piece in pieces for photo in piece.photos]
    assert names == [photo.name for photo in photos(added - before)]


def test_an_id_hangs_on_the_run_the_photos_and_what_is_in_them():
    numbers = random.Random(1).sample(range(1000), 4)
    ids = [
        [piece.id for piece in deal(photos(own, stamp), run)]
        for run, own, stamp in (
            ("run", numbers, "1"),
            ("run", numbers, "1"),
            ("other", numbers, "1"),
            ("run", numbers, "2"),
            ("run", numbers[:3], "1"),
        )
    ]
    assert ids[0] == ids[1]
    assert not set(ids[0]) & {one for other in ids[2:] for one in other}


def test_a_small_source_keeps_several_workers_busy():
    assert len(deal(photos(range(100)), "run")) >= 16
    assert len(deal(photos(range(10_000)), "run")) < 500
