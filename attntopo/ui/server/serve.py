"""Serve the app: `python -m attntopo.ui.server.serve`, with Streamlit's options.

The same as `streamlit run app.py`, but the settings are checked first, and seconds of imports are
over sooner.
"""

import ctypes
import math
import sys
from contextlib import suppress

try:
    import resource
except ImportError:  # on Windows, which has no such limit
    resource = None  # type: ignore[assignment]

from streamlit.web import cli

from attntopo.settings import SettingsError, app_settings
from attntopo.ui.runtime import ready_files, shared, warm_up
from attntopo.ui.server import streamlit_patches
from attntopo.ui.server.app_files import app_script

_MOST_FILES = 65_536
_MODELS_AFTER = 15.0
"""Seconds after which the models' libraries are imported where the first page needs none."""


def main() -> None:
    """Start the server, with what it needs first already on its way."""
    try:
        shared.offered_models()
        upload_megabytes = math.ceil(app_settings().file_megabytes)
        streamlit_patches.begin()
    except (SettingsError, streamlit_patches.PatchError) as error:
        sys.exit(str(error))
    keep_memory_to_itself()
    _give_memory_back()
    _let_many_connect()
    shared.photo_decoder().start()  # it is ready before the first photo comes
    sys.setswitchinterval(0.001)  # a slide's short work needn't wait 5 ms for each of the others'
    warm_up.begin(_MODELS_AFTER if ready_files.are_there() else 0.0)
    # The server has an upload limit of its own, which is the one of the settings here.
    limit = ["--server.maxUploadSize", str(upload_megabytes)]
    sys.argv = ["streamlit", "run", str(app_script()), *limit, *sys.argv[1:]]
    cli.main()


def keep_memory_to_itself() -> None:
    """Forbid other processes of this user, where that is Linux, to read this one's memory.

    The decoder of photos is one. What it starts itself may be read again: an `exec` undoes it.
    """
    set_dumpable = 4  # PR_SET_DUMPABLE in prctl.h
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(set_dumpable, 0, 0, 0, 0)


def _give_memory_back() -> None:
    """Let glibc, where it is there, give freed arrays back to the system.

    By itself it keeps what is freed in a heap for each of some threads, and after hours of many
    visitors a process of twice what it uses.
    """
    most_heaps, least_mapped = -8, -3  # M_ARENA_MAX, M_MMAP_THRESHOLD in malloc.h
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(most_heaps, 2)
        libc.mallopt(least_mapped, 256 * 1024)


def _let_many_connect() -> None:
    """Raise the limit of open files as far as it may be: every visitor takes four.

    Often 1024 by default, as few programs bear more; a server at the limit answers nobody.
    """
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):  # macOS has a lower one that it doesn't tell
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


if __name__ == "__main__":
    main()
