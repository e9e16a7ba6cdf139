"""Do what the Dockerfile does, where there is no Docker: its steps, its command, its health check.

    sudo .venv/bin/python -m tools.docker_steps [--build-arg TORCH_INDEX=] [--python PATH]

In an empty folder that stands for the image: a copy of Python, a fresh environment, each RUN step
as the user that it has in the image. Then the command is started as uid
1000 in a network of its own without a way out; it must become healthy, show a visitor the numbers
that the library computes here, write nothing, and stop when it is told to. Takes minutes and
gigabytes, and needs root on Linux: to become another user and to take the network away.

It also lists the shared libraries that the packages want of the system, for the image has no more
of them than any Debian has.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from attntopo.links.view import View
from attntopo.models.loading import load_model
from tests.harness.reference_tiles import expected_tiles
from tools.dockerfile import Instruction, copied_files, health_check, read

ROOT = Path(__file__).parents[1]
UID = 1000
STARTING_SECONDS = 120
OF_ANY_DEBIAN = {
    "libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1",
    "libgcc_s.so.1", "libstdc++.so.6", "libz.so.1",
}  # fmt: skip
"""What a slim image has because its own apt and dpkg need it."""
UNUSED = ("numba/np/ufunc/omppool", "numba/np/ufunc/tbbpool")
"""Ways to run parallel loops, of which our kernels have none."""


class Image:
    """A folder that stands for the image.

    Parameters
    ----------
    folder : Path
    python : Path
        What the base image brings: the folder in which a Python is installed.
    arguments : dict of str to str
        As for `docker build --build-arg`.
    """

    def __init__(self, folder: Path, python: Path, arguments: dict[str, str]) -> None:
        self.folder, self.user, self.workdir = folder, 0, folder
        self._arguments, self._own = arguments, False
        self.command: list[str] = []
        (folder / "tmp").mkdir()
        (folder / "tmp").chmod(0o1777)
        # A copy, for the one that is installed may lie where only root can read.
        left_out = shutil.ignore_patterns("site-packages", "test", "__pycache__")
        shutil.copytree(python, folder / "python", symlinks=True, ignore=left_out)
        name = f"python{sysconfig.get_python_version()}"
        name = name if (folder / "python/bin" / name).exists() else "python3"
        subprocess.run([folder / "python/bin" / name, "-m", "venv", folder / "venv"], check=True)
        # What says where packages come from on this machine is wanted; nothing else is.
        self.environment = {key: one for key, one in os.environ.items() if key.startswith("PIP_")}
        self.environment |= {
            "PATH": f"{folder / 'venv/bin'}:/usr/local/bin:/usr/bin:/bin",
            # A Python built as a shared library knows it by where it was installed.
            "LD_LIBRARY_PATH": str(folder / "python/lib"),
            "PIP_QUIET": "1",
            "HOME": str(folder / "home/attntopo"),
            "TMPDIR": str(folder / "tmp"),
            "LANG": "C.UTF-8",
        }

    def place(self, text: str) -> str:
        """Put the folder before the image's own paths."""
        return re.sub(r"(?<![\w./-])/(?=(?:app|home)\b)", f"{self.folder}/", text)

    def do(self, step: Instruction) -> None:
        """Do one instruction."""
        value = self.place(step.value)
        if step.name == "ARG":
            for name, default in step.pairs.items():
                self.environment[name] = self._arguments.get(name, default)
        elif step.name == "ENV":
            self.environment |= {key: self.place(one) for key, one in step.pairs.items()}
        elif step.name == "WORKDIR":
            self.workdir = Path(value)
            self.workdir.mkdir(parents=True, exist_ok=True)
        elif step.name == "COPY":
            for path, target in copied_files([step], ROOT):
                (self.workdir / target).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, self.workdir / target)
        elif step.name == "USER":
            self.user = int(value)
        elif step.name == "RUN" and "useradd" in value:
            home = Path(self.environment["HOME"])  # no name is needed here, only the number
            home.mkdir(parents=True)
            os.chown(home, UID, UID)
        elif step.name == "RUN":
            subprocess.run(self.as_user(step), cwd=self.workdir, env=self.environment, check=True)
        elif step.name == "CMD":
            self.command = self.as_user(step)

    def as_user(self, step: Instruction) -> list[str]:
        """Return an instruction's command, to be run by the user of this step."""
        become = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"]
        return [*become, *(self.place(word) for word in step.command)]

    def files(self) -> dict[str, tuple[float, int]]:
        """Return every file with when it was written and its size."""
        found = {}
        for path in self.folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                told = path.stat()
                found[str(path.relative_to(self.folder))] = told.st_mtime, told.st_size
        return found


