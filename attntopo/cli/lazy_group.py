"""A click group whose commands are imported when they are called."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click


@dataclass(frozen=True)
class LazyCommand:
    """Where a command is.

    Attributes
    ----------
    module, name : str
        The module that it is in, and what it is called there.
    summary : str
        What the group's help says of it: nothing is imported for that.
    """

    module: str
    name: str
    summary: str


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is called.

    Parameters
    ----------
    lazy_commands : mapping of str to LazyCommand
        By what is typed, in the order of the help.
    **options
        As for `click.Group`.
    """

    def __init__(
        self, *arguments: Any, lazy_commands: Mapping[str, LazyCommand], **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self.lazy_commands = lazy_commands

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names, in the order of the help."""
        return [*self.lazy_commands, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None where there is none of that name."""
        lazy = self.lazy_commands.get(cmd_name)
        if lazy is None:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(import_module(lazy.module), lazy.name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the commands are, without importing them."""
        rows = [
            (name, self.lazy_commands[name].summary)
            for name in self.list_commands(ctx)
            if name in self.lazy_commands
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
