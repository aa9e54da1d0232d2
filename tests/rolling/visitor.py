"""A visitor behind a balancer: one cookie jar, several processes, no script."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from consent_widget.choice.state import State
from consent_widget.site.site import Site

from ..conftest import HERE
from ..support.choice_body import choice_body

FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
ASSET = re.compile(r'(?:src|href)="(/consent/widget\.[^"]+)"')


def site_of(app: Flask) -> Site:
    site: Site = app.extensions["consent_widget"]
    return site.in_effect


@dataclass
class Visitor:
    """Every request goes to a process that the balancer picks, unless one is named (`at`)."""

    processes: Sequence[Flask]
    balancer: Random = field(default_factory=lambda: Random(0))
    jar: dict[str, str] = field(default_factory=dict)
    host: str = "localhost"
    #: No two are alike, or presses of both within two seconds count as one.
    number: int = field(default_factory=count().__next__)
    #: What happened, counted.
    seen: Counter[str] = field(default_factory=Counter)
    html: str = ""

    def open(self, path: str, at: Flask | None = None, **request: Any) -> TestResponse:
        process = at or self.balancer.choice(self.processes)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items()), "Accept-Language": "en"}
        headers["User-Agent"] = f"a browser of its own, {self.number}"
        client = process.test_client(use_cookies=False)
        response = client.open(path, headers={**headers, **HERE}, base_url=f"http://{self.host}", **request)
        before = set(self.jar)
        for line in response.headers.getlist("Set-Cookie"):
            name, _, rest = line.partition("=")
            self.jar.pop(name, None)
            if "Max-Age=0" not in line:
                self.jar[name] = rest.partition(";")[0]
        self.seen["cookies deleted"] += len(before - set(self.jar))
        return response

    @property
    def token(self) -> str:
        return self.jar.get("cw", "")

    def state(self) -> State:
        found = next(filter(None, (site_of(each).token_signer.read(self.token) for each in self.processes)), None)
        assert found
        return found

    def look(self, at: Flask | None = None) -> bool:
        """Opens a page with all that it names. Is the visitor asked?"""
        self.html = self.open("/", at).text
        for address in set(ASSET.findall(self.html)):
            self.seen["assets missing"] += self.open(address).status_code != 200
        asked = 'class="cw-layer"' in self.html
        self.seen["asked"] += asked
        return asked

    def press(self, action: str, at: Flask | None = None, **more: str) -> bool:
        """Presses a button of the page. Was the choice recorded?"""
        form = dict(FIELD.findall(self.html)) | {"action": action} | more
        recorded = self.open("/consent/preferences", at, method="POST", data=form).status_code == 303
        self.seen["recorded" if recorded else "lost"] += 1
        return recorded

    def send(self, under: Flask, action: str, *keys: str, at: Flask | None = None, **more: Any) -> TestResponse:
        """What the script of a page of `under` sends."""
        body = choice_body(site_of(under).notice, action, *keys) | more
        response = self.open("/consent/records", at or under, method="POST", json=body)
        self.seen["recorded" if response.status_code in (200, 201) else "lost"] += 1
        return response

    def is_granted(self, purpose: str, at: Flask) -> bool:
        answer: Mapping[str, bool] = self.open(f"/granted/{purpose}", at).get_json()
        return answer["granted"]
