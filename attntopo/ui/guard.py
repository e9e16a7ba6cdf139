"""What Streamlit would do for any visitor and shouldn't here, taken out before the server starts.

`streamlit run app.py` goes past this: docs/security.md says what that means.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from streamlit import git_util, net_util
from streamlit.web import bootstrap


def begin() -> None:
    """Keep the server from asking the network, and from telling where it lies."""
    # Whoever says that they come from another site makes Streamlit ask an outside service which
    # address this machine has, and every one of them waits for the answer.
    net_util.get_external_ip = lambda: None
    # In a clone of a repository on GitHub any visitor could ask for the names of its new and
    # changed files; Streamlit wants them for a menu that isn't shown here.
    git_util.GitRepo.get_repo_info = _no_repository  # type: ignore[method-assign]
    bootstrap.run = _by_relative_path(bootstrap.run)


def _no_repository(self: git_util.GitRepo) -> None:  # noqa: ARG001
    return None


def _by_relative_path(run: Callable[..., None]) -> Callable[..., None]:
    """Let a script be known by its path from here: Streamlit tells it to every visitor."""

    def started(main_script_path: str, *rest: Any) -> None:
        run(os.path.relpath(main_script_path), *rest)

    return started
