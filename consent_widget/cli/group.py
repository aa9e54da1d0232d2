"""`flask consent …`: the group and its commands. Errors are one line, without a traceback."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Any

import click

from ..errors import ConsentError
from .audit import audit
from .databases import backup, copy, upgrade
from .deliver import deliver
from .export import export
from .importing import import_
from .lists import lists
from .log import checkpoint, log_key, new_log
from .notice import notice
from .notices import diff, publish, versions
from .prune_log import prune_log
from .purge import purge
from .receipt import receipt
from .records import expire, list_
from .setup import check, init, keygen
from .stats import stats
from .subjects import erase, subject
from .vendors import vendors
from .verify import verify
from .witness import witness, witness_key
from .words import WORDS, Words


class Commands(click.Group):
    """Commands whose errors are one line. `words` puts what they say of settings and commands into others' words."""

    def __init__(self, *args: Any, words: Words = str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.words = words

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        context.meta[WORDS] = self.words
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):  # a console of code page 1252 shows what it can
                stream.reconfigure(errors="backslashreplace")
        try:
            result = super().invoke(context)
            sys.stdout.flush()
        except click.UsageError:
            raise
        except (ConsentError, click.ClickException) as error:
            raise click.ClickException(self.words(str(error))) from None
        except BrokenPipeError:  # whoever reads has read enough
            raise
        except OSError as error:
            sys.stdout = sys.stderr  # what cannot be written is not tried once more at the end
            raise click.ClickException(
                f"{error.filename or 'The output'}: cannot be read or written ({error.strerror})."
            ) from None
        return result


commands = Commands("consent", help="Notices, keys and records of the consent widget.")
for command in (
    keygen, init, check, diff, publish, versions, notice, list_, export, stats, subject, lists, receipt, erase, expire,
    purge, deliver, vendors, copy, backup, upgrade, log_key, checkpoint, witness_key, witness,
    verify,
    import_, prune_log, new_log, audit,
):  # fmt: skip
    commands.add_command(command)
