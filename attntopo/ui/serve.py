"""Serve the app: `python -m attntopo.ui.serve`, with Streamlit's options.

The same as `streamlit run app.py`, but seconds of imports are over sooner.
"""

from __future__ import annotations

import sys
from pathlib import Path

from streamlit.web import cli

from attntopo.ui import early

_APP = Path(__file__).parents[2] / "app.py"


def main() -> None:
    """Start the server, with what it needs first already on its way."""
    early.begin()
    sys.argv = ["streamlit", "run", str(_APP), *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    main()
