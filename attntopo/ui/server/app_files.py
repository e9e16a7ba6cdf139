"""Where `app.py` lies, beside which are the pages and Streamlit's configuration."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[2]


def app_script() -> Path:
    """Return the path of `app.py`: in the package where a wheel put it, else beside the package."""
    installed = _PACKAGE / "_app" / "app.py"
    return installed if installed.exists() else _PACKAGE.parent / "app.py"
