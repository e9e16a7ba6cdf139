#!/usr/bin/env python3
"""Run the app or the tests from a fresh clone: python3 run.py app | test.

Needs Python 3.11 or newer and nothing else; everything is installed into `.venv` beside this
file, AttnTopo too: `.venv/bin/python` runs a script that imports it, wherever that lies.
"""

from __future__ import annotations

import ctypes.util
import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.request
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = Path(os.environ.get("ATTNTOPO_VENV") or ROOT / ".venv").absolute()
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
PIP = [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
INDEX_SECONDS = 3.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

USAGE = """\
python3 run.py app  [options of streamlit run]   installs what the app needs, then opens it
python3 run.py test [options of pytest]          installs what the tests need, then runs them
python3 run.py install                           only installs what the tests and linters need

It heeds these variables:

ATTNTOPO_VENV         the folder to install into; .venv beside this file by default
ATTNTOPO_CHROMIUM     the Chromium that the tests drive
ATTNTOPO_TORCH_INDEX  where, on Linux without an NVIDIA driver, torch's CPU build comes from;
                      PyTorch's own index by default; empty: from where all else does
"""


def main() -> int:
    """Do what the command line asks for and return the exit status."""
    if sys.version_info < (3, 11):
        print(f"AttnTopo needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
        return 2
    command, options = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    if command == "app":
        install("requirements.txt")
        # Not moved to this folder: relative paths in settings are meant from where one is.
        return subprocess.call([PYTHON, "-P", "-m", "attntopo.ui.server.serve", *options])
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
        return subprocess.call([PYTHON, "-m", "pytest", *options], cwd=ROOT, env=environment)
    if command == "install":
        install("requirements-dev.txt")
        return 0
    print(USAGE, end="")
    return 0 if command in ("-h", "--help", "help") else 2


def install(requirements: str) -> None:
    """Install a requirements file and AttnTopo itself, unless that was done and nothing changed."""
    make_environment()
    files = dict.fromkeys(["requirements.txt", requirements, "pyproject.toml"])
    contents = [os.fsencode(ROOT), *((ROOT / name).read_bytes() for name in files)]
    wanted = hashlib.sha256(b"\0".join(contents)).hexdigest()
    stamp = VENV / f"{requirements}.installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"Installing {requirements}: a few minutes the first time …", flush=True)
    install_cpu_torch()
    if subprocess.call([*PIP, "install", "-q", "-r", requirements, "-e", "."], cwd=ROOT) != 0:
        sys.exit("Installing failed; the lines above say why.")
    # What needs a compiler is compiled now, once; without it the first head would wait for it.
    subprocess.call([PYTHON, "-m", "attntopo.ui.runtime.warm_up"], cwd=ROOT)
    stamp.write_text(wanted)


def make_environment() -> None:
    """Create the environment, unless it is there."""
    if VENV.exists() and not (VENV / "pyvenv.cfg").exists() and any(VENV.iterdir()):
        sys.exit(f"{VENV} is there and is no Python environment; name another in ATTNTOPO_VENV.")
    if not _works("-m", "pip", "--version"):  # not there, or broken off while it was made
        print(f"Creating {VENV} …", flush=True)
        if subprocess.call([sys.executable, "-m", "venv", "--clear", VENV]) != 0:
            sys.exit(
                "Python's venv module doesn't work here. On Debian and Ubuntu install it with: "
                "apt install python3-venv"
            )


def install_cpu_torch() -> None:
    """Install torch's CPU build where no other could be used and PyTorch's index can be reached.

    On Linux, PyPI's torch brings CUDA packages of several gigabytes along. Where the index doesn't
    answer, or hasn't got this torch, torch comes from where all else does.
    """
    pinned = re.search(r"^torch==(\S+)", (ROOT / "requirements.txt").read_text("utf-8"), re.M)
    if pinned is None or sys.platform != "linux" or has_nvidia_driver():
        return
    version = "import importlib.metadata as m; print(m.version('torch').partition('+')[0])"
    index = torch_index()
    if _output("-c", version) == pinned[1] or not index or not answers(f"{index}/torch/"):
        return
    alone = ["install", "-q", "--no-deps", "--index-url", index, pinned[0]]
    if subprocess.call([*PIP, *alone]) != 0:
        print("torch's CPU build couldn't be had; it comes from where all else does.", flush=True)


def torch_index() -> str:
    """Return the address of the index for torch's CPU build; empty if none is to be asked."""
    # Whoever told pip which index to use, or to use none, means torch too.
    told = re.search(r"\.(index-url|no-index)=", _output("-m", "pip", "config", "list") or "")
    index = os.environ.get("ATTNTOPO_TORCH_INDEX", "" if told else TORCH_INDEX)
    return index.rstrip("/")


def has_nvidia_driver() -> bool:
    """Say whether this machine has a driver of NVIDIA's, so that torch could use a GPU."""
    return bool(
        Path("/proc/driver/nvidia").exists()
        or shutil.which("nvidia-smi")
        or ctypes.util.find_library("cuda")
    )


def answers(address: str) -> bool:
    """Say whether there is a page at an address: one request, three seconds in all."""
    statuses: list[int] = []

    def ask() -> None:
        with suppress(Exception), urllib.request.urlopen(address, timeout=INDEX_SECONDS) as page:
            statuses.append(page.status)

    # In a thread that nobody waits for, because looking up a name knows no time limit.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(INDEX_SECONDS)
    return statuses == [200]


def _works(*options: str) -> bool:
    """Say whether the environment's Python runs with these options."""
    return _output(*options) is not None


def _output(*options: str) -> str | None:
    """Return what the environment's Python prints with these options; None if it fails."""
    if not PYTHON.exists():
        return None
    told = subprocess.run([PYTHON, *options], capture_output=True, text=True, check=False)
    return told.stdout.strip() if told.returncode == 0 else None


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
    return _output("-c", code) or None


if __name__ == "__main__":
    sys.exit(main())
