"""How the command is called, and what becomes of what goes wrong."""

import json
import os
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

import attntopo as at
from attntopo.cli import COMMANDS, attending, attntopo_command
from attntopo.links import View
from tests.harness.readme import README

ROOT = Path(__file__).parents[2]
CALL = "from attntopo.cli import main; main()"


def in_process(*words: str, code: str = CALL, **options) -> subprocess.CompletedProcess:
    """The command in a process of its own."""
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, **options)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_where_it_is_looked_for_and_explains_itself(name, run):
    lazy = COMMANDS[name]
    command = getattr(import_module(lazy.module), lazy.name)
    assert isinstance(command, click.Command)
    assert command.name == name
    if name != "app":  # whose help is Streamlit's
        told = run(name, "--help")
        assert told.exit_code == 0
        assert f"  attntopo {name} " in told.stdout or f"  attntopo {name}\n" in told.stdout


def test_options_are_called_as_in_links():
    fields = set(View.__dataclass_fields__)
    in_links = {"model", "input", "shape", "layer", "head", "distance", "tokens"}
    more = {"compare": {"scale", "share", "model_b", "layer_b", "head_b"}, "components": {"scale"}}
    assert in_links | more["compare"] | {"quantity"} <= fields
    for name in ("compare", "components", "features", "vectors", "distances", "atlas"):
        lazy = COMMANDS[name]
        command = getattr(import_module(lazy.module), lazy.name)
        options = {option for one in command.params for option in one.opts}
        assert {f"--{option}" for option in in_links | more.get(name, set())} <= options
        defaults = {one.name: one.default for one in command.params}
        opened = {key: getattr(View, key) for key in ("model", "distance", "tokens", "shape")}
        assert {key: defaults[key] for key in opened} == opened


def test_help_is_there_without_a_model_or_any_commands_module():
    code = (
        "import sys\n"
        "from attntopo.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as end:\n    print(end.code)\n"
        "print('MODULES', *sys.modules)"
    )
    told, _, modules = in_process(code=code).stdout.partition("MODULES ")
    assert told.endswith("\n0\n")
    assert all(f"\n  {name} " in told for name in COMMANDS)
    slow = {"torch", "transformers", "scipy", "gudhi", "numba", "sklearn", "streamlit"}
    assert not set(modules.split()) & (slow | {one.module for one in COMMANDS.values()})


