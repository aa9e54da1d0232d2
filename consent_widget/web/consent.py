"""What the visitor of this request has agreed to, for views, templates and jobs of a Flask site."""

from __future__ import annotations

from contextlib import suppress
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from flask import Response, after_this_request, request
from werkzeug.local import LocalProxy

from ..choice import policy
from ..choice.age import Band
from ..choice.state import State
from ..days import DAY, today
from ..errors import StoreError
from ..site.site import Site, current_site
from ..subject import processing
from ..subject.records import replay_subject
from .http import PRIVATE

if TYPE_CHECKING:
    from ..notice.publishing import News


class Consent:
    """The current visitor's consent. Read from the signed cookie once, when first asked; a page
    that asks depends on the visitor, and says so to caches (`Vary: Cookie, Sec-GPC`).
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        environ = request.environ
        sent = cookies_of(environ.get("HTTP_COOKIE", ""), site.cookie_name)
        #: All tokens that came, and the one that counts.
        self.sent = sent
        self.token, self.state = _newest(site, sent)
        self.gpc: bool = gpc_signal(environ.get("HTTP_SEC_GPC"))
        #: What his account says of his age, and what his cookie says.
        self.account: Band | None = None
        self.cookie_band = ""
        after_this_request(_varies)
        self._heed_age()

    @property
    def band(self) -> str:
        """How old the visitor is: `"child"`, `"teen"`, `"adult"`, or empty while that is not known. What his account
        says wins over what he said himself.
        """
        return self.account or (self.state.band if self.state else "")

    def granted(self, purpose: str, recipient: str | None = None) -> bool:
        """May the site use information for this purpose now? With separate consent: for this recipient.

        Raises ConfigurationError for a purpose that the notice does not have, and for one that needs separate consent
        without a recipient that the notice names for it.
        """
        processing.require_purpose(self._site, purpose, recipient)
        return policy.permits(self._site.notice, self.state, purpose, gpc=self.gpc, today=today(), recipient=recipient)

    def granted_service(self, service: str) -> bool:
        """May this vendor's tag run now?"""
        return policy.permits_service(self._site.notice, self.state, service, gpc=self.gpc, today=today())

    @property
    def pending(self) -> bool:
        """Is a choice due, so that the first layer is shown?"""
        return self._site.pending(self.state, self.band)

    @property
    def news(self) -> News | None:
        """What has changed in the notice since the visitor saw it last, or is announced to him."""
        return self._site.news.get(self.state.notice) if self.state else None

    @property
    def subject(self) -> str | None:
        """The visitor's random name at this site, once a choice was made."""
        return self.state.subject if self.state else None

    def use(self, purpose: str, recipient: str | None = None) -> bool:
        """Use up this visitor's agreement to a single use: True exactly once for the latest time he agreed, however
        many requests ask at the same moment. False means: do not do it; ask again.

        The store decides. Afterwards the visitor's cookie no longer says that it is granted.
        """
        used = processing.use(self.subject, purpose, recipient, gpc=self.gpc)
        if self.state:
            with suppress(StoreError):  # what was used is used, and the cookie decides nothing
                self._keep_to_store(self.state)
        return used

    def may_share(self, subject: str | None, recipient: str, purpose: str | None = None) -> bool:
        """May a subject's information go to a named recipient? Asked of the store: see `processing.may_share`."""
        return processing.may_share(subject, recipient, purpose, gpc=self._signals_for(subject))

    def can_message(self, subject: str | None, purpose: str = "marketing_messages") -> bool:
        """May a subject be sent what he did not order? Asked of the store: see `processing.can_message`."""
        return processing.can_message(subject, purpose, gpc=self._signals_for(subject))

    def _heed_age(self) -> None:
        age = self._site.settings.age
        if age is None:
            if self.state and self.state.band:  # from a time when the site heeded it
                self.state = self.state._replace(band="")
            return
        self.account = age.of_account()
        self.cookie_band = self.state.band if self.state else ""
        if self.state and self.state.band == "child":
            self.state = self._as_guardians_say(self.state)
        self.state = self.state and self.state.with_age_band(self.account)

    def _as_guardians_say(self, state: State) -> State:
        """What a guardian granted or withdrew elsewhere reaches the child's browser with the next page. Asks the store,
        for children alone; while that is away nothing is granted.
        """
        none = {tag: each for tag, each in state.decisions.items() if not each.granted}
        try:
            known = replay_subject(self._site, state.subject).state
        except StoreError:
            return state._replace(decisions=none)
        now = known if known.subject else state._replace(decisions=none)
        if now != state:
            self.token = self._site.token_signer.write(now)
            after_this_request(self._keep)
        return now._replace(band="child")

    def _keep(self, response: Response) -> Response:
        return set_consent_cookie(response, self._site, self.state) if self.state else response

    def _signals_for(self, subject: str | None) -> bool:
        return self.gpc and subject == self.subject

    def _keep_to_store(self, state: State) -> None:
        """A grant of the cookie that the store does not have any more goes from the cookie too."""
        kept = replay_subject(self._site, state.subject).state.decisions
        stands = {tag for tag, each in kept.items() if each.granted}
        decisions = {tag: each for tag, each in state.decisions.items() if not each.granted or tag in stands}
        if decisions != state.decisions:
            self.state = now = state._replace(decisions=decisions)
            self.token = self._site.token_signer.write(now)
            after_this_request(lambda response: set_consent_cookie(response, self._site, now))


