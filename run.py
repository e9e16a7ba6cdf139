#!/usr/bin/env python3
"""Run the app or the tests from a fresh clone: python3 run.py app | test.

Needs Python 3.11 or newer and nothing else; everything is installed into `.venv` beside this
file (or into the folder that ATTNTOPO_VENV names).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = Path(os.environ.get("ATTNTOPO_VENV") or ROOT / ".venv").absolute()
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

USAGE = """\
python3 run.py app  [options of streamlit run]   installs what the app needs, then opens it
python3 run.py test [options of pytest]          installs what the tests need, then runs them
python3 run.py install                           only installs what the tests and linters need
"""


def main() -> int:
    """Do what the command line asks for and return the exit status."""
    if sys.version_info < (3, 11):
        print(f"AttnTopo needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
        return 2
    command, options = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    os.chdir(ROOT)
    if command == "app":
        install("requirements.txt")
        return subprocess.call([PYTHON, "-m", "attntopo.ui.server.serve", *options])
    if command == "test":
        install("requirements-dev.txt")
        browser = find_browser() or install_browser()
        if browser is None:
            print(
                "The browser tests need Chromium, and it could be installed neither from the "
                "system's packages nor by Playwright. Install Chromium or Google Chrome, or name "
                "one in ATTNTOPO_CHROMIUM, and run this again."
            )
            return 2
        environment = {**os.environ, "ATTNTOPO_CHROMIUM": browser}
        return subprocess.call([PYTHON, "-m", "pytest", *options], env=environment)
    if command == "install":
        install("requirements-dev.txt")
        return 0
    print(USAGE, end="")
    return 0 if command in ("-h", "--help", "help") else 2


def install(requirements: str) -> None:
    """Create the environment if need be and install a requirements file that has changed."""
    if VENV.exists() and not (VENV / "pyvenv.cfg").exists() and any(VENV.iterdir()):
        sys.exit(f"{VENV} is there and is no Python environment; name another in ATTNTOPO_VENV.")
    if not _works("-m", "pip", "--version"):  # not there, or broken off while it was made
        print(f"Creating {VENV} …", flush=True)
        if subprocess.call([sys.executable, "-m", "venv", "--clear", VENV]) != 0:
            sys.exit(
                "Python's venv module doesn't work here. On Debian and Ubuntu install it with: "
                "apt install python3-venv"
            )
    wanted = hashlib.sha256(
        b"".join((ROOT / name).read_bytes() for name in ("requirements.txt", requirements))
    ).hexdigest()
    stamp = VENV / f"{requirements}.installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"Installing {requirements}: a few minutes the first time …", flush=True)
    quiet = ["-q", "--disable-pip-version-check"]
    if subprocess.call([PYTHON, "-m", "pip", "install", *quiet, "-r", requirements]) != 0:
        sys.exit("Installing failed; the lines above say why.")
    # What needs a compiler is compiled now, once; without it the first head would wait for it.
    subprocess.call([PYTHON, "-m", "attntopo.ui.runtime.warm_up"])
    stamp.write_text(wanted)


def _works(*options: str) -> bool:
    """Say whether the environment's Python runs with these options."""
    if not PYTHON.exists():
        return False
    return subprocess.run([PYTHON, *options], capture_output=True, check=False).returncode == 0


def find_browser() -> str | None:
    """Return a Chromium that is on this machine."""
    named = os.environ.get("ATTNTOPO_CHROMIUM")
    candidates: list[str | None] = [named] if named else [shutil.which(name) for name in BROWSERS]
    candidates.append(_of_playwright())
    return next((path for path in candidates if path and Path(path).exists()), None)


def install_browser() -> str | None:
    """Install Chromium from apt where that is allowed, else by Playwright; return its path."""
    apt = shutil.which("apt-get")
    become = [] if hasattr(os, "geteuid") and os.geteuid() == 0 else ["sudo", "-n"]
    if apt and (not become or shutil.which("sudo")):
        print("Installing Chromium from the system's packages …", flush=True)
        for step in (["update", "-q"], ["install", "-y", "-q", "chromium"]):
            quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.call([*become, apt, *step], stdout=subprocess.DEVNULL, env=quiet)
    if find_browser() is None:
        print("Installing Chromium by Playwright …", flush=True)
        subprocess.call([PYTHON, "-m", "playwright", "install", "chromium"])
    return find_browser()


def _of_playwright() -> str | None:
    """Return where Playwright's own Chromium lies, if it has one."""
    code = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as tool: print(tool.chromium.executable_path)"
    )
    found = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


if __name__ == "__main__":
    sys.exit(main())
