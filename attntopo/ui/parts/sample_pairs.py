"""The line that says how large a bottleneck distance is among those of all sample photos."""

import numpy as np
import streamlit as st

from attntopo.attention import ROLLOUT
from attntopo.links import View
from attntopo.models import OWN_INPUT
from attntopo.photos import SAMPLES
from attntopo.ui import session
from attntopo.ui.parts.compare_page import explain
from attntopo.ui.results import HeadKey, PhotoInput, models, steps
from attntopo.ui.results.sample_pairs import is_coming, jobs, sample_pairs_of


def line(view: View, sides: tuple[PhotoInput, PhotoInput], distance: float) -> None:
    """Draw how large a distance is among all pairs of sample photos, or how far that is.

    Parameters
    ----------
    view : View
    sides : tuple of PhotoInput
        Nothing is drawn for rollout, where attention was given, which has no sample photos, where
        it isn't one and the same head of a model for both, or where the input is so large that not
        all layers of a photo are kept at once.
    distance : float
        H0 bottleneck distance between the sides.
    """
    head = _one_head(view, sides)
    if head is None:
        return
    if sample_pairs_of(head) is not None:
        _draw(view.model, head, distance)
    elif is_coming(view.model, head):
        _watch(view.model, head, distance)
    else:
        _offer(view.model, head, distance)


def begin(view: View, sides: tuple[PhotoInput, PhotoInput]) -> None:
    """Begin what the line waits for; to be called when all else on the page is drawn."""
    head = _one_head(view, sides)
    if head is None or sample_pairs_of(head) is not None or not is_coming(view.model, head):
        return
    if jobs().find(steps.of_all_heads(head)) is None:  # one that failed isn't tried again unasked
        jobs().begin(view.model, steps.of_all_heads(head))


def _one_head(view: View, sides: tuple[PhotoInput, PhotoInput]) -> HeadKey | None:
    one = not view.b_has_own_head and view.head != ROLLOUT
    if not one or any(side.given for side in sides):
        return None
    choice = view.side("a")
    own = choice.input == OWN_INPUT
    return steps.head_key(view, "a") if own or models.keeps_all_layers(choice) else None


@st.fragment
def _offer(model_id: str, head: HeadKey, distance: float) -> None:
    """Draw the button, and once it was pressed what comes of it."""
    if is_coming(model_id, head):
        _watch(model_id, head, distance)
    else:
        _button(model_id, head)


@st.fragment(run_every=2)
def _watch(model_id: str, head: HeadKey, distance: float) -> None:
    """Draw the line anew now and then, by itself: the rest of the page isn't run for it."""
    _draw(model_id, head, distance)


def _draw(model_id: str, head: HeadKey, distance: float) -> None:
    pairs = sample_pairs_of(head)
    job = jobs().find(steps.of_all_heads(head))
    if pairs is not None:
        explain(sentence(pairs, distance))
    elif job is not None and job.failure:
        explain(job.failure)
        _button(model_id, head)
    else:
        if job is None:  # done once, but since then pushed out of the results that are kept
            jobs().begin(model_id, steps.of_all_heads(head))
        done = job.done if job else 0
        explain(f"Comparing with the sample photos: {done} of {len(SAMPLES)} read …")


def verdict(view: View, sides: tuple[PhotoInput, PhotoInput], distance: float) -> str:
    """Say how large a distance is among all pairs of sample photos, in few words.

    Parameters
    ----------
    view, sides, distance
        As for `line`.

    Returns
    -------
    str
        Empty where it isn't known yet, or there is nothing to compare with.
    """
    head = _one_head(view, sides)
    pairs = None if head is None else sample_pairs_of(head)
    if pairs is None:
        return ""
    nearer = _n_nearer(pairs, distance)
    return f"H0 bottleneck {distance:.4f}: more than between {nearer} of {len(pairs)} sample pairs."


def _n_nearer(pairs: np.ndarray, distance: float) -> int:
    return int(np.searchsorted(pairs, distance, side="left"))


def sentence(pairs: np.ndarray, distance: float) -> str:
    """Say how many pairs of sample photos are nearer to each other.

    Parameters
    ----------
    pairs : ndarray of float64, shape (n_pairs,)
        Ascending.
    distance : float
        Pairs exactly as far apart don't count as nearer.
    """
    nearer = _n_nearer(pairs, distance)
    return (
        f"**H0 bottleneck.** Larger than {nearer} of the {len(pairs)} pairs of sample photos for "
        f"this head (median {np.median(pairs):.4f})."
    )


def _button(model_id: str, head: HeadKey) -> None:
    st.button(
        "Compare with all pairs of sample photos",
        key="compare with sample pairs",
        help="How large the H0 bottleneck is among those of the same head over all pairs of the "
        f"{len(SAMPLES)} sample photos. All heads are computed at once, in the background.",
        on_click=_ask,
        args=(model_id, head),
    )


def _ask(model_id: str, head: HeadKey) -> None:
    session.write()
    jobs().begin(model_id, steps.of_all_heads(head))
