"""The library's steps as the pages call them: each computed once, its result kept."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial

from attntopo.analysis import HeadTopology, analyse, analysis_effort
from attntopo.attention import Attention
from attntopo.effort import Effort
from attntopo.links import View
from attntopo.models import OWN_INPUT, ModelInput
from attntopo.threads import beside
from attntopo.topology import Layout, distance_layout, layout_effort
from attntopo.ui.results import models, photo_attention
from attntopo.ui.results.photo_inputs import PhotoInput
from attntopo.ui.runtime import Key, Slot, StatusLine, named_slot, shared

ModelRun = tuple[str, ModelInput]
"""Model and commit, and what the model was given of a photo."""

HeadKey = tuple[ModelRun, int, int | str, str, str]
"""The model's run, layer, head, distance, tokens: all a topology depends on but the photo."""


def head_key(view: View, side: str) -> HeadKey:
    """Return what a side's topology depends on besides its photo."""
    # Nobody is asked here: a model that wasn't described yet made none of the attention.
    choice = view.side(side)
    run = models.known_version(choice.model), choice.input
    return run, choice.layer, choice.head, view.distance, view.tokens


def of_all_heads(head: HeadKey) -> tuple[ModelRun, str, str]:
    """Leave layer and head out: the model's run, distance, tokens."""
    run, _layer, _head, distance, tokens = head
    return run, distance, tokens


def depends_on(head: HeadKey, photo: PhotoInput) -> HeadKey:
    """Leave the model out where attention was given: another model changes nothing there."""
    return (("", OWN_INPUT), *head[1:]) if photo.given else head


def _topology_key(photo: PhotoInput, head: HeadKey) -> Key:
    return ("topology", *photo.key, *depends_on(head, photo))


def _layout_key(photo: PhotoInput, head: HeadKey) -> Key:
    return ("layout", *photo.key, *depends_on(head, photo))


def analyse_both(
    view: View,
    photos: tuple[PhotoInput, PhotoInput],
    attended: Sequence[Attention],
    status: StatusLine,
) -> None:
    """Measure and lay out A, and at the same time B where there is a slot for both.

    Much of it is work for one core. What is kept already isn't done again.

    Parameters
    ----------
    view : View
    photos, attended : of A and B
    status : StatusLine

    Raises
    ------
    PersistenceError
        If A's would take too long.
    """
    turn = threading.Event()  # B's: once A has a place, which is said to be waited for

    @contextmanager
    def place_of_a(effort: Effort) -> Iterator[None]:
        with named_slot(_measuring(photos[0]), status, effort):
            turn.set()
            yield

    b_too: AbstractContextManager[None] = nullcontext()
    if not is_analysed(view, "b", photos[1]):
        b_too = _beside(view, "b", photos[1], attended[1], status, turn)
    with b_too:
        try:
            analyse_side(view, "a", photos[0], attended[0], place_of_a)
        finally:
            turn.set()


@contextmanager
def analysed_meanwhile(
    view: View, photos: tuple[PhotoInput, PhotoInput], status: StatusLine
) -> Iterator[None]:
    """Do it while the block runs, for sides whose attention is kept, where there are slots."""
    with ExitStack() as stack:
        for side, photo in zip("ab", photos, strict=True):
            if not is_analysed(view, side, photo):
                attention = photo_attention.found_attention(photo, view.side(side))
                if attention is not None:
                    stack.enter_context(_beside(view, side, photo, attention, status))
        yield


def _beside(
    view: View,
    side: str,
    photo: PhotoInput,
    attended: Attention,
    status: StatusLine,
    turn: threading.Event | None = None,
) -> AbstractContextManager[None]:
    """Analyse a side beside the block, where there is a slot at its turn."""
    slot = shared.slot_at_once()

    def work() -> None:
        if turn is not None:
            turn.wait()
        analyse_side(view, side, photo, attended, slot)

    step = f"Measuring and laying out {photo.photo.name} …"
    return beside(work, waiting=lambda: status.say(step))


def _measuring(photo: PhotoInput) -> str:
    return f"Measuring distances and persistence of {photo.photo.name}"


def is_analysed(view: View, side: str, photo: PhotoInput) -> bool:
    """Say whether `analyse_side` has nothing to do."""
    head = head_key(view, side)
    keys = [_topology_key(photo, head)]
    if view.layout != "spring":  # which follows the scale
        keys.append(_layout_key(photo, head))
    return all(shared.kept_results().has(key) for key in keys)


def analyse_side(view: View, side: str, photo: PhotoInput, attended: Attention, slot: Slot) -> None:
    """Measure one side's head and lay it out, and keep both, in slots where there is work to do.

    Raises
    ------
    PersistenceError
        If it would take too long.
    """
    head = head_key(view, side)
    topology = kept_topology(photo, attended, head, slot)
    if view.layout != "spring":
        lay_out(photo, head, topology, slot)


def analyse_head(
    photo: PhotoInput, attended: Attention, head: HeadKey, status: StatusLine
) -> HeadTopology:
    """Return a head's topology, computed once.

    Parameters
    ----------
    photo : PhotoInput
    attended : Attention
        Of the same photo.
    head : tuple
        From `head_key`.
    status : StatusLine
    """
    return kept_topology(photo, attended, head, partial(named_slot, _measuring(photo), status))


def kept_topology(
    photo: PhotoInput, attended: Attention, head: HeadKey, slot: Slot
) -> HeadTopology:
    """Return the same where no page is drawn, computed in a slot if need be."""
    return shared.compute_once(
        _topology_key(photo, head),
        lambda: analyse(attended, *head[1:]),
        slot,
        analysis_effort(attended.n_tokens, head[3]),
    )


def lay_out(photo: PhotoInput, head: HeadKey, topology: HeadTopology, slot: Slot) -> Layout:
    """Return the 3D layout that comes from a head's distances, computed once."""
    return shared.compute_once(
        _layout_key(photo, head),
        lambda: distance_layout(topology.distances),
        slot,
        layout_effort(len(topology.distances.values)),
    )
