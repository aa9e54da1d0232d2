"""The shop's notice over time: the first is published at the start. At the press of a button a changed one is published
and announced; at another press the day comes on which it takes effect.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import Flask

from consent_widget import Change, Purpose, SQLStore
from consent_widget.notice.fields import ChangeClass
from consent_widget.notice.model import Notice
from consent_widget.settings.config import read_settings
from consent_widget.site.start import make_site
from consent_widget.subject.endings import announce_all_ended
from consent_widget.text import Text

#: How long before a change takes effect the shop announces it.
AHEAD = timedelta(days=14)
SHORTER = Text(
    {
        "zh-CN": "Cookie 不超过六个月，数据不超过十二个月。",
        "en": "Cookies for 6 months at most, data for 12 months at most.",
    }
)
SUMMARIES: dict[ChangeClass, Text] = {
    "notice": Text(
        {
            "zh-CN": "“数据分析”所用信息的保存期限有调整。",
            "en": "How long information for “Data analytics” is kept has changed.",
        }
    ),
    "consent": Text(
        {
            "zh-CN": "“个性化推荐”还会用到您与我们的沟通记录。",
            "en": "“Personalised recommendations” would also use your messages to us.",
        }
    ),
}


def first_store(url: str, notice: Notice) -> SQLStore:
    """A new store in which `notice` is published."""
    store = SQLStore(url)
    store.publish(notice)
    return store


def publish_change(app: Flask, kind: ChangeClass) -> None:
    """Publish a version that differs from the last by one change of this class, and restart the widget with it. It is
    announced, and takes effect in two weeks.
    """
    site = app.extensions["consent_widget"]
    first = app.config["CONSENT_NOTICE"]
    site.store.publish(changed(site.store.versions(first.id)[-1].notice, first, kind))
    restart(app)
    while app.extensions["consent_widget"].notice != site.notice:  # those that have taken effect in the demo
        take_effect(app)


def take_effect(app: Flask) -> None:
    """Go on as on the day when the announced version takes effect. Grants that end by it are told of at once, without
    waiting for that night's `flask consent expire`.
    """
    site = app.extensions["consent_widget"]
    if site.announced:
        app.extensions["consent_widget"] = site.announced
        announce_all_ended(site.announced)


def start_over(app: Flask) -> None:
    """Begin again as after a fresh start: no choices, and the first notice."""
    old = app.extensions["consent_widget"].store
    app.config["CONSENT_STORE"] = first_store(scratch(), app.config["CONSENT_NOTICE"])
    restart(app)
    old.close()


def scratch() -> str:
    """The URL of a database that is deleted when the demo ends."""
    path = tempfile.mkdtemp(prefix="consent_widget-demo-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return f"sqlite:///{path}/consent.sqlite"


def restart(app: Flask) -> None:
    """Read the settings and the published notices again, as a restart of the site would."""
    app.extensions["consent_widget"] = make_site(app, read_settings(app.config))


def changed(last: Notice, first: Notice, kind: ChangeClass) -> Notice:
    """The next version. `notice`: analytics data is kept for less time, or as long as at first. `consent`:
    recommendations use more data.
    """
    major, minor, _ = last.version.split(".")
    version, date = f"{major}.{int(minor) + 1}.0", max(f"{datetime.now(UTC) + AHEAD:%Y-%m-%d}", last.effective)
    entry = Change(version=version, date=date, change_class=kind, summary=SUMMARIES[kind])
    return replace(
        last,
        version=version,
        effective=date,
        purposes=tuple(_changed(each, first, kind) for each in last.purposes),
        changes=(entry, *last.changes),
    )


def _changed(purpose: Purpose, first: Notice, kind: ChangeClass) -> Purpose:
    if kind == "notice" and purpose.id == "data_analytics":
        original = first.purpose(purpose.id)
        assert original
        retention = SHORTER if purpose.retention == original.retention else original.retention
        return replace(purpose, retention=retention)
    if kind == "consent" and purpose.id == "personalized_recommendations":
        data = tuple(dict.fromkeys((*purpose.data, "communication_records")))
        again = data == purpose.data  # changed before: a new revision asks again without more data
        return replace(purpose, data=data, revision=purpose.revision + again)
    return purpose
