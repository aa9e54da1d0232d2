"""What commands say, in the words of their caller: a service has keys in `sites.toml` where an app has settings."""

from __future__ import annotations

from collections.abc import Callable

import click

WORDS = "consent_widget.words"
Words = Callable[[str], str]


def say(text: str, *, err: bool = False) -> None:
    """Tell something that names a setting or a command."""
    click.echo(in_words(text), err=err)


def in_words(text: str) -> str:
    """The same in the words of whoever called this command."""
    context = click.get_current_context(silent=True)
    words: Words | None = context.meta.get(WORDS) if context else None
    return words(text) if words else text
