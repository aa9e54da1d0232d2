"""`flask consent …`: the group and its nine commands."""

from __future__ import annotations

import click

from .notices import diff, publish, versions
from .records import expire, export, list_
from .setup import check, init, keygen

commands = click.Group("consent", help="Notices, keys and records of the consent widget.")
for command in (keygen, init, check, diff, publish, versions, list_, export, expire):
    commands.add_command(command)
