"""The visitor of a request, by what their browser sends: which choices are theirs, in which account and of what age.
The cookies that say so go back with the response.
"""

from __future__ import annotations

from flask import Response, after_this_request, request

from ..choice.account import is_of_account
from ..choice.act import new_subject
from ..choice.age import Band
from ..choice.state import State
from ..errors import StoreError
from ..site.asking import starts_on
from ..site.site import Site
from ..subject.records import replay_subject
from . import account
from .cookie import cookies_of, delete_consent_cookie, delete_service_cookies, newest_token, set_consent_cookie
from .http import add_vary
from .request import cookie_name, from_elsewhere


class Visitor:
    """The current visitor, read from their signed cookie once per request. A response that used it depends on the
    visitor, which caches are told (`Vary: Cookie, Sec-GPC`).
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        environ = request.environ
        cookies = environ.get("HTTP_COOKIE", "")
        #: All tokens that the browser sent.
        self.sent_tokens = cookies_of(cookies, cookie_name(site))
        #: The token that counts, and the state in it.
        self.token, self.state = newest_token(site, self.sent_tokens)
        self._sent_state = self.state
        self.gpc: bool = gpc_signal(environ.get("HTTP_SEC_GPC"))
        #: The age band by the visitor's account, and by their cookie.
        self.account_band: Band | None = None
        self.cookie_band = ""
        add_vary("Cookie", "Sec-GPC", *site.varies_by)
        #: The account that is signed in, where choices follow it.
        self.account: account.Account | None = None
        if site.service_cookies.search(f";{cookies}"):
            after_this_request(self._delete_service_cookies)

    def begin(self) -> None:
        """Ask the site about its visitor: which account is signed in, and how old they are."""
        self.account_band = self._site.settings.age.of_account() if self._site.settings.age else None
        if from_elsewhere(self._site):  # whoever sends a cookie from there is no browser
            self._read_own(self.sent_tokens)
        elif self._site.settings.account:
            self._apply_account()
        self._apply_age()

    def carry(self, token: str) -> None:
        """Read the visitor from a token that a page of another site sends instead of a cookie."""
        self._read_own([token])
        self.account = None
        self._apply_age()

    @property
    def band(self) -> str:
        """The visitor's age band: `"child"`, `"teen"`, `"adult"`, or empty while it is not known. The account's answer
        comes before the visitor's own.
        """
        return self.account_band or (self.state.band if self.state else "")

    @property
    def starts_on(self) -> frozenset[str]:
        """The options that are on before this visitor's first answer. None for a visitor with a token that cannot be
        verified: they have answered, and nobody knows what.
        """
        return frozenset() if self.sent_tokens and not self.state else starts_on(self._site, self.band)

    @property
    def subjects(self) -> tuple[str, ...]:
        """All subjects that this browser has the cookies of: its account's, and its own from before signing in."""
        own = account.own_state(self._site, self.account.kept.token) if self.account else None
        found = (state.subject for state in (self.state, own) if state)
        return tuple(dict.fromkeys(found))

    def new_state(self) -> State:
        """The state to which the first choice of this visitor is added: under the account's subject, where somebody is
        signed in. Raises NotSaved.
        """
        return account.begin(self._site, self.account) if self.account else State(subject=new_subject())

    @property
    def signals(self) -> tuple[str, ...]:
        """What this visitor's choices say beside their answers: that they are an account's."""
        return (account.SIGNAL,) if self.account and self.account.subject else ()

    @property
    def tells(self) -> bool:
        """Is there still to be told that choices came from the account, or went there?"""
        return bool(self.account and self.account.subject and self.account.kept.tell != account.NOTHING)

    def told(self) -> str:
        """What is told, in this page and in none after it: account.FROM_ACCOUNT or account.TO_ACCOUNT."""
        if not self.account:
            return account.NOTHING
        tell, self.account.kept = self.account.kept.tell, self.account.kept._replace(tell=account.NOTHING)
        return tell

    def go_on_as(self, state: State) -> None:
        """Another state of the visitor counts from now on, here and in their browser."""
        self.state, self.token = state, self._site.token_signer.write(state)
        after_this_request(self._set_cookie)

    def _apply_account(self) -> None:
        """While somebody is signed in, their account's choices count, on every device; afterwards the browser's own."""
        names, kept = account.signed_in(self._site), account.kept_cookie(self._site)
        if names is None:
            return
        mine = kept if kept and kept.account in names else None
        if kept and not mine:  # signed out, or signed in to another account
            self._leave_account([kept.token])
        elif not names and self._claimed(kept):
            self._leave_account(self.sent_tokens)
        if not names:
            return
        own, _ = newest_token(self._site, account.own_tokens(self._site, self.sent_tokens))
        self.account = account.Account(names, mine or account.Kept(account.NOTHING, names[0], own), self._claimed(mine))
        after_this_request(self._keep_browser)
        try:
            state = account.follow(self._site, self.account, self.state, gpc=self.gpc, band=self.account_band)
        except StoreError:  # what the cookie holds counts, as for everybody, unless nobody can tell whose it is
            if self.account.subject and not mine:
                self.account.subject, self.token, self.state = "", "", None
            return
        if mine and not self.account.subject:  # the account's choices were erased
            self._leave_account([mine.token])
        if state and state != self.state:
            self.go_on_as(state)
        elif self.state and not state:  # the cookie is another account's, and the second one was lost
            self._leave_account([self.account.kept.token])

    def _keep_browser(self, response: Response) -> Response:
        """Both cookies come with one answer: else one that arrives after that to a sign-out would leave the account's
        choices in the browser, and nothing that says whose they are.
        """
        signed_in = self.account
        if not signed_in or not self.state or self.state.subject != signed_in.subject:
            return response
        named = f"{cookie_name(self._site)}="
        is_set = any(each.startswith(named) for each in response.headers.getlist("Set-Cookie"))
        if is_set or self.state != self._sent_state or account.kept_cookie(self._site) != signed_in.kept:
            return account.keep(response, self._site, signed_in.kept)
        return response

    def _claimed(self, kept: account.Kept | None) -> str:
        """The account's subject that the cookie holds, as it or the second cookie says; else an empty text."""
        return self.state.subject if self.state and (kept or is_of_account(self.state.subject)) else ""

    def _leave_account(self, tokens: list[str]) -> None:
        """Go on with what was chosen in this browser while nobody was signed in, which is in one of these tokens."""
        self._read_own(tokens)
        after_this_request(self._set_own_cookies)

    def _read_own(self, tokens: list[str]) -> None:
        """Read the visitor from these tokens alone, of which none of an account counts."""
        self.sent_tokens = account.own_tokens(self._site, tokens)
        self.token, self.state = newest_token(self._site, self.sent_tokens)

    def _set_own_cookies(self, response: Response) -> Response:
        if not (self.account and self.account.subject):
            account.forget(response, self._site)
        if self.state:
            return set_consent_cookie(response, self._site, self.state)
        return delete_consent_cookie(response, self._site)

    def _apply_age(self) -> None:
        age = self._site.settings.age
        if age is None:  # another process may ask: a child stays one here
            return
        self.cookie_band = self.state.band if self.state else ""
        if self.state and (placed := age.placed(self.cookie_band)) != self.cookie_band:
            self.go_on_as(self.state.with_age_band(placed))
        if self.state and self.state.band == "child":
            self.state = self._refresh_child_state(self.state)
        self.state = self.state and self.state.with_age_band(self.account_band)

    def _refresh_child_state(self, state: State) -> State:
        """The child's state by the store, so that what a guardian decided elsewhere reaches the child's browser with
        the next page. Only children cost a query here. While the store is unavailable, nothing is granted.
        """
        try:
            stored = replay_subject(self._site, state.subject).state
        except StoreError:
            return state.without_grants()
        current = stored.heeding(state) if stored.subject else state.without_grants()
        if current != state:
            self.token = self._site.token_signer.write(current)
            after_this_request(self._set_cookie)
        return current._replace(band="child")

    def _delete_service_cookies(self, response: Response) -> Response:
        """What scripts cannot see (HttpOnly) goes with the next page. Not so for a visitor whose cookie only another
        process can verify: nobody here knows what they have granted.
        """
        if self.sent_tokens and not self.token and not self.state:
            return response
        return delete_service_cookies(response, self._site, self.state, gpc=self.gpc, on=self.starts_on)

    def _set_cookie(self, response: Response) -> Response:
        return set_consent_cookie(response, self._site, self.state) if self.state else response


def gpc_signal(header: str | None) -> bool:
    """Is `Sec-GPC` exactly `1`? Servers join repeated header lines with commas; one such line is enough."""
    return header is not None and "1" in (part.strip() for part in header.split(","))