def try_image(image: Image, check: list[str], expected: dict[str, str]) -> list[str]:
    """Start the command without a network, visit it, stop it; return what went wrong."""
    before = image.files()
    begun = time.monotonic()
    alone = ["unshare", "--net", "--", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    log = image.folder / "tmp" / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*alone, *image.command],
            cwd=image.workdir,
            env=image.environment,
            stdout=output,
            stderr=output,
        )
    inside = ["nsenter", f"--net=/proc/{server.pid}/ns/net", "--"]
    wrong = []
    try:
        while subprocess.run(
            [*inside, *check], env=image.environment, capture_output=True
        ).returncode:
            if server.poll() is not None or time.monotonic() - begun > STARTING_SECONDS:
                return [f"it never became healthy:\n{log.read_text()}"]
            time.sleep(0.5)
        print(f"healthy after {time.monotonic() - begun:.1f} s without a network", flush=True)
        begun = time.monotonic()
        address = f"http://127.0.0.1:{image.environment['STREAMLIT_SERVER_PORT']}"
        visit = [sys.executable, "-m", "tests.harness.visit", address]
        shown = json.loads(subprocess.check_output([*inside, *visit], cwd=ROOT))
        print(f"first numbers {time.monotonic() - begun:.1f} s later: {shown}", flush=True)
        status = Path(f"/proc/{server.pid}/status").read_text()
        said = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        print(f"as uid {said['Uid'].split()[0]}, memory at most {said['VmHWM'].strip()}")
        if shown != expected:
            wrong.append(f"it should have shown {expected}")
    finally:
        server.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        server.wait(timeout=30)
    print(f"stopped {time.monotonic() - begun:.1f} s after SIGTERM")
    after = image.files()
    written = sorted(
        name for name in after if after[name] != before.get(name) and name != "tmp/log"
    )
    print(f"files written since the start: {written or 'none'}")
    return wrong + [f"it wrote {name}" for name in written]


def wanted_of_the_system(packages: Path) -> list[str]:
    """Return the shared libraries that packages want and neither bring nor find on any Debian."""
    binaries = [path for path in packages.rglob("*.so*") if path.is_file()]
    brought = {path.name for path in binaries}
    found = set()
    for path in binaries:
        if not any(name in str(path) for name in UNUSED):
            told = subprocess.run(["ldd", path], capture_output=True, text=True)
            wanted = {line.split()[0] for line in told.stdout.splitlines() if "=>" in line}
            missing = wanted - brought - OF_ANY_DEBIAN
            found |= {f"{path.relative_to(packages)} wants {name}" for name in missing}
    return sorted(found)


def size(folder: Path) -> str:
    """Return what a folder takes on disk, in megabytes."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return f"{sum(path.stat().st_size for path in files) / 1e6:.0f} MB"


def main() -> None:
    """Build and try the image."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--python", type=Path, default=Path(sys.base_prefix), metavar="PREFIX")
    parser.add_argument("--keep", action="store_true", help="leave the folder, and say where")
    options = parser.parse_args()
    if os.name != "posix" or os.geteuid() != 0:
        sys.exit("This needs root on Linux.")
    steps = read(ROOT / "Dockerfile")
    folder = Path(tempfile.mkdtemp(prefix="attntopo-image-"))
    folder.chmod(0o755)
    try:
        arguments = dict(argument.split("=", 1) for argument in options.build_arg)
        image = Image(folder, options.python, arguments)
        for step in steps:
            begun = time.monotonic()
            image.do(step)
            if step.name == "RUN":
                print(f"[{time.monotonic() - begun:5.0f} s] uid {image.user}: {step.value[:80]}")
        for name in ("venv", "app", "home"):
            print(f"{name}: {size(folder / name)}")
        wrong = wanted_of_the_system(folder / "venv")
        print(f"wanted of the system: {wrong or 'what any Debian has'}")
        wrong += try_image(image, health_check(steps), expected_tiles(load_model(), View()))
    finally:
        if options.keep:
            print(folder)
        else:
            shutil.rmtree(folder)
    sys.exit("\n".join(wrong) or None)


if __name__ == "__main__":
    main()
