"""`flask consent receipt`: everything about one choice, for whoever has to answer a complaint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from flask import current_app

from ..choice.act import Choice
from ..choice.issued import Issued
from ..choice.replay import Grant, Replay
from ..days import iso_date, now_ms, plain_moment
from ..notice.model import Notice
from ..site.site import Site, current_site
from ..store.sql import SQLStore
from ..subject.receipts import FORMS, events_of, is_proved, receipt_as
from ..subject.records import read_history, replay_subject, shown_notice
from ..ui.choices import HistoryEntry, option_name
from ..ui.document import receipt_document
from ..ui.receipt import Receipt
from .new_files import write_new
from .sites import each_app, in_app

NONE = "No receipt begins so. Records that a visitor has had erased, or whose time is over, are gone."


@click.command()
@click.argument("number")
@click.option(
    "--format", "form", type=click.Choice(["text", "html", *FORMS]), default="text", show_default=True,
    help="text tells what the records know of it; the others are what the visitor gets.",
)  # fmt: skip
@click.option("--locale", metavar="LOCALE", help="In this language, such as en or zh-CN (html).")
@click.option("--at", metavar="URL", help="Where the widget's pages are, such as https://shop.example/consent.")
@click.option("--to", "target", type=click.Path(path_type=Path), metavar="FILE", help="Write it into a new file.")
@in_app
def receipt(number: str, form: str, locale: str | None, at: str | None, target: Path | None) -> None:
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
        written = _written(current_site(), choice, form, locale, at)
    if target:
        write_new(target, written)
        click.echo(f"Wrote {target}: {choice.id}.")
    else:
        click.echo(written, nl=False)


def _written(site: Site, choice: Choice, form: str, locale: str | None, at: str | None) -> str:
    if form == "text":
        return "".join(f"{line}\n" for line in _lines(site, choice))
    history = read_history(site, choice.subject)
    if form == "html":
        notice = shown_notice(site, choice.notice)
        if locale and locale not in site.notice.locales:
            raise click.ClickException(f"There is no {locale!r}. There is {', '.join(site.notice.locales)}.")
        language = locale or (choice.locale if choice.locale in site.notice.locales else site.notice.locales[0])
        events = events_of(site, choice, history)
        shown = Receipt(HistoryEntry(choice, notice), events, (), now_ms(), proved=is_proved(site))
        return receipt_document(site.view(language), shown)
    home = (at or ("" if form == "tlog-proof" else _home(site))).rstrip("/")
    return receipt_as(
        form, site, choice, history, Issued(home, f"{home}/preferences", now_ms(), site.receipt_marks.named)
    )


def _home(site: Site) -> str:
    """Where the widget's pages are, as far as the app knows its own name."""
    name, config = current_app.config.get("SERVER_NAME"), current_app.config
    if not name:
        raise click.ClickException("Say where the widget's pages are: --at https://shop.example/consent")
    root = config["APPLICATION_ROOT"].rstrip("/")
    return f"{config['PREFERRED_URL_SCHEME']}://{name}{root}{site.settings.url_prefix}"


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
        "shown in": ", ".join(filter(None, (choice.surface, choice.layout, choice.locale))),
        "script": choice.script,
        "notice": f"{version}, digest {choice.notice}",
        "signals": ", ".join(choice.signals),
        "age band": choice.age_band or "",
        "region": choice.region,
        "valid until": iso_date(choice.valid_until),
    }
    yield from (f"{name:<12} {value}" for name, value in facts.items() if value)
    yield from _answers(choice, notice, replay_subject(site, choice.subject, history))
    yield "Every choice of this visitor:"
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
    return f"{plain_moment(choice.time)} UTC"
