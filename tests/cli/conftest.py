"""What the tests of the command share: a runner in this process, with the model loaded once."""

from collections.abc import Callable

import click.testing
import pytest

import attntopo as at
from attntopo.cli import attending, attntopo_command
from tests.harness.runs import inline, tiny_model  # noqa: F401 - fixtures

Run = Callable[..., click.testing.Result]


@pytest.fixture
def run(model: at.Model, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in this process; any model it loads by name is loaded by the library."""
    loaded = {"embedded": model}

    def load(name: str, **options: object) -> at.Model:
        assert options.keys() == {"folder", "downloads", "report"}
        return loaded[name] if name in loaded else at.load_model(name, downloads=False)

    monkeypatch.setattr(attending, "load_model", load)
    runner = click.testing.CliRunner()

    def run_command(*words: object, **options: object) -> click.testing.Result:
        result = runner.invoke(attntopo_command, [str(word) for word in words], **options)
        assert "Traceback" not in result.output
        return result

    return run_command
