"""For those who run a site: `flask consent …`."""

from .on_demand import commands as commands
