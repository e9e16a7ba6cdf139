"""`run.py` into environments that are thrown away, and an index of packages on this machine."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import run

ROOT = Path(__file__).parents[1]
VERSION = "2.13.0"
WHEEL = f"torch-{VERSION}-py3-none-any.whl"
linux_without_a_driver = pytest.mark.skipif(
    sys.platform != "linux" or run.has_nvidia_driver(), reason="torch's CPU build isn't asked for"
)


def environment(**more: str) -> dict[str, str]:
    """An environment in which nobody has told pip or run.py anything."""
    kept = {
        name: one
        for name, one in os.environ.items()
        if not name.startswith(("ATTNTOPO_", "PIP_", "PYTHON"))
    }
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "no_proxy": "127.0.0.1", **more}


def do(code: str, **more: str) -> subprocess.CompletedProcess:
    """Run a line of code that knows run.py."""
    return subprocess.run(
        [sys.executable, "-c", f"import run; {code}"],
        cwd=ROOT,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=120,
    )


# --- torch's CPU build ------------------------------------------------------------------------


class Index(ThreadingHTTPServer):
    """An index that has this torch, answers with an error, or never answers."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status, self.version, self.asked = 200, VERSION, []
        self.silent, self.over = False, threading.Event()
        self.wheel = folder / WHEEL
        info = f"torch-{VERSION}.dist-info"
        with zipfile.ZipFile(self.wheel, "w") as archive:
            archive.writestr("torch/__init__.py", "")
            archive.writestr(
                f"{info}/METADATA",
                f"Metadata-Version: 2.1\nName: torch\nVersion: {VERSION}\n"
                "Requires-Dist: a-package-that-is-in-no-index\n",
            )
            archive.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr(f"{info}/RECORD", "")

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/whl/cpu"


