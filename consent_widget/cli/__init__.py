"""For those who run a site: `flask consent …`."""

from .notices import commands as commands
