"""The leak test in the tests of a site."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from ..notice.file import read_notice
from ..notice.model import Notice
from ..scan.browsers import Setting
from ..scan.classify import classify
from ..scan.judging import checked, notice_of
from ..scan.looking import look_now, require_browser
from ..scan.observed import CannotLookError, Observations
from ..scan.report import terminal


def consent_scan(
    url: str, *, pages: int = 5, notice: Notice | str | Path | None = None, own: Collection[str] = (),
    hosts: Mapping[str, str] | None = None, browser: str = "", wait: float = 10,
) -> Observations:  # fmt: skip
    """Looks at a running site as four visitors, and fails with a report where it sends or stores anything without
    consent, or that its notice does not tell. The arguments are the options of `consent-widget scan`. Skips where the
    machine has no such browser, and fails there where `CI` is set.
    """
    setting = Setting(program=browser, hosts=dict(hosts or {}), patience=wait)
    try:
        require_browser(setting)
    except CannotLookError as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))
    given = notice if isinstance(notice, Notice) or notice is None else read_notice(notice)
    seen = look_now(checked(url), setting, pages, lambda *_: None)
    told, seen = notice_of(seen, given)
    if findings := classify(seen, told, own):
        pytest.fail(terminal(seen, findings), pytrace=False)
    return replace(seen, pictures=())
