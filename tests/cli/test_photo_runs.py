"""The command: what it prints where, and its exit statuses."""

import re

import pytest
from click.testing import CliRunner, Result

from attntopo.cli import main, photo_runs
from attntopo.cli.photo_runs import run_command
from attntopo.runs import pieces
from tests.harness.runs import InlineWorkers, errors_at, rows_at, tiny_jpegs

pytestmark = pytest.mark.usefixtures("inline")


@pytest.fixture
def folder(tmp_path) -> str:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, data in (tiny_jpegs(3) | {"bad.jpg": b"no photo"}).items():
        (folder / name).write_bytes(data)
    return str(folder)


def call(*arguments: str, lines: str = "") -> Result:
    return CliRunner().invoke(run_command, arguments, input=lines)


def test_rows_and_what_is_said_of_them(folder, tiny_model, tmp_path):
    out = str(tmp_path / "out")
    said = call("features", folder, "--out", out, "--model", tiny_model, "--layer", "1")
    assert said.exit_code == 0
    assert said.stdout == f"{out}/features\n"
    assert said.stderr.startswith("0 of 4 photos\n")
    assert "4 of 4 photos, 1 refused\n" in said.stderr
    assert f"1 photo refused: {out}/features-errors.parquet says why.\n" in said.stderr
    assert len(rows_at(out)) == 3 * 3
    assert len(errors_at(out)) == 1


def test_where_no_photo_can_be_read_it_fails(folder, tiny_model, tmp_path):
    out, options = str(tmp_path / "out"), ("--model", tiny_model, "--layer", "1")
    words = ["features", f"{folder}/bad.jpg", "--out", out, *options]
    said = CliRunner().invoke(run_command, words, standalone_mode=False)
    assert said.return_value == 1
    assert f"All of them refused: {out}/features-errors.parquet says why.\n" in said.stderr
    assert len(errors_at(out)) == 1


def test_it_says_how_long_the_rest_takes_and_that_no_worker_is_there(
    folder, tiny_model, tmp_path, monkeypatch
):
    options = ("--model", tiny_model, "--layer", "1")
    monkeypatch.setattr(photo_runs, "_EVERY", 0.0)
    monkeypatch.setattr(photo_runs, "_TELLING", 0.0)
    monkeypatch.setattr(pieces, "_LEAST_IN_A_PIECE", 1)
    said = call("features", folder, "--out", str(tmp_path / "a"), *options).stderr
    assert re.search(r"^[23] of 4 photos.*, [\d.e+]+ a second, about \d+ s to go$", said, re.M)
    assert "worker" not in said
    monkeypatch.setattr(InlineWorkers, "n_workers", 0)
    said = call("features", folder, "--out", str(tmp_path / "b"), *options).stderr
    assert ", no worker has joined the scheduler\n" in said


def test_a_list_from_standard_input_and_several_heads(folder, tiny_model, tmp_path):
    out = str(tmp_path / "out")
    lines = f"{folder}/p0000.jpg\n{folder}/p0002.jpg\n"
    options = ("--model", tiny_model, "--head", "mean", "--head", "2", "--layer", "0")
    said = call("components", "-", "--out", out, *options, lines=lines)
    assert said.exit_code == 0
    rows = rows_at(out, "components")
    assert sorted(rows["head"]) == ["2", "2", "mean", "mean"]


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["features", "nowhere", "--out", "out"], 1, "There is nothing at nowhere."),
        (["features", ".", "--out", "nofs://out"], 1, "no address that can be opened"),
        (["features", ".", "--out", "out", "--distance", "none"], 2, "'none' is not one of"),
        (["features", ".", "--out", "out", "--head", "mean"], 1, "of mean no rows can be made"),
        (["features", "."], 2, "Missing option '--out'"),
        (["nothing", ".", "--out", "out"], 2, "'nothing' is not one of"),
        (["features", ".", "--out", "out", "--workers", "0"], 2, "--workers"),
        (["features", ".", "--out", "out", "--head", "x"], 2, "A head is a number"),
    ],
)
def test_one_sentence_and_a_status(
    arguments, status, sentence, tiny_model, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["attntopo", "run", *arguments, "--model", tiny_model])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert ended.value.code == status
    assert printed.out == ""
    assert sentence in printed.err
    assert len(printed.err.splitlines()) == 1


def test_a_folder_that_cannot_be_written_to(folder, tiny_model, tmp_path):
    (tmp_path / "file").write_text("no folder")
    said = call("features", folder, "--out", str(tmp_path / "file"), "--model", tiny_model)
    assert said.exit_code == 1
    assert "Not a directory" in said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_help_has_examples():
    said = call("--help")
    assert said.exit_code == 0
    assert "attntopo run features photos/ --out tables" in said.stdout
