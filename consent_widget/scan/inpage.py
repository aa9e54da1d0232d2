"""What a scan asks a page, as JavaScript expressions."""

from __future__ import annotations

import json

#: Elements, also in open shadow roots, where the widget is.
_FIND = """const all = (selector, root = document) => [...root.querySelectorAll(selector),
  ...[...root.querySelectorAll("*")].flatMap(({ shadowRoot }) => shadowRoot ? all(selector, shadowRoot) : [])];
const seen = (each) => each.checkVisibility() && each.getBoundingClientRect().height > 0;
"""
#: What answered, and where the page leads.
DOCUMENT = """(() => ({
  url: location.href, type: document.contentType,
  status: performance.getEntriesByType("navigation")[0]?.responseStatus || 0,
  links: [...document.links].filter((link) => !link.hasAttribute("download")).map(({ href }) => href).slice(0, 5000),
  files: [...performance.getEntriesByType("resource").map(({ name }) => name),
    ...[...document.scripts].map(({ src }) => src)],
}))()"""
#: What a frame has stored, and which hosts it has the browser ask by itself: a browser that shows nothing does not.
STORED = """(async () => {
  const attempt = async (work) => { try { return await work(); } catch { return []; } };
  const links = (selector) => [...document.querySelectorAll(selector)].map(({ href }) => href);
  const script = ({ active, waiting, installing }) => new URL((active || waiting || installing).scriptURL).pathname;
  return {
    host: location.hostname, page: location.href,
    local: await attempt(() => Object.keys(localStorage)),
    session: await attempt(() => Object.keys(sessionStorage)),
    database: await attempt(async () => (await indexedDB.databases()).map(({ name }) => name)),
    cache: await attempt(() => caches.keys()),
    worker: await attempt(async () => (await navigator.serviceWorker.getRegistrations()).map(script)),
    connects: links("link[rel~=preconnect i], link[rel~=dns-prefetch i]"),
    icons: links("link[rel~=icon i], link[rel~=manifest i]"),
  };
})()"""
#: Is the widget there, and what does its first layer offer?
WIDGET = f"""(() => {{ {_FIND}
  const shown = (selector) => all(selector).some(seen);
  const there = typeof globalThis.ConsentWidget?.withdraw == "function";
  return {{ there, age: shown("[value=age_adult]"), accept: shown("#cw-accept-all"), reject: shown("#cw-reject-all") }};
}})()"""
#: Remember what the widget says from now on.
LISTEN = """window.consentScan ??= (document.addEventListener("consent:change",
  ({ detail }) => window.consentScan.push(detail.action)), [])"""
#: Everything that was pressed has been answered by the server.
SENT = """(() => {
  try { return !Object.keys(localStorage).some((key) => key.includes("-outbox.")); } catch { return true; }
})()"""
WITHDRAW = "void ConsentWidget.withdraw()"


def focus(selector: str) -> str:
    """Give the focus to what the selector names, so that a key is pressed on it."""
    return f"(() => {{ {_FIND} const it = all({json.dumps(selector)}).find(seen); it?.focus(); return !!it; }})()"


def heard(action: str) -> str:
    """Has the widget said that the visitor's decisions have changed by this action? Where the page has been loaded
    again since, as the widget or the site may do then, nobody remembers: there the widget asks no more.
    """
    return f"""(() => {{ {_FIND}
  if (window.consentScan) return window.consentScan.includes({json.dumps(action)});
  return typeof globalThis.ConsentWidget?.withdraw == "function" && !all("#cw-accept-all").some(seen);
}})()"""


def answered(address: str) -> str:
    """The JSON at an address; null where there is none."""
    return f"fetch({json.dumps(address)}).then((answer) => answer.ok ? answer.json() : null).catch(() => null)"
