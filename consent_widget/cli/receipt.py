"""`flask consent receipt`: everything about one choice, for whoever has to answer a complaint."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import click

from ..choice.act import Choice
from ..choice.replay import Grant, Replay
from ..days import iso_date
from ..notice.model import Notice
from ..site.site import Site, current_site
from ..store.sql import SQLStore
from ..subject.records import read_history, replay_subject, shown_notice
from ..ui.choices import option_name
from .sites import each_app, in_app

NONE = "No receipt begins so. Records that a visitor has had erased, or whose time is over, are gone."


@click.command()
@click.argument("number")
@in_app
def receipt(number: str) -> None:
    """Tell everything about one choice.

    NUMBER is that of its receipt, or its first digits. What was agreed to and refused, under which notice and in which
    language, what of it holds today, and what the visitor chose before and after.
    """
    digits = number.strip().lower()
    found = [(app, choice) for _, app in each_app() for choice in _find(app.extensions["consent_widget"], digits)]
    if len(found) != 1:
        raise click.ClickException("Several receipts begin so. Copy the number whole." if found else NONE)
    ((app, choice),) = found
    with app.app_context():
        for line in _lines(current_site(), choice):
            click.echo(line)


def _find(site: Site, digits: str) -> list[Choice]:
    if not isinstance(site.store, SQLStore):
        raise click.ClickException("This store cannot be searched. Ask the store itself.")
    return site.store.find(digits, site.settings.site) if digits else []


def _lines(site: Site, choice: Choice) -> Iterator[str]:
    notice, history = shown_notice(site, choice.notice), read_history(site, choice.subject)
    version = f"{notice.id} {notice.version}" if notice else "text lost"
    facts = {
        "receipt": choice.id,
        "site": choice.site,
        "time": _time(choice),
        "subject": choice.subject,
        "action": f"{choice.action}, by {'a guardian' if choice.actor == 'guardian' else 'the visitor'}",
        "shown in": f"{choice.surface}, {choice.locale}",
        "notice": f"{version}, digest {choice.notice}",
        "signals": ", ".join(choice.signals),
        "age band": choice.age_band or "",
        "region": choice.region,
        "valid until": iso_date(choice.valid_until),
    }
    yield from (f"{name:<12} {value}" for name, value in facts.items() if value)
    yield from _answers(choice, notice, replay_subject(site, choice.subject, history))
    yield f"All {len(history)} choices of this visitor:"
    for each in history:
        yield f"  {_time(each)}  {each.action:<12}  {each.id}{'  (this one)' if each.id == choice.id else ''}"


def _answers(choice: Choice, notice: Notice | None, today: Replay) -> Iterator[str]:
    """Each answer, what became of it, and what visitors read."""
    width = max((len(key) for key in choice.purposes), default=0)
    for key, granted in choice.purposes.items():
        option = notice.options.get(key) if notice else None
        names = [option_name(option, locale) for locale in notice.locales] if notice and option else []
        answer = f"agreed, {_became(Grant(choice.id, key), today)}" if granted else "refused"
        yield f"  {answer:<22} {key:<{width}}  {' / '.join(dict.fromkeys(names))}".rstrip()


def _became(grant: Grant, today: Replay) -> str:
    if grant in today.grants.values():
        return "holds today"
    return today.ended.get(grant, "holds no more")


def _time(choice: Choice) -> str:
    return f"{datetime.fromtimestamp(choice.time / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
