"""What Streamlit would do for any visitor and shouldn't here, taken out before the server starts.

`streamlit run app.py` goes past this: SECURITY.md says what that means. Streamlit's `st.App`,
with routes and middleware of one's own, would make none of it needless: what is replaced here
answers on the websocket, or is made by the app object itself. For the one middleware of ours it
isn't used either: it takes its configuration from beside its own script, and tells visitors where
that lies.
"""

import os
from typing import Any

import streamlit
from starlette.applications import Starlette
from streamlit import git_util, net_util
from streamlit.components.v2 import manifest_scanner
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import pages_manager
from streamlit.runtime.app_session import AppSession
from streamlit.util import calc_hash
from streamlit.web.server import server
from streamlit.web.server.starlette import starlette_server, starlette_websocket

from attntopo.ui.server import streamlit_limits


class PatchError(RuntimeError):
    """A name of Streamlit's that is replaced here isn't there any more."""


def replace(owner: Any, name: str, new: Any) -> Any:
    """Put something of ours in the place of a name of Streamlit's; return what was there.

    Raises
    ------
    PatchError
        If the name isn't there: what it guards against would go on without a word.
    """
    if not hasattr(owner, name):
        raise PatchError(
            f"Streamlit {streamlit.__version__} has no {owner.__name__}.{name}, which this server "
            "replaces for its visitors' safety: please install the version that requirements.txt "
            "asks for."
        )
    before = getattr(owner, name)
    setattr(owner, name, new)
    return before


def begin() -> None:
    """Keep the server from asking the network, telling where it lies, and keeping too much.

    Raises
    ------
    PatchError
        If Streamlit has changed so that this can't be done.
    """
    # Whoever says that they come from another site makes Streamlit ask an outside service which
    # address this machine has, and every one of them waits for the answer.
    replace(net_util, "get_external_ip", lambda: None)
    # In a clone of a repository on GitHub any visitor could ask for the names of its new and
    # changed files; Streamlit wants them for a menu that isn't shown here.
    replace(git_util.GitRepo, "get_repo_info", lambda _repository: None)
    # Streamlit tells every visitor where the script lies, and a hash of that.
    create: Any = replace(
        AppSession,
        "_create_new_session_message",
        lambda *arguments: _by_name(create(*arguments)),
    )
    replace(pages_manager, "calc_hash", lambda path: calc_hash(os.path.basename(path)))
    # Files that no field asks for would be kept without a bound, and what visitors left behind
    # until somebody else leaves.
    replace(server, "MemoryUploadedFileManager", streamlit_limits.Uploads)
    replace(server, "MemorySessionStorage", streamlit_limits.Sessions)
    # A browser that takes in less than it is sent would never be answered again.
    replace(starlette_websocket, "StarletteSessionClient", streamlit_limits.Connection)
    # Any visitor could have all that is shared computed, and begun, again; Streamlit's menu,
    # which would ask for it, isn't shown here.
    replace(AppSession, "_handle_clear_cache_request", lambda _session: None)
    # No component here comes with a package: nothing is to be found in the descriptions of all that
    # is installed, which takes a third of a second of each start.
    replace(manifest_scanner, "scan_component_manifests", list)
    # Every page is the same to whatever runs no scripts, such as what makes previews in chats.
    make: Any = replace(
        starlette_server,
        "create_starlette_app",
        lambda runtime: _with_previews(make(runtime)),
    )


def _with_previews(app: Starlette) -> Starlette:
    from attntopo.ui.server.link_previews import LinkPreviews  # not where settings are refused

    app.add_middleware(LinkPreviews)
    return app


def _by_name(message: ForwardMsg) -> ForwardMsg:
    """Let a session's first message call the script by its name alone."""
    session = message.new_session
    session.main_script_path = os.path.basename(session.main_script_path)
    return message
