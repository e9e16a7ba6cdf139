"""The Collection page around its sheet: what it is of, and the ways out of it."""

from dataclasses import replace
from typing import Any

import streamlit as st

from attntopo.links import PRIVATE, View
from attntopo.models import SharedInfo
from attntopo.ui import contact_sheet, session
from attntopo.ui.parts.compare_page import explain
from attntopo.ui.results import PhotoInput, models, photo_inputs
from attntopo.ui.results.collection import Collection
from attntopo.ui.results.collection_photos import CollectionPhoto
from attntopo.ui.runtime import FullError, end_page


def info_of(view: View, sides: tuple[PhotoInput, PhotoInput]) -> SharedInfo:
    """Return what the model has: on this page it is run on every photo.

    The page ends here, with what can be done, where a photo of the view is attention: layers and
    heads would be bounded by it.

    Raises
    ------
    ModelError
        If the model isn't to be had.
    """
    given = [letter for letter, side in zip("AB", sides, strict=True) if side.given is not None]
    if given:
        which = " and ".join(given)
        st.warning(
            f"Photo {which} of Compare is attention that was given, without a model, and bounds "
            "the layers and heads that can be chosen. Here a model is run on every photo: show a "
            "sample there first."
        )
        samples = {side.lower(): getattr(View(), side.lower()) for side in given}
        st.button("Show samples on Compare", on_click=_put, kwargs=samples)
        end_page()
    info = models.describe(view.model).with_input(view.model_input)
    return SharedInfo((info, info))


def _put(**changes: str) -> None:
    session.put(**changes)


def about_input(view: View) -> None:
    """Say it where each photo has its own patch grid."""
    with st.container():  # in one place, whether or not there is something to say
        if view.shape == "photo":
            explain(
                "Each photo has a patch grid of its own shape, so counts and features of photos "
                "with other numbers of tokens aren't quite like for like."
            )


def open_chosen(photos: list[CollectionPhoto]) -> None:
    """Open the photo in Compare, as A, that was chosen on the sheet, if one was."""
    chosen = contact_sheet.take_chosen([one.id for one in photos])
    if chosen is None:
        return
    photo = next(one for one in photos if one.id == chosen["id"])
    changes: dict[str, Any] = {"scale": chosen["scale"], "share": chosen["share"]}
    name = photo.id
    if photo.owner:
        view = session.current()
        try:
            name = photo_inputs.keep(photo.photo_input(), (view.b,))
        except FullError as error:
            session.note(str(error))
            st.rerun()
    if changes["share"] is not None:
        changes["scale"] = session.current().scale  # it waits
    session.go("compare", a=name, **changes)


def sheet_photos(photos: list[CollectionPhoto]) -> list[contact_sheet.SheetPhoto]:
    """Return the photos as the sheet has them."""
    return [
        {"id": one.id, "name": one.name, "link": PRIVATE if one.owner else one.id} for one in photos
    ]


def link_of(collection: Collection) -> dict[str, str]:
    """Return the query by which Compare opens what is looked at, but for photo A and the scale."""
    view = replace(session.current(), layer=collection.view.layer, head=collection.view.head)
    return view.together().to_query()
