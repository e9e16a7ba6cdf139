"""The command `attntopo`: the library from a shell.

A new command is a line in `COMMANDS` (`command.py`) and a click command in a module of its own,
which is imported when the command is called.
"""

from attntopo.cli.command import COMMANDS, attntopo_command, main
