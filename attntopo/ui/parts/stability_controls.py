"""The Stability page's controls, and what it needs before anything can be perturbed."""

import streamlit as st

from attntopo.analysis import PERTURBATIONS
from attntopo.attention import Attention
from attntopo.links import CHOICES, View, largest_scale, strength_text, strengths_of
from attntopo.models import SharedInfo
from attntopo.topology import PersistenceError
from attntopo.ui import session
from attntopo.ui.parts import widgets
from attntopo.ui.results import PhotoInput, steps
from attntopo.ui.results.stability import CleanPhoto, clean_photo
from attntopo.ui.runtime import StatusLine, end_page


def photo_pair(view: View, sides: tuple[PhotoInput, PhotoInput]) -> tuple[PhotoInput, PhotoInput]:
    """Return the photo to perturb and the other one of the pair.

    The page ends here, with what can be done, where the one to perturb is attention.
    """
    k = CHOICES["perturbed"].index(view.perturbed)
    photo, other = sides[k], sides[1 - k]
    if photo.given is not None:
        _say_it_has_no_model("AB"[k], "BA"[k], other)
        end_page()
    return photo, other


def info_of(view: View) -> SharedInfo:
    """Return what there is to look at on this page, by A's model on either photo.

    Parameters
    ----------
    view : View
        In which B is looked at as A is. Where B has a head of its own in Compare, A's layer and
        head may be more than the other photo has: what is perturbed alone counts then.

    Raises
    ------
    ModelError
        If the model isn't to be had.
    """
    info = session.shared_info(view)
    if not session.current().b_has_own_head:
        return info
    return SharedInfo((info.sides[CHOICES["perturbed"].index(view.perturbed)],) * 2)


def _say_it_has_no_model(letter: str, there: str, other: PhotoInput) -> None:
    st.warning(
        f"Photo {letter} is attention that was given, without a model: there is nothing that could "
        "be run on a perturbed photo. Choose a sample or upload a photo in its place, under Photos "
        f"in the sidebar{'' if other.given else f', or look at photo {there}'}."
    )
    if not other.given:
        label = f"Perturb {there}: {other.title}"
        st.button(label, on_click=_perturb, args=(CHOICES["perturbed"]["AB".index(there)],))


def _perturb(side: str) -> None:
    session.put(perturbed=side)


def clean(
    view: View, info: SharedInfo, photo: PhotoInput, attention: Attention, status: StatusLine
) -> CleanPhoto:
    """Return the clean photo with its topology; the page ends here where that takes too long."""
    view = view.changed(info)[0]
    key = steps.head_key(view, "a")
    try:
        topology = steps.analyse_head(photo, attention, key, status)
    except PersistenceError as error:
        st.error(str(error))
        end_page()
    return clean_photo(view, info, photo, view.side("a"), attention, topology)


def draw(view: View, info: SharedInfo, scale: float) -> None:
    """Draw the page's own controls: perturbation, strength, scale, photo.

    Parameters
    ----------
    view : View
    info : SharedInfo
    scale : float
        At which the clean photo is painted.
    """
    one = PERTURBATIONS[view.perturbation]
    columns = st.columns([1.2, 2, 2, 1.6], vertical_alignment="top")
    with columns[0]:
        widgets.bound(
            st.selectbox,
            "perturbation",
            "Perturbation",
            list(PERTURBATIONS),
            format_func=lambda key: PERTURBATIONS[key].label,
        )
    with columns[1]:
        widgets.bound(
            st.select_slider,
            "strength",
            "Strength",
            list(strengths_of(one.key)),
            format_func=lambda strength: one.unit.format(strength_text(strength)),
        )
    with columns[2]:
        _scale_control(view, info, scale)
    with columns[3]:
        names = dict(zip("ab", (side.title for side in session.sides()), strict=True))
        widgets.bound(
            st.radio,
            "perturbed",
            "Photo",
            list(CHOICES["perturbed"]),
            format_func=lambda side: f"{side.upper()}: {names[side]}",
            horizontal=True,
        )


def _scale_control(view: View, info: SharedInfo, scale: float) -> None:
    if view.share is not None:
        label = "Share of merges that have happened, in percent"
        widgets.bound(st.slider, "share", label, 0.0, 100.0, step=0.1, format="%.1f")
        return
    end = largest_scale(view.distance, info)
    widgets.bound(
        st.slider,
        "scale",
        "Scale of the components",
        0.0,
        end,
        unset=scale,
        step=0.001,
        format="%.5f",
        help="Until you choose one it is where nine of ten merges of the clean photo have "
        "happened. Distances and bars don't depend on it.",
    )
