"""The photos of the linked view: each sent to the browser once, whatever heads are shown on it."""

from pathlib import Path

import streamlit as st

from attntopo.figures.jpeg import jpeg_url
from attntopo.figures.linked import PhotoPicture
from attntopo.ui.results import PhotoInput
from attntopo.ui.runtime import shared

_STORE = (Path(__file__).parent / "photo_store.js").read_text("utf-8")

_component = st.components.v2.component(
    "attntopo_photo",
    html="<span hidden></span>\n",
    js=f"{_STORE}\nexport default function ({{ data }}) {{\n  keepPhoto(data.key, data.url);\n}}\n",
)


def send(side: str, photo: PhotoInput) -> None:
    """Send the photo of a side; the browser has it already where nothing has changed.

    Parameters
    ----------
    side : {"a", "b"}
    photo : PhotoInput
    """
    url = shared.kept_results().get_or_compute(
        ("picture", *photo.key), lambda: jpeg_url(photo.photo.image())
    )
    _component(key=f"photo {side}", data={"key": photo.content, "url": url})


def picture(photo: PhotoInput, box: tuple[float, float, float, float]) -> PhotoPicture:
    """Describe a photo that `send` has sent.

    Parameters
    ----------
    photo : PhotoInput
    box : tuple of float
        Left, top, right and bottom of the patch grid, in widths and heights of the photo.
    """
    height, width = photo.photo.pixels.shape[:2]
    return PhotoPicture(photo.content, (width, height), box)
