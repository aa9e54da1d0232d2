"""`flask consent log-key`, `checkpoint` and `new-log`: the key of the log, what it signs, and another log."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ..errors import LogError, ProofError
from ..plural import plural
from ..proof.checkpoint import Checkpoint
from ..proof.key import ED25519
from ..proof.log_keys import LogKeys
from ..site.cosigning import cosigners_of
from ..site.log_files import publish_log, published_note
from ..site.log_policy import log_policy
from ..site.seen import seen_by_witnesses
from ..site.site import current_site
from ..store.sql import SQLStore
from .new_files import errors_of, new_file, write_new
from .sites import in_app, log_store
from .witness import new_private_key, tell_cosigned
from .words import say


@click.command("log-key")
@click.argument("origin")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
def log_key(origin: str, file: Path | None) -> None:
    """Make a key that signs the log of all records.

    ORIGIN is the log's name for good: the address where it is published, without https://, such as
    shop.example/consent/log. The key is written to FILE, which only its owner can read, or else shown.
    """
    key = new_private_key(origin, ED25519)
    if file:
        write_new(file, f"{key.text}\n", mode=0o600)
        say(f'Wrote the private key to {file}. Keep it secret, and set CONSENT_LOG_KEY = "{file}".', err=True)
    else:
        click.echo(key.text)
        say("This is the private key. Keep it secret, and set it as CONSENT_LOG_KEY.", err=True)
    click.echo(f"Public key, which verifies the log, for everybody who asks: {key.public}", err=True)


@click.command()
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Also publish the log there, with what checks receipts.",
)
@in_app
def checkpoint(folder: Path | None) -> None:
    """Sign the log as it is now, and say what was signed.

    The site does it by itself every ten minutes when there are new choices (CONSENT_LOG_MINUTES). With --to, the log is
    also written into a folder, as files for any web server, which only grows. For a job every few minutes.
    """
    (store, keys), settings = _signed_log(), current_site().settings
    seen = seen_by_witnesses(settings.log_policy, keys)
    if folder and (published := published_note(folder)):
        seen[str(folder)] = published
    note = store.sign_checkpoint(keys, seen=seen)
    signed = Checkpoint.parse(note.text)
    click.echo(f"{signed.origin}: signed, with {plural(signed.size, 'entry')}.")
    for key in (each.public for each in keys.signing):
        click.echo(f"Public key: {key}")
    tell_cosigned(cosigners_of(settings.log_policy).ask(store))
    if folder:
        policy = log_policy(settings)
        with errors_of(folder):
            new = publish_log(store, folder, policy.text if policy else "")
        click.echo(f"{folder}: {plural(new, 'new file')}.")


@click.command("new-log")
@click.argument("key", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@in_app
def new_log(key: Path, file: Path) -> None:
    """End this log, and begin another where it ends.

    For when the log can never again be what others have seen of it: its last entries were lost with a backup, or its
    key has signed something else. KEY is a file with a new key of another name (flask consent log-key). All checkpoints
    of the present log go to FILE, as evidence. Stop all processes before, and set CONSENT_LOG_KEY to KEY afterwards.
    """
    store, keys = _signed_log()
    try:
        new = LogKeys.parse(key.read_text("utf-8"))
    except (OSError, UnicodeError, ProofError) as error:
        raise click.ClickException(f"{key}: is no key of a log. {error}") from None
    with new_file(file) as written:
        for note in store.notes():
            written.write(f"{note}\n".encode(errors="surrogateescape"))
        written.flush()
        os.fsync(written.fileno())
    try:
        first = store.begin_log(keys, new)
    except LogError:  # after any other error nobody knows whether the checkpoints are still in the database
        file.unlink()
        raise
    click.echo(f"{keys.origin}: has ended, and its checkpoints are in {file}.")
    click.echo(f"{new.origin}: begins with {plural(Checkpoint.parse(first.text).size, 'entry')}.")
    say(f'Set CONSENT_LOG_KEY = "{key}", and tell everybody its public key: {new.signing[-1].public}')


def _signed_log() -> tuple[SQLStore, LogKeys]:
    """The store that has the log, and the keys that sign it."""
    store, keys = log_store(), current_site().settings.log_key
    if keys is None:
        raise click.ClickException(
            "CONSENT_LOG_KEY is not set. Make a key with: flask consent log-key shop.example/consent/log"
        )
    return store, keys
