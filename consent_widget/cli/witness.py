"""`flask consent witness-key` and `witness`: this site as a witness of other logs, and the witnesses of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ..errors import ProofError
from ..plural import plural
from ..proof.checkpoint import Checkpoint
from ..proof.key import COSIGNATURE, PrivateKey
from ..site.cosigning import Asked, cosigners_of
from ..site.site import current_site
from .new_files import write_new
from .sites import in_app, log_store
from .words import say


@click.command("witness-key")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
def witness_key(name: str, file: Path | None) -> None:
    """Make a key that cosigns the logs of others.

    NAME is the witness's name, an address without https://, such as shop.example/consent/witness. The key is written to
    FILE, which only its owner can read, or else shown. Add the public key of each log as a line of its own.
    """
    key = new_private_key(name, COSIGNATURE)
    if file:
        write_new(file, f"{key.text}\n", mode=0o600)
        say(f'Wrote the private key to {file}. Add the keys of logs, and set CONSENT_WITNESS = "{file}".', err=True)
    else:
        click.echo(key.text)
        say("This is the private key. Set it as CONSENT_WITNESS, with the keys of logs as more lines.", err=True)
    click.echo(f"Public key, for the policies of those logs: {key.public}", err=True)


@click.command()
@in_app
def witness() -> None:
    """Ask the witnesses of the log, show what is cosigned here.

    The site asks by itself, with each checkpoint. Ends with 1 where a witness did not cosign the last one.
    """
    store, settings = log_store(), current_site().settings
    if settings.witness:
        click.echo(f"This witness: {settings.witness.signing.public}")
        for origin, note in store.witnessed().items():
            click.echo(f"{origin}: cosigned here, with {plural(Checkpoint.parse(note.text).size, 'entry')}.")
    elif not (settings.log_policy and settings.log_policy.witnesses):
        raise click.ClickException(
            "No witness is named in CONSENT_LOG_POLICY, and this site is none (CONSENT_WITNESS)."
        )
    asked = cosigners_of(settings.log_policy).ask(store)
    tell_cosigned(asked)
    if any(each.trouble for each in asked):
        raise SystemExit(1)


def tell_cosigned(asked: Sequence[Asked]) -> None:
    """Say which witnesses have cosigned the log, and what was wrong with the others."""
    for each in asked:
        click.echo(f"{each.witness.key.name}: {each.trouble or 'has cosigned it.'}", err=bool(each.trouble))


def new_private_key(name: str, kind: int) -> PrivateKey:
    """A key of this name, which is an address without its scheme."""
    try:
        return PrivateKey.make(name.removeprefix("https://").removeprefix("http://").rstrip("/"), kind)
    except ProofError as error:
        raise click.ClickException(str(error)) from None
