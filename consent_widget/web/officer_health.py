"""How everything is that keeps, proves and passes on the records, as the parts themselves say it."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response

from ..choice.rounded import rounded
from ..days import iso_date, now_ms, today
from ..errors import ConsentError, StoreError
from ..proof.checkpoint import Checkpoint
from ..site.log_policy import log_policy
from ..site.site import Site
from ..store import is_sql_store
from ..store.protocol import ShowingsStore
from ..ui.choices import local_moment
from ..ui.dates import written_date
from ..ui.node import Node
from ..ui.officer_health import Part, State, officer_health
from ..ui.officer_numbers import rounded_number, written_bytes, written_number
from ..ui.view import View
from .officer import officer_page, officer_site, officer_view

#: So many entries without a checkpoint are too many (store/checkpoints.py signs before that).
TOO_MANY = 10_000
#: Witnesses are asked with each checkpoint. If it takes longer than so many milliseconds, something is wrong.
LONE = 3_600_000


def health_page() -> Response:
    """The health of everything."""
    site = officer_site()
    view = officer_view(site)
    parts = (_store(site, view), _log(site, view), *_deliveries(site, view), _counter(site, view))
    return officer_page(site, view, officer_health(view, parts), view.messages["officer_health"])


def _store(site: Site, view: View) -> Part:
    messages, store = view.messages, site.store
    title = messages["officer_store"]
    try:
        if hasattr(store, "ping"):  # no isinstance: a store that is away has what the one behind it has
            store.ping()
        facts = []
        if is_sql_store(store):
            facts.append((messages["officer_numbers"], written_number(view, store.size())))
            if not site.settings.site and (size := store.bytes_used()):
                facts.append((messages["officer_bytes"], written_bytes(view, size)))
            facts.append((messages["officer_schema"], store.revision()))
    except StoreError as error:
        return Part(title, "bad", remedy=str(error))
    return Part(title, "good", facts)


def _log(site: Site, view: View) -> Part:
    messages, policy = view.messages, log_policy(site.settings)
    title = messages["officer_log"]
    if policy is None or not is_sql_store(site.store):
        line = 'CONSENT_LOG_KEY = "…"  # flask consent log-key shop.example/consent/log'
        return Part(title, "off", remedy=messages["officer_log_off"], line=line)
    try:
        last, size = site.store.signed_last(), site.store.size()
        if last is None:
            return Part(
                title, "bad" if size else "good", remedy=messages["officer_log_none"], line="flask consent checkpoint"
            )
        note, signed_at = last
        keys = [log.key for log in policy.logs]
        witnesses = [witness.key for witness in policy.witnesses]
        signed = note.signers([*keys, *witnesses])
        covered, lone_since = Checkpoint.parse(note.text).size, site.store.uncosigned_since()
        needs_more = any(each.url for each in policy.witnesses) and not policy.is_cosigned(note)  # as it is set now
    except ConsentError as error:
        return Part(title, "bad", remedy=str(error))
    facts: list[tuple[str, Node]] = [
        (messages["officer_signed_at"], local_moment(view, signed_at)),
        (messages["officer_checkpoint"], written_number(view, covered)),
        (messages["officer_uncovered"], written_number(view, size - covered)),
    ]
    if witnesses:
        of = messages["officer_of"].format(number=len(set(signed) & set(witnesses)), all=len(witnesses))
        facts.append((messages["officer_witnesses"], of))
    if site.signer and site.signer.trouble:
        return Part(title, "bad", facts, site.signer.trouble)
    if needs_more and lone_since and now_ms() - lone_since > LONE:
        return Part(title, "bad", facts, messages["officer_log_lone"], "flask consent witness")
    good = size - covered < TOO_MANY and any(key in signed for key in keys)
    return Part(title, "good" if good else "bad", facts, "" if good else messages["officer_log_behind"])


def _deliveries(site: Site, view: View) -> Iterator[Part]:
    """One part for each receiver."""
    messages = view.messages
    title = messages["officer_delivery"]
    if not site.settings.webhooks:
        yield Part(
            title,
            "off",
            remedy=messages["officer_delivery_off"],
            line='CONSENT_WEBHOOKS = {"crm": {"url": "…", "secret": "…"}}',
        )
        return
    from ..delivery.status import receivers  # and with it the database, which other sites do not load

    try:
        found = receivers(site)
    except StoreError as error:
        yield Part(title, "bad", remedy=str(error))
        return
    for each in found:
        facts: list[tuple[str, Node]] = [(messages["officer_waiting"], written_number(view, each.waiting))]
        if each.oldest:
            facts.append((messages["officer_oldest"], local_moment(view, each.oldest)))
        if each.error and not each.is_well:
            facts.append((messages["officer_last_error"], each.error))
        state: State = "off" if each.state == "removed" else "good" if each.is_well else "bad"
        remedy = messages["officer_delivery_stopped"] if each.state == "stopped" else ""
        yield Part(title + view.colon + each.name, state, facts, remedy)


def _counter(site: Site, view: View) -> Part:
    messages, settings = view.messages, site.settings
    title = messages["officer_shown"]
    if (
        not isinstance(site.store, ShowingsStore)
        or settings.render == "cached"
        or (settings.render == "script" and settings.site)
    ):
        return Part(title, "off", remedy=messages["officer_shown_not"])
    day = today()
    try:
        counted = site.store.shown(day - 29, day + 1, settings.site)
    except StoreError as error:
        return Part(title, "bad", remedy=str(error))
    last = written_date(iso_date(max(showing.day for showing, _ in counted)), view.locale) if counted else "–"
    total = sum(number for _, number in counted)
    return Part(
        title,
        "good",
        [
            (messages["officer_shown_month"], rounded_number(view, rounded(total))),
            (messages["officer_shown_last"], last),
        ],
    )
