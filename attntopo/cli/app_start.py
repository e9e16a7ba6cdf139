"""`attntopo app`: the app's server."""

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec

import click

_OF_THE_APP = ("torch", "streamlit", "cachetools", "fsspec", "pydantic")


# Its options are Streamlit's, --help too.
@click.command(
    "app",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def app_command(options: Sequence[str]) -> int:
    """Start the app's server, with the options of `streamlit run`.

    Where processes can be replaced, this one becomes the server, so that whoever stops this one
    stops the server.
    """
    if any(find_spec(name) is None for name in _OF_THE_APP):
        raise click.ClickException(
            'The app needs packages that aren\'t installed: pip install ".[app]" in the clone.'
        )
    # -P: modules in the folder where it is started aren't taken for the app's.
    command = [sys.executable, "-P", "-m", "attntopo.ui.server.serve", *options]
    if os.name != "nt":
        os.execv(sys.executable, command)
    return subprocess.call(command)
