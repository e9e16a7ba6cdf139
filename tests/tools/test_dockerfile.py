"""What the Dockerfile says. `python -m tools.docker_steps` does it, in minutes."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.dockerfile import copied_files, health_check, read

ROOT = Path(__file__).parents[2]
STEPS = read(ROOT / "Dockerfile")
ENV = {name: value for step in STEPS if step.name == "ENV" for name, value in step.pairs.items()}


def place(name: str, containing: str = "") -> int:
    """Where the only instruction of a kind that says something stands."""
    (number,) = [
        number
        for number, step in enumerate(STEPS)
        if step.name == name and containing in step.value
    ]
    return number


def test_hadolint_has_nothing_to_say():
    hadolint = Path(sys.executable).with_name("hadolint")
    answer = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True)
    assert (answer.stdout + answer.stderr, answer.returncode) == ("", 0)


def test_it_runs_as_a_user_who_is_not_root_and_stays_so():
    user = place("USER")
    assert STEPS[user].value == "1000"
    assert "--uid 1000" in STEPS[place("RUN", "useradd")].value
    # Nothing that is copied or installed belongs to the server's user, or it could be rewritten.
    assert all(step.name != "COPY" and "pip" not in step.value for step in STEPS[user:])
    assert not any("--chown" in step.value for step in STEPS if step.name == "COPY")
    assert user < place("RUN", "attntopo.ui.server.prepare") < place("CMD")


def test_it_serves_where_it_says():
    assert STEPS[place("EXPOSE")].value == "8501" == ENV["STREAMLIT_SERVER_PORT"]
    assert ENV["STREAMLIT_SERVER_ADDRESS"] == "0.0.0.0"
    assert ENV["STREAMLIT_SERVER_HEADLESS"] == "true"
    # The exec form: a shell in between would keep the signal to stop for itself.
    assert STEPS[place("CMD")].value == '["python", "-m", "attntopo.ui.server.serve"]'


@pytest.mark.parametrize("well", [True, False])
def test_the_health_check_tells_a_server_from_none(well, tmp_path):
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200 if well else 503)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    program, *rest = health_check(STEPS)
    assert program == "python"
    told = subprocess.run(
        [sys.executable, *rest],
        env={
            "STREAMLIT_SERVER_PORT": str(server.server_port),
            "http_proxy": "http://127.0.0.1:9",  # not for the machine itself
        },
        capture_output=True,
    )
    server.shutdown()
    server.server_close()
    assert asked == ["/_stcore/health"]
    assert (told.returncode == 0) is well


def test_the_public_image_asks_nobody():
    assert ENV["ATTNTOPO_DOWNLOADS"] == "off"
    assert ENV["HF_HUB_OFFLINE"] == "1"
    # What is compiled and converted while it is built lies in the image, and is found again.
    assert ENV["ATTNTOPO_CACHE"].startswith("/home/attntopo/")
    assert ENV["NUMBA_CACHE_DIR"].startswith(ENV["ATTNTOPO_CACHE"])
    assert place("ENV") < place("RUN", "attntopo.ui.server.prepare")


def test_the_index_of_torch_is_an_argument_and_gives_torch_alone():
    (argument,) = [step for step in STEPS if step.name == "ARG"]
    assert argument.pairs == {"TORCH_INDEX": "https://download.pytorch.org/whl/cpu"}
    step = STEPS[place("RUN", "TORCH_INDEX")].value
    (of_torch,) = [part for part in step.split("&&") if "TORCH_INDEX" in part]
    assert "--no-deps" in of_torch
    assert of_torch.strip().endswith("-r torch.txt")


def test_everything_of_requirements_is_installed(tmp_path):
    """The step's own words split the file; pip is one that notes what it is asked for."""
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    pip = tmp_path / "pip"
    pip.write_text('#!/bin/sh\nfor word; do last=$word; done\ncat "$last" >> asked\n')
    pip.chmod(0o755)
    subprocess.run(
        STEPS[place("RUN", "TORCH_INDEX")].command,
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=True,
    )

    def wanted(text: str) -> set[str]:
        return {line for line in text.splitlines() if line and not line.startswith("#")}

    assert wanted((tmp_path / "asked").read_text()) == wanted(
        (ROOT / "requirements.txt").read_text()
    )
    assert {path.name for path in tmp_path.iterdir()} == {"requirements.txt", "pip", "asked"}


def test_the_image_holds_the_app_and_nothing_that_is_not_named():
    copied = {path.relative_to(ROOT).parts[0] for path, _ in copied_files(STEPS, ROOT)}
    assert copied == {"requirements.txt", "LICENSE", "app.py", ".streamlit", "attntopo", "pages"}
    # Of this folder one file: secrets lie beside it.
    assert "COPY .streamlit/config.toml .streamlit/" in (ROOT / "Dockerfile").read_text()
    # What the builder gets is what is copied, so that nothing is copied and left out at once.
    ignored = (ROOT / ".dockerignore").read_text().split()
    sources = {
        source for step in STEPS if step.name == "COPY" for source in step.value.split()[:-1]
    }
    assert ignored[ignored.index("*") + 1 : -1] == [
        line for line in ignored if line.startswith("!")
    ]
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == sources
    assert ignored[-1] == "**/__pycache__"


def test_no_system_package_is_needed_anywhere():
    """`python -m tools.docker_steps` looks whether that is so; this, that all files agree."""
    assert (ROOT / "packages.txt").read_text() == ""
    assert not any("apt-get" in step.value for step in STEPS)


def test_the_spaces_front_matter_names_the_port():
    _, front, _ = (ROOT / "docs" / "space.md").read_text("utf-8").split("---\n", 2)
    values = dict(line.split(": ", 1) for line in front.splitlines())
    assert values["sdk"] == "docker"
    assert values["app_port"] == ENV["STREAMLIT_SERVER_PORT"]
    assert len(values["short_description"]) <= 60
