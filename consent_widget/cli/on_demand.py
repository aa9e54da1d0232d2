"""`flask consent`, which imports the commands when somebody calls one: a site that serves needs none of them."""

from __future__ import annotations

from typing import Any

import click


class CommandsOnDemand(click.Group):
    """Stands for the group of commands until it is called."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The names of all commands."""
        return _group().list_commands(context)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of this name."""
        return _group().get_command(context, name)

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        return _group().invoke(context)


def _group() -> click.Group:
    from .group import commands

    return commands


commands = CommandsOnDemand("consent", help="Notices, keys and records of the consent widget.")
