"""The commands in an app's own command line, imported when somebody calls one."""

from __future__ import annotations

from typing import Any

import click


class CommandsOnDemand(click.Group):
    """Stands for the group of commands until it is called."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The names of all commands."""
        return _commands().list_commands(context)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of this name."""
        return _commands().get_command(context, name)

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        return _commands().invoke(context)


def _commands() -> click.Group:
    from .group import commands

    return commands


commands_on_demand = CommandsOnDemand("consent", help="Notices, keys and records of the consent widget.")
