"""For those who run a site: `flask consent …`."""

from .group import commands as commands
