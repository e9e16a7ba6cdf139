"""A file that was dropped into a field, from Streamlit's hands into ours, once.

As it was sent it has the camera's notes in it, the place included. So Streamlit keeps it no longer
than until it is read, whatever becomes of what was read.
"""

from collections import deque
from typing import Any

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile

from attntopo.ui.runtime import FullError

Upload = UploadedFile | DeletedFile
"""What a field holds: a file, or the name of one that was taken away."""

_READ = "files read"  # what the session holds: ids of the last ones
_READ_REMEMBERED = 256  # more than may wait at once


def was_read(upload: Upload | None) -> bool:
    """Return whether it was read before, and its name in the field is all that is left of it.

    Parameters
    ----------
    upload : UploadedFile or DeletedFile, optional
        The field's value.
    """
    return isinstance(upload, DeletedFile) and upload.file_id in st.session_state.get(_READ, ())


def let_go(upload: Upload | None) -> Upload | None:
    """Return a field's value, which itself holds the file no more.

    While it waits for a turn it so lies in one place, where it is counted.

    Parameters
    ----------
    upload : UploadedFile or DeletedFile, optional
    """
    if isinstance(upload, UploadedFile):
        upload.seek(0)
        upload.truncate()  # not closed: Streamlit copies the field's value
    return upload


def read(upload: Upload) -> tuple[str, bytes]:
    """Return a file's name and bytes, and remove it from where it waited.

    Parameters
    ----------
    upload : UploadedFile or DeletedFile

    Raises
    ------
    FullError
        If it had to make room for other files meanwhile.
    """
    context: Any = get_script_run_ctx()
    waiting: MemoryUploadedFileManager = context.uploaded_file_mgr
    files = waiting.get_files(context.session_id, [upload.file_id])
    if not files:
        raise FullError(
            "Too many files came to this server at once, and yours had to make room: please "
            "choose it again."
        )
    waiting.remove_file(context.session_id, upload.file_id)
    st.session_state.setdefault(_READ, deque(maxlen=_READ_REMEMBERED)).append(upload.file_id)
    return files[0].name, files[0].data


def drop(upload: Upload) -> None:
    """Remove a file from where it waited, unread."""
    context: Any = get_script_run_ctx()
    context.uploaded_file_mgr.remove_file(context.session_id, upload.file_id)