def set_consent_cookie(response: Response, site: Site, state: State) -> Response:
    """`response`, with the visitor's state, signed, in his cookie."""
    days = state.days_left(today()) or site.notice.lifetime_days  # with nothing decided: whose records
    response.headers["Cache-Control"] = PRIVATE
    if site.cookie_domain:  # one of this host alone, from before, would be read first
        response.delete_cookie(site.cookie_name)
    response.set_cookie(
        site.cookie_name,
        site.token_signer.write(state),
        max_age=days * DAY,
        secure=request.is_secure,
        samesite="Lax",
        domain=site.cookie_domain,
    )
    return response


def with_current_cookie(site: Site, response: Response) -> Response:
    """`response`, with how the visitor's choices stand in their cookie; without one where nothing of them is kept. A
    cookie that cannot be verified here is left alone: another process may know its key.
    """
    if consent.state:
        return set_consent_cookie(response, site, consent.state)
    if consent.token:
        response.delete_cookie(site.cookie_name, domain=site.cookie_domain, secure=request.is_secure)
    return response


def delete_service_cookies(response: Response, site: Site, state: State, *, gpc: bool) -> Response:
    """`response`, without the cookies that services left behind which may not run now."""
    patterns = [
        cookie.name
        for service in site.notice.services
        if not policy.permits_service(site.notice, state, service.id, gpc=gpc, today=today())
        for cookie in service.cookies
    ]
    for name in request.cookies:
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            for domain in {None, site.cookie_domain, request.host.split(":")[0]}:
                response.delete_cookie(name, domain=domain)
    return response


def cookies_of(header: str, name: str) -> list[str]:
    """The values of all cookies of exactly this name in the raw header, without parsing all the others.

    Space and tab are trimmed around a name and around a value, and nothing else is (RFC 6265, 5.2): `__Ho st-cw`,
    which a sibling domain may set, is another name than `__Host-cw`, which it may not.
    """
    values, (before, found, after) = [], header.partition(name)
    while found:
        rest, _, later = after.partition(";")
        last, equals, value = rest.partition("=")
        if equals and not (before.rpartition(";")[2] + last).strip(" \t"):
            values.append(value.strip(" \t"))
        before, found, after = later.partition(name)
    return values


def _newest(site: Site, tokens: list[str]) -> tuple[str, State | None]:
    """Of several cookies of our name, the newest that is genuine: a parent domain may have planted one beside it."""
    newest: tuple[str, State | None] = "", None
    for token in tokens:
        state = site.token_signer.read(token)
        if state and (newest[1] is None or (state.time, state.seq) > (newest[1].time, newest[1].seq)):
            newest = token, state
    return newest


def gpc_signal(header: str | None) -> bool:
    """Is `Sec-GPC` exactly `1`? Servers join repeated header lines with commas; one such line is enough."""
    return header is not None and "1" in (part.strip() for part in header.split(","))


def current() -> Consent:
    """The Consent of this request, made when first asked for."""
    asked = request._get_current_object().__dict__  # type: ignore[attr-defined]  # `g` may outlive a request
    if "_consent_widget" not in asked:
        asked["_consent_widget"] = Consent(current_site())
    return asked["_consent_widget"]  # type: ignore[no-any-return]


def _varies(response: Response) -> Response:
    if "Vary" in response.headers:
        response.vary.update(("Cookie", "Sec-GPC"))
    else:
        response.headers["Vary"] = "Cookie, Sec-GPC"
    return response


consent: Consent = LocalProxy(current)  # type: ignore[assignment]
