"""Serve the app: `python -m attntopo.ui.serve`, with Streamlit's options.

The same as `streamlit run app.py`, but the libraries that take seconds to import are imported
while the server starts and the browser opens.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from streamlit.web import cli

_APP = Path(__file__).parents[2] / "app.py"


def main() -> None:
    """Start the server, with what it needs first already on its way."""
    threading.Thread(target=_import_early, daemon=True).start()
    sys.argv = ["streamlit", "run", str(_APP), *sys.argv[1:]]
    cli.main()


def _import_early() -> None:
    # In the order in which the first page needs them.
    import plotly.graph_objects  # noqa: F401
    from gudhi.sklearn.rips_persistence import RipsPersistence  # noqa: F401
    from transformers import AutoConfig, AutoImageProcessor, AutoModel  # noqa: F401

    import attntopo.ui.compare  # noqa: F401


if __name__ == "__main__":
    main()
