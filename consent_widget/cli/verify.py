"""`flask consent verify`: replays all that the database holds, and names what does not fit."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import click

from ..errors import ProofError
from ..plural import plural
from ..proof.note import MOST_BYTES, Note
from ..proof.tlog_proof import HEADER, Proof
from ..site.seen import seen_by_witnesses
from ..site.site import current_site
from .sites import in_app, log_store
from .words import say

#: Exit codes. 1 is click's for what cannot be done, 2 its own for options that are wrong.
UNCOVERED, ALTERED = 3, 4
#: So many faults of one kind are named, and the others counted.
NAMED = 20


@click.command()
@click.option(
    "--since-checkpoint", "kept", type=click.Path(path_type=Path, exists=True, dir_okay=False), multiple=True,
    help="A checkpoint of this log that was kept elsewhere, by you, a witness or anybody, or a receipt (.tlog-proof): "
    "the log must extend it.",
)  # fmt: skip
@in_app
def verify(kept: tuple[Path, ...]) -> None:
    """Check that nothing in the database was altered.

    Every record is compared with its entry in the log, the entries with every checkpoint that was signed, and with
    those that were kept elsewhere (by its witnesses, and --since-checkpoint): whoever has the key of the log can sign
    another one, which nothing but a copy outside of their reach shows. Ends with 0 if all is well, 1 if it could not be
    checked, 3 if entries are not signed yet, 4 if something was altered, damaged or taken away.
    """
    from ..store.verifying import Verification

    store, settings = log_store(), current_site().settings
    keys, policy = settings.log_key, settings.log_policy
    read = {str(path): _read(path) for path in kept}
    receipts = {path: each for path, each in read.items() if isinstance(each, Proof)}
    notes = {path: each.checkpoint if isinstance(each, Proof) else each for path, each in read.items()}
    check = Verification(
        store,
        keys.public if keys else (),
        [witness.key for witness in policy.witnesses] if policy else [],
        {**(seen_by_witnesses(policy, keys) if keys else {}), **notes},
        _progress if sys.stderr.isatty() else lambda done, total: None,
    )
    found: Counter[str] = Counter()
    for fault in check.run():
        found[fault.kind] += 1
        if found[fault.kind] <= NAMED:
            click.echo(fault.text)
    for kind, count in found.items():
        if count > NAMED:
            click.echo(f"… and {count - NAMED} more of this kind ({kind}).")
    gone = f", {check.pruned} pruned" if check.pruned else ""
    click.echo(
        f"{plural(check.tree.size, 'entry')} ({check.records} with their record, {check.erased} whose record is gone"
        f"{gone}), {plural(check.checkpoints, 'checkpoint')}."
    )
    if check.dated_back:
        click.echo(
            f"{plural(check.dated_back, 'record')}, the first of which is {check.first_dated_back}, say a time more "
            "than a day before a witness saw the log without them: imported, or dated back."
        )
    for path, each in receipts.items():
        if not any(store.records(each.index, each.index + 1)):
            click.echo(f"{path}: its record (number {each.index}) is not there any more: erased, purged or taken away.")
    if found:
        click.echo("Something was altered, damaged or taken away. See docs/log.md for what to do.")
        raise SystemExit(ALTERED)
    if not keys and check.checkpoints:
        say("No signature was checked: CONSENT_LOG_KEY is not set.")
        raise SystemExit(UNCOVERED)
    if check.uncovered:
        say(f"Not signed yet: {plural(check.uncovered, 'entry')} (flask consent checkpoint). All else is well.")
        raise SystemExit(UNCOVERED)
    click.echo("All is well.")


def _read(path: Path) -> Note | Proof:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        return Proof.parse(data) if data.startswith(HEADER.encode()) else Note.parse(data)
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be read ({error.strerror}).") from None
    except ProofError as error:
        raise click.ClickException(f"{path}: is no checkpoint. {error}") from None


def _progress(done: int, total: int) -> None:
    click.echo(f"\r{done:,} of {total:,} entries", nl=False, err=True)
