"""What Firefox has sent and stored, by scripts with the browser's own rights: the observers of its network."""

from __future__ import annotations

import json

from .browsers import Sent, Written
from .headers import connected_ahead, cookie_names

#: Is this a cookie? What a `Max-Age=0` deletes, Firefox stores where a millisecond ends meanwhile. It sends that to
#: nobody, and throws it away later. Before Firefox 142 an expiry is in seconds, since then in milliseconds.
LASTS = """const lasts = ({ isSession, expiry }) =>
  isSession || (expiry < 1e11 ? 1000 * expiry : expiry) > Date.now();
"""
#: Writes down each request that a page makes, what headers of its answer say, and each cookie that is stored; and says
#: it all to whoever asks.
OBSERVE = (
    LASTS
    + """const sent = [], written = [], open = new Map();
const by = (principal) => principal?.isContentPrincipal ? principal.spec : "";
const topics = {
  "http-on-modify-request"(channel) {
    const { triggeringPrincipal, loadingPrincipal, externalContentPolicyType } = channel.loadInfo;
    const initiator = by(triggeringPrincipal) || by(loadingPrincipal);
    if (!initiator && externalContentPolicyType != Ci.nsIContentPolicy.TYPE_DOCUMENT) return; // Firefox's own
    const page = channel.referrerInfo?.computedReferrerSpec || by(loadingPrincipal);
    const one = { url: channel.URI.spec, at: Date.now() / 1000, initiator, page, cookies: [], links: [] };
    open.set(channel.channelId, one);
    sent.push(one);
  },
  "http-on-examine-response"(channel) {
    const one = open.get(channel.channelId);
    if (one) channel.visitOriginalResponseHeaders({ visitHeader(name, value) {
      const kind = { "link": "links", "set-cookie": "cookies" }[name.toLowerCase()];
      if (kind) one[kind].push(...value.split("\\n"));
    } });
  },
};
for (const topic in topics) {
  Services.obs.addObserver((subject) => topics[topic](subject.QueryInterface(Ci.nsIHttpChannel)), topic);
}
Services.obs.addObserver((subject) => {
  const { action, cookie } = subject.QueryInterface(Ci.nsICookieNotification);
  if (!cookie || action == Ci.nsICookieNotification.COOKIE_DELETED || !lasts(cookie)) return;
  written.push({ place: "cookie", name: cookie.name, host: cookie.rawHost, at: Date.now() / 1000 });
}, "cookie-changed");
Services.obs.addObserver((subject) => subject.wrappedJSObject.text = JSON.stringify({ sent, written }), "consent-scan");
"""
)
SEEN = """const bag = {};
Services.obs.notifyObservers({ wrappedJSObject: bag }, "consent-scan");
return bag.text;"""
COOKIES = f"{LASTS}return Services.cookies.cookies.filter(lasts).map(({{ name, rawHost }}) => [name, rawHost]);"
SITE = """const [host] = arguments;
try { return Services.eTLD.getBaseDomainFromHost(host); } catch { return host; }"""


def read_seen(text: str) -> tuple[list[Sent], list[Written]]:
    """What `SEEN` says: every request that pages made, in order, and every cookie that was stored."""
    seen = json.loads(text)
    sent: list[Sent] = []
    for each in seen["sent"]:
        links, cookies = each.pop("links"), cookie_names(each.pop("cookies"))
        sent += [Sent(**each, cookies=cookies), *connected_ahead(links, each["url"], each["at"])]
    return sent, [Written(**each) for each in seen["written"]]
