"""The two groups of photos that are compared: in the link of samples, else in the session."""

from collections.abc import Sequence

import streamlit as st

from attntopo.links import groups_text, parse_groups
from attntopo.ui import session
from attntopo.ui.results.collection_photos import CollectionPhoto

_OWN = "collection groups"  # what the session holds: ids of its own photos in either group
NAMES = ("first group", "second group")

Groups = tuple[list[str], list[str]]


def groups_of(photos: Sequence[CollectionPhoto]) -> Groups:
    """Return the ids of the photos in the first and in the second group, as far as they are here.

    Parameters
    ----------
    photos : sequence of CollectionPhoto
        All of the collection.
    """
    there = {one.id for one in photos}
    held = st.session_state.get(_OWN, ([], [])) if _are_own(photos) else _in_link()
    first, second = ([one for one in group if one in there] for group in held)
    return first, second


def put_group(photos: Sequence[CollectionPhoto], number: int, ids: Sequence[str]) -> None:
    """Make these photos one of the groups; what was in the other leaves it.

    Parameters
    ----------
    photos : sequence of CollectionPhoto
        All of the collection.
    number : {0, 1}
    ids : sequence of str
    """
    groups = list(groups_of(photos))
    groups[number] = list(ids)
    groups[1 - number] = [one for one in groups[1 - number] if one not in ids]
    if _are_own(photos):
        st.session_state[_OWN] = (groups[0], groups[1])
        session.write()
    else:
        session.put(groups=groups_text(tuple(groups[0]), tuple(groups[1])))


def offer(photos: Sequence[CollectionPhoto], ids: Sequence[str]) -> None:
    """Offer to make photos that are selected one of the groups."""
    with st.container(horizontal=True):
        for number, name in enumerate(NAMES):
            st.button(
                f"Make it the {name}",
                key=f"make group {number}",
                on_click=put_group,
                args=(photos, number, ids),
            )


def _are_own(photos: Sequence[CollectionPhoto]) -> bool:
    return any(one.owner for one in photos)


def _in_link() -> tuple[Sequence[str], Sequence[str]]:
    return parse_groups(session.current().groups) or ((), ())
