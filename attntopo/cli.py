"""The command `attntopo`."""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from attntopo import __version__

_OF_THE_APP = ("torch", "streamlit", "cachetools", "fsspec", "pydantic")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="attntopo", description="The shape of attention in Vision Transformers."
    )
    parser.add_argument("--version", action="version", version=f"attntopo {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    # Its options are Streamlit's, --help too.
    commands.add_parser(
        "app", add_help=False, help="start the app; its options are those of `streamlit run`"
    )
    chosen, options = parser.parse_known_args(arguments)
    if chosen.command == "app":
        return start_app(options)
    if options:
        parser.error(f"unrecognized arguments: {' '.join(options)}")
    parser.print_help()
    return 0


def start_app(options: Sequence[str]) -> int:
    """Start the app's server.

    Parameters
    ----------
    options : sequence of str
        Those of `streamlit run`.

    Returns
    -------
    int
        The exit status. Where processes can be replaced, this one becomes the server instead, so
        that whoever stops this one stops the server.
    """
    if any(find_spec(name) is None for name in _OF_THE_APP):
        sys.exit('The app needs packages that aren\'t installed: pip install "attntopo[app]".')
    # -P: modules in the folder where it is started aren't taken for the app's.
    command = [sys.executable, "-P", "-m", "attntopo.ui.server.serve", *options]
    if os.name != "nt":
        os.execv(sys.executable, command)
    return subprocess.call(command)
