"""Serve the app: `python -m attntopo.ui.serve`, with Streamlit's options.

The same as `streamlit run app.py`, but the settings are checked first, and seconds of imports are
over sooner.
"""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path

# Read when NumPy is first imported. Several visitors' work shares the cores by threads of ours;
# threads of BLAS besides would only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from streamlit.web import cli

from attntopo.catalogue import catalogue
from attntopo.settings import SettingsError, settings
from attntopo.ui import early, guard

_APP = Path(__file__).parents[2] / "app.py"


def main() -> None:
    """Start the server, with what it needs first already on its way."""
    try:
        catalogue()
        upload_megabytes = math.ceil(settings().file_megabytes)
    except SettingsError as error:
        sys.exit(str(error))
    early.begin()
    guard.begin()
    # The server has an upload limit of its own, which is the one of the settings here.
    limit = ["--server.maxUploadSize", str(upload_megabytes)]
    sys.argv = ["streamlit", "run", str(_APP), *limit, *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    main()
