"""Streamlit's scripts that every view needs, named in its page.

Streamlit's page names the scripts of the page alone; those of its elements it asks for when it
draws one, and then what those import: one journey to the server after another, before a picture is
there. Named in the page, they are fetched beside what comes first.
"""

import re
from functools import cache
from pathlib import Path

import streamlit

_PAGE = Path(streamlit.__file__).parent / "static" / "index.html"
_FOLDER = "static/js"  # from the page, for the browser as for us
_ELEMENTS = (
    "BidiComponent", "Button", "Checkbox", "DownloadButton", "FileUploader", "Html", "PageLink",
    "Selectbox", "Slider",
)  # fmt: skip
_IMPORTED = re.compile(r'(?:from|import)\s*"\./([\w.-]+\.js)"')


@cache
def preload_links() -> str:
    """Return the links for a page's head, in HTML.

    A Streamlit that names its scripts otherwise gets none, and asks for them as it always did.

    See https://developer.mozilla.org/docs/Web/HTML/Reference/Attributes/rel/modulepreload.
    """
    page, folder = _PAGE.read_text("utf-8"), _PAGE.parent / _FOLDER
    wanted = [path for name in _ELEMENTS for path in sorted(folder.glob(f"{name}.*.js"))]
    scripts: set[str] = set()
    while wanted:
        path = wanted.pop()
        # What the page names it names with all that it imports.
        if path.name not in scripts and path.name not in page:
            scripts.add(path.name)
            wanted += [folder / name for name in _IMPORTED.findall(path.read_text("utf-8"))]
    return "".join(
        f'<link rel="modulepreload" crossorigin href="./{_FOLDER}/{name}">'
        for name in sorted(scripts)
    )
