"""`attntopo models`: which models there are, and which are on this machine."""

from importlib.util import find_spec

import click

from attntopo.cli.examples import shell_examples
from attntopo.cli.options import json_option
from attntopo.cli.writing import aligned, put_json
from attntopo.models import catalogue, models_on_this_machine


@click.command(
    "models",
    epilog=shell_examples(
        "attntopo models",
        "attntopo models --json",
    ),
)
@json_option
def models_command(as_json: bool) -> None:
    """List the models of the catalogue, and say which work without a download.

    Any other id on the hub (owner/name) and any folder can be a --model too, and each model has a
    twin with random weights: its id with ~untrained after it.
    """
    runs = find_spec("torch") is not None
    here = models_on_this_machine() if find_spec("huggingface_hub") is not None else []
    models = [
        {
            "id": entry.id,
            "label": entry.label,
            "licence": entry.licence or None,
            "megabytes": entry.megabytes,
            "here": runs and entry.id in here,
        }
        for entry in catalogue().values()
    ]
    if as_json:
        put_json({"models": models})
    else:
        rows = [
            [str(one["id"]), str(one["label"]), str(one["licence"] or ""), _place(one["here"])]
            for one in models
        ]
        click.echo(aligned([["id", "label", "licence", "where"], *rows]))
    if not runs:
        click.echo('To run them: pip install ".[models]" in the clone.', err=True)


def _place(here: object) -> str:
    return "on this machine" if here else "on the hub"