class Handler(BaseHTTPRequestHandler):
    server: Index

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.server.silent:
            self.server.over.wait()
        page = f'<a href="../{WHEEL.replace(VERSION, self.server.version)}">torch</a>'.encode()
        body = self.server.wheel.read_bytes() if self.path.endswith(".whl") else page
        self.send_response(self.server.status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def index(tmp_path) -> Iterator[Index]:
    server = Index(tmp_path)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Path:
    """An environment with nothing but pip in it."""
    folder = tmp_path_factory.mktemp("run") / "venv"
    made = do("run.make_environment()", ATTNTOPO_VENV=str(folder))
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def folder(empty) -> Iterator[Path]:
    """Where its packages lie; torch is taken out again."""
    (packages,) = empty.glob("lib/python*/site-packages")
    yield packages
    for path in packages.glob("torch*"):
        shutil.rmtree(path)


@linux_without_a_driver
def test_torch_alone_comes_from_an_index_that_answers(index, empty, folder):
    options = {"ATTNTOPO_VENV": str(empty), "ATTNTOPO_TORCH_INDEX": index.address}
    done = do("run.install_cpu_torch()", **options)
    assert (done.returncode, done.stdout) == (0, "")
    assert (folder / f"torch-{VERSION}.dist-info").is_dir()
    assert index.asked[0] == "/whl/cpu/torch/"

    index.asked.clear()
    assert do("run.install_cpu_torch()", **options).returncode == 0
    assert index.asked == []  # it is there


@linux_without_a_driver
@pytest.mark.parametrize("silent", [False, True])
def test_an_index_that_answers_an_error_or_nothing_is_left_alone(silent, index, empty, folder):
    index.status, index.silent = 500, silent
    done = do(
        "run.install_cpu_torch()", ATTNTOPO_VENV=str(empty), ATTNTOPO_TORCH_INDEX=index.address
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert index.asked == ["/whl/cpu/torch/"]
    assert not list(folder.glob("torch*"))


@linux_without_a_driver
def test_where_no_index_is_nothing_is_installed(empty, folder):
    done = do(
        "run.install_cpu_torch()",
        ATTNTOPO_VENV=str(empty),
        ATTNTOPO_TORCH_INDEX="http://127.0.0.1:9",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not list(folder.glob("torch*"))


@linux_without_a_driver
def test_an_index_without_this_torch_is_said_and_no_end(index, empty, folder):
    index.version = "2.12.0"
    done = do(
        "run.install_cpu_torch()", ATTNTOPO_VENV=str(empty), ATTNTOPO_TORCH_INDEX=index.address
    )
    assert done.returncode == 0
    assert "comes from where all else does" in done.stdout
    assert not list(folder.glob("torch*"))


def test_with_a_driver_of_nvidias_no_index_is_asked(index, empty, folder, tmp_path):
    (tmp_path / "nvidia-smi").write_text("")
    (tmp_path / "nvidia-smi").chmod(0o755)
    done = do(
        "run.install_cpu_torch()",
        ATTNTOPO_VENV=str(empty),
        ATTNTOPO_TORCH_INDEX=index.address,
        PATH=f"{tmp_path}:{os.environ['PATH']}",
    )
    assert done.returncode == 0
    assert index.asked == []
    assert not list(folder.glob("torch*"))


def test_a_name_that_is_looked_up_for_ever_keeps_nobody():
    code = (
        "import socket, threading\n"
        "socket.getaddrinfo = lambda *_, **__: threading.Event().wait()\n"
        "print(run.answers('http://index.invalid/torch/'))"
    )
    done = do(code)
    assert (done.returncode, done.stdout) == (0, "False\n")


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ({}, run.TORCH_INDEX),
        ({"PIP_EXTRA_INDEX_URL": "http://more.invalid"}, run.TORCH_INDEX),
        ({"PIP_INDEX_URL": "http://mirror.invalid"}, ""),
        ({"PIP_NO_INDEX": "1"}, ""),
        (
            {"PIP_INDEX_URL": "http://mirror.invalid", "ATTNTOPO_TORCH_INDEX": "http://x/"},
            "http://x",
        ),
        ({"ATTNTOPO_TORCH_INDEX": ""}, ""),
    ],
)
def test_whoever_told_pip_where_packages_come_from_is_heeded(told, asked, empty):
    done = do("print(run.torch_index())", ATTNTOPO_VENV=str(empty), **told)
    assert done.stdout == f"{asked}\n"


def test_the_index_is_the_one_of_the_image():
    assert f"ARG TORCH_INDEX={run.TORCH_INDEX}\n" in (ROOT / "Dockerfile").read_text()


def test_the_usage_names_the_variables_that_are_read():
    read = re.findall(r'environ\.get\("(\w+)"', (ROOT / "run.py").read_text())
    assert set(re.findall(r"^(ATTNTOPO_\w+) ", run.USAGE, flags=re.MULTILINE)) == set(read)


# --- the whole of it --------------------------------------------------------------------------


def test_a_clone_is_installed_and_serves_scripts_anywhere(tmp_path):
    """With the packages of these tests in place of what would be downloaded; without .git."""
    clone, script = tmp_path / "clone", tmp_path / "elsewhere" / "script.py"
    ignored = shutil.ignore_patterns(".*_cache", ".git", ".venv", "__pycache__", "tests", "docs")
    shutil.copytree(ROOT, clone, ignore=ignored)
    script.parent.mkdir()
    script.write_text("import attntopo\nprint(attntopo.__file__)")
    variables = environment(
        PYTHONPATH=sysconfig.get_path("purelib"),
        PIP_NO_INDEX="1",
        PIP_NO_BUILD_ISOLATION="0",  # which is how pip reads "without"
        NUMBA_DISABLE_JIT="1",  # what it compiles is tested elsewhere
    )

    def install() -> tuple[int, str]:
        command = [sys.executable, clone / "run.py", "install"]
        options = {"cwd": script.parent, "env": variables, "capture_output": True, "text": True}
        done = subprocess.run(command, **options)
        return done.returncode, done.stdout

    code, said = install()
    assert (code, "Installing requirements-dev.txt" in said) == (0, True)
    python = clone / ".venv" / "bin" / "python"
    told = subprocess.check_output([python, script], cwd=script.parent, env=variables, text=True)
    assert told == f"{clone / 'attntopo' / '__init__.py'}\n"
    assert (python.parent / "attntopo").exists()
    assert install() == (0, "")

    (clone / "pyproject.toml").write_text("this is no TOML")
    code, said = install()
    assert code == 1
    assert "Installing requirements-dev.txt" in said
