"""What `consent-widget scan` does: progress, reports, and how it ends."""

from __future__ import annotations

import signal
import sys
from collections.abc import Collection
from contextlib import suppress
from functools import partial
from pathlib import Path

import click

from ..errors import ConsentError
from ..notice.file import read_notice
from .browsers import Setting
from .classify import classify
from .html import as_html
from .judging import checked, notice_of
from .looking import look_now
from .observed import CannotLookError, Phase, legible
from .propose import propose as proposal
from .report import as_json, terminal, words

CLEAN, LEAKS, CANNOT_LOOK, STOPPED = 0, 1, 2, 130


class Bar:
    """Progress on the standard error: one line that changes in a terminal, else one line for each visitor."""

    def __init__(self) -> None:
        self._told: set[Phase] = set()

    def __call__(self, phase: Phase, done: int, total: int, url: str) -> None:
        """Say which page is looked at."""
        name = words()[phase]["en"]
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{name}: page {done} of {total}  {legible(url[:60])}", err=True, nl=False)
        elif phase not in self._told:
            click.echo(f"{name} …", err=True)
        self._told.add(phase)

    def end(self) -> None:
        """Clear the line."""
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", err=True, nl=False)


def run(
    url: str, setting: Setting, pages: int, notice: Path | None, own: Collection[str], json_file: Path | None,
    html_file: Path | None, *, propose: bool,
) -> int:  # fmt: skip
    """Looks at a site and reports. With what the command ends."""
    bar = Bar()
    with suppress(ValueError):  # not in the main thread, where nobody sends signals
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C, so that no browser stays behind
        click.get_current_context().call_on_close(partial(signal.signal, signal.SIGTERM, before))
    try:
        for file in filter(None, (json_file, html_file)):
            if not file.parent.is_dir():
                raise CannotLookError(f"There is no folder {file.parent} for the report.")
        given = read_notice(notice) if notice else None
        seen = look_now(checked(url), setting, pages, bar)
        told, seen = notice_of(seen, given)
        findings = classify(seen, told, own)
        if json_file:
            json_file.write_text(as_json(seen, findings), "utf-8")
        if html_file:
            html_file.write_text(as_html(seen, findings), "utf-8")
    except (ConsentError, OSError) as error:
        bar.end()
        click.echo(f"Error: {legible(' '.join(str(error).split()))}", err=True)
        return CANNOT_LOOK
    except KeyboardInterrupt:
        bar.end()
        return STOPPED
    bar.end()
    click.echo(proposal(seen, told, own) if propose else terminal(seen, findings))
    return LEAKS if findings and not propose else CLEAN
