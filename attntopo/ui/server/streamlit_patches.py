"""What Streamlit would do for any visitor and shouldn't here, taken out before the server starts.

`streamlit run app.py` goes past this: docs/security.md says what that means.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from streamlit import git_util, net_util
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import pages_manager
from streamlit.runtime.app_session import AppSession
from streamlit.util import calc_hash
from streamlit.web.server import server

from attntopo.ui.server import streamlit_limits


def begin() -> None:
    """Keep the server from asking the network, telling where it lies, and keeping too much."""
    # Whoever says that they come from another site makes Streamlit ask an outside service which
    # address this machine has, and every one of them waits for the answer.
    net_util.get_external_ip = lambda: None
    # In a clone of a repository on GitHub any visitor could ask for the names of its new and
    # changed files; Streamlit wants them for a menu that isn't shown here.
    git_util.GitRepo.get_repo_info = _no_repository  # type: ignore[method-assign]
    # Streamlit tells every visitor where the script lies, and a hash of that.
    AppSession._create_new_session_message = _by_name(  # type: ignore[method-assign]
        AppSession._create_new_session_message
    )
    pages_manager.calc_hash = lambda s: calc_hash(os.path.basename(s))
    # Files that no field asks for would be kept without a bound, and what visitors left behind
    # until somebody else leaves.
    server.MemoryUploadedFileManager = streamlit_limits.Uploads  # type: ignore[misc]
    server.MemorySessionStorage = streamlit_limits.Sessions  # type: ignore[misc]
    # Any visitor could have all that is shared computed, and begun, again; Streamlit's menu,
    # which would ask for it, isn't shown here.
    AppSession._handle_clear_cache_request = _nothing  # type: ignore[method-assign]


def _no_repository(self: git_util.GitRepo) -> None:  # noqa: ARG001
    return None


def _nothing(self: AppSession) -> None:  # noqa: ARG001
    return None


def _by_name(create: Callable[..., ForwardMsg]) -> Callable[..., ForwardMsg]:
    """Let a session's first message call the script by its name alone."""

    def created(*arguments: Any) -> ForwardMsg:
        message = create(*arguments)
        session = message.new_session
        session.main_script_path = os.path.basename(session.main_script_path)
        return message

    return created
