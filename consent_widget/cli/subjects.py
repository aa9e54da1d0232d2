"""`flask consent subject` and `erase`: one visitor's records, for those who answer their requests."""

from __future__ import annotations

import click

from ..plural import plural
from ..site.site import current_site
from ..subject import processing
from ..subject.records import read_history, require_store_methods
from .purge import LEFT
from .sites import in_app

#: A subject or a token may begin with `-`: it is no option.
AS_IT_IS = {"ignore_unknown_options": True}


@click.command(context_settings=AS_IT_IS)
@click.argument("token")
@in_app
def subject(token: str) -> None:
    """Print which visitor a cookie belongs to.

    TOKEN is the value of the cookie. The answer is a subject: the visitor's random name in the records.
    """
    value = token.strip().rpartition("=")[2].strip('"')  # also as it was copied from a Cookie header
    state = current_site().token_signer.read(value)
    if state is None:
        raise click.ClickException(
            "No key of this site has signed that token, or a part of it is missing. Copy the cookie's value whole."
        )
    click.echo(state.subject)


@click.command(context_settings=AS_IT_IS)
@click.argument("subject")
@click.option("--yes", is_flag=True, help="Do not ask once more.")
@in_app
def erase(subject: str, yes: bool) -> None:
    """Delete everything about a visitor for good.

    SUBJECT is the visitor's random name in the records (GDPR Art. 17, PIPL Art. 47).
    """
    require_store_methods(current_site(), "erase")
    number = len(read_history(current_site(), subject))
    if not number:
        raise click.ClickException("There are no records of this subject.")
    if not yes:
        click.confirm(f"Erase {plural(number, 'record')} for good?", abort=True)
    if processing.erase(subject):
        click.echo(f"Erased: {plural(number, 'record')}.")
    else:
        click.echo(f"Erased: {plural(number, 'record')}. {LEFT}")