def test_without_a_command_it_says_what_there_is(run):
    told = run()
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout == run("--help").stdout
    assert run("--version").stdout == f"attntopo {at.__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["--nonsense"],
        ["compare", "ring"],
        ["compare", "ring", "ring", "ring"],
        ["compare", "sample:nobody", "ring"],
        ["compare", "ring", "ring", "--head", "first"],
        ["compare", "ring", "ring", "--layer", "-1"],
        ["compare", "ring", "ring", "--distance", "cosine"],
        ["compare", "ring", "ring", "--scale", "0.1", "--share", "50"],
        ["components", "ring"],
        ["components", "--out", "masks"],
        ["features", "-"],
        ["vectors", "ring"],
        ["distances", "ring"],
        ["distances", "ring", "ring"],
        ["atlas", "ring", "--quantity", "h0-bottleneck"],
    ],
)
def test_wrong_usage_is_one_sentence(run, words):
    told = run(*words)
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.count("\n") == 1
    assert "--help" in told.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["compare", "missing.jpg", "ring"], "missing.jpg: No such file"),
        (["compare", "ring", "ring", "--head", "99"], "no head"),
        (["compare", "coffee", "ring", "--layer", "99"], "layers 0 to 11"),
        (["compare", "coffee", "ring", "--input", "300"], "no input of 300"),
        (["features", "coffee", "--model", "no/such"], "downloads are switched off"),
        (["features", "coffee", "--model", "nothing"], "There is no model"),
        (["atlas", "ring", "coffee"], "other numbers of layers"),
        (["features", "ring", "--out", "."], "folder"),
        (["features", "ring", "--out", "file/x.csv"], "can't be written"),
    ],
)
def test_what_cannot_be_had_is_one_sentence(run, words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    told = run(*words)
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr.count("\n") == 1
    assert said in told.stderr


def test_what_nobody_foresaw_is_one_sentence_too(run, monkeypatch):
    def fails(*_: object) -> None:
        raise ZeroDivisionError("of several\nlines")

    monkeypatch.setattr(attending.ModelRun, "attend", fails)
    told = run("compare", "ring", "ring")
    assert (told.exit_code, told.stdout) == (1, "")
    assert "ZeroDivisionError: of several lines" in told.stderr
    assert told.stderr.count("\n") == 1


def test_an_output_that_is_there_stays(run, tmp_path):
    for name, words in {"a.csv": ["features"], "b.npz": ["vectors"], "c.csv": ["atlas"]}.items():
        path = tmp_path / name
        path.write_text("mine")
        told = run(*words, "ring", "--out", path)
        assert (told.exit_code, path.read_text()) == (1, "mine")
        assert run(*words, "ring", "--out", path, "--overwrite").exit_code == 0
        assert path.read_bytes() != b"mine"


def test_ctrl_c_ends_with_one_line():
    code = (
        "import os, signal, sys, time\n"
        # A shell has what it starts in the background ignore Ctrl-C, tests too.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Lines:\n"
        "    def __iter__(self):\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "        time.sleep(60)\n"
        "        return iter(())\n"
        "from attntopo.cli import main\n"
        "sys.stdin = Lines()\n"
        "main(['features', '-'])"
    )
    told = in_process(code=code)
    assert (told.returncode, told.stdout) == (130, "")
    assert told.stderr.split() == ["Stopped."]


def test_a_pipe_that_is_closed_is_nothing_to_speak_of():
    with subprocess.Popen(
        [sys.executable, "-c", CALL, "features", "ring"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", 141)


@pytest.mark.skipif(os.name == "nt", reason="has no such terminals")
def test_progress_is_told_to_a_terminal_alone():
    read, write = os.openpty()
    words = ["features", "ring", "missing.jpg", "ring", "--layer", "0", "--head", "0"]
    with open(read, "rb", buffering=0) as terminal:
        told = subprocess.run(
            [sys.executable, "-c", CALL, *words], stdout=subprocess.PIPE, stderr=write
        )
        os.close(write)
        seen = b""
        try:
            while more := terminal.read(10_000):
                seen += more
        except OSError:  # Linux's way to say that the other end is closed
            pass
    assert b"3/3" in seen
    assert seen.splitlines()[-1] == b"missing.jpg: No such file or directory."
    rows = [line for line in told.stdout.decode().splitlines() if not line.startswith("#")]
    assert len(rows) == 1 + 2
    assert not in_process(*words).stderr.startswith("Photos")


def test_a_model_that_is_not_there_is_said_once(run):
    told = run("features", "coffee", "rocket", "--model", "no/such")
    assert (told.exit_code, told.stderr.count("\n")) == (1, 1)


def test_in_a_process_of_its_own_it_computes_the_same(tmp_path, astronaut):
    """With a refused photo, of which nothing but its sentence is said."""
    (tmp_path / "bad.jpg").write_bytes(b"no photo at all")
    at.sample("astronaut").image().save(tmp_path / "mine.png")
    words = ("features", "bad.jpg", "mine.png", "--layer", "9", "--head", "3", "--json")
    told = in_process(*words, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert told.returncode == 1
    assert told.stderr.count("\n") == 1
    assert told.stderr.startswith("bad.jpg: This is not a photo")
    (row,) = json.loads(told.stdout)["features"]
    topology = at.analyse(astronaut, 9, 3, "jensen-shannon")
    threshold = at.DISTANCES["jensen-shannon"].default_scale
    expected = at.head_features(astronaut, 9, 3, topology.diagrams, threshold)
    assert row == {"photo": "mine.png", "layer": 9, "head": 3} | expected


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "app"])
def test_the_examples_of_the_help_are_understood(name):
    command = attntopo_command.get_command(click.Context(attntopo_command), name)
    lines = [line.strip() for line in command.epilog.splitlines() if "attntopo" in line]
    assert lines
    for line in lines:
        called = line.rpartition("| ")[2].partition(" > ")[0]
        _, own_name, *words = shlex.split(called)
        assert own_name == name
        with command.make_context(name, words):  # raises what it doesn't understand
            pass


def test_the_readmes_lines_do_what_they_say(run, tmp_path, monkeypatch):
    """As a shell runs them: patterns are files' names, and > is where the output goes."""
    monkeypatch.chdir(tmp_path)
    for name in ("coffee", "rocket"):
        at.sample(name).image().save(f"{name}.jpg")
    section = README.partition("## From a shell")[2].partition("\n## ")[0]
    lines = section.partition("```sh\n")[2].partition("```")[0].splitlines()
    assert len(lines) >= 4
    for line in lines:
        call, _, out = line.partition("#")[0].partition(" > ")
        program, *words = shlex.split(call)
        assert program == "attntopo"
        files = [sorted(map(str, Path().glob(word))) if "*" in word else [word] for word in words]
        told = run(*(name for names in files for name in names))
        assert (told.exit_code, told.stderr) == (0, ""), line
        if out:
            Path(out.strip()).write_text(told.stdout)
    assert {path.name for path in tmp_path.iterdir()} >= {"masks", "features.csv", "vectors.npz"}
    assert {path.name for path in Path("masks").iterdir()} == {
        "coffee.png", "rocket.png", "components.json",
    }  # fmt: skip


def test_the_groups_commands_are_found_by_completion():
    context = click.Context(attntopo_command)
    assert attntopo_command.list_commands(context) == list(COMMANDS)
    assert attntopo_command.get_command(context, "nonsense") is None
