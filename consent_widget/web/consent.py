"""`consent`: what the visitor of this request has agreed to, for views and templates of a Flask site."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from flask import Response
from jinja2 import pass_context
from jinja2.runtime import Context
from werkzeug.local import LocalProxy

from ..choice import policy
from ..choice.state import State
from ..days import today
from ..errors import ConfigurationError, StoreError
from ..site.asking import asked_again
from ..site.beside import is_asked
from ..site.site import Site
from ..subject import processing
from ..subject.ids import is_in_effect, require_purpose, require_service
from ..subject.records import replay_subject
from .cookie import delete_consent_cookie, set_consent_cookie
from .http import request_values
from .visitor import Visitor
from .visitor_site import visitor_site

if TYPE_CHECKING:
    from ..notice.again import ChangedOption
    from ..notice.news import News

#: Where a request keeps its Consent, and where it is remembered that its page was drawn for everybody.
MINE, FOR_EVERYBODY = "_consent_widget", "_consent_for_everybody"


class Consent(Visitor):
    """The consent of the current visitor."""

    def granted(self, purpose: str, recipient: str | None = None) -> bool:
        """May the site use information for this purpose now? With separate consent: for this recipient.

        What is always on may be done for everybody, but for a child only once their guardian has agreed, where the
        notice says so (`minors = "guardian"`). False, with a line in the log, for a purpose that the notice does not
        have, and for one that needs separate consent without a recipient that the notice names for it; in debug mode
        and in tests a ConfigurationError, unless another notice of the site has it.
        """
        if not is_in_effect(self._site, lambda notice: require_purpose(notice, purpose, recipient)):
            return False
        state = self.state or State("", band=self.band)
        return policy.permits(
            self._site.notice, state, purpose, gpc=self.gpc, today=today(), recipient=recipient, on=self.starts_on
        )

    def granted_service(self, service: str) -> bool:
        """May this vendor's tag run now? All its purposes must be granted, and its recipient where it has one. For a
        service that the notice does not have, see `granted`.
        """
        if not is_in_effect(self._site, lambda notice: require_service(notice, service)):
            return False
        return policy.permits_service(
            self._site.notice, self.state, service, gpc=self.gpc, today=today(), on=self.starts_on
        )

    @property
    def pending(self) -> bool:
        """Must the visitor be asked, so that the first layer is shown?"""
        return is_asked(self._site, self.state, self.band, gpc=self.gpc)

    @property
    def asked_again(self) -> tuple[ChangedOption, ...]:
        """What the visitor must be asked, where they have chosen before and all of it has changed since."""
        return asked_again(self._site, self.state, self.band, gpc=self.gpc)

    @property
    def news(self) -> News | None:
        """What has changed in the notice since the visitor saw it last, or will change on an announced day."""
        return self._site.news.get(self.state.notice) if self.state else None

    @property
    def subject(self) -> str | None:
        """The visitor's random name at this site; None before their first choice."""
        return self.state.subject if self.state else None

    def use(self, purpose: str, recipient: str | None = None) -> bool:
        """Use up this visitor's consent to a single use. True exactly once for each time they agreed, however many
        requests ask at the same moment. False means: do not do it; ask again.

        The store decides. Afterwards the visitor's cookie no longer grants it.
        """
        used = processing.use(self.subject, purpose, recipient, gpc=self.gpc, cookie=self.state)
        if self.state:
            with suppress(StoreError):  # the use is already recorded, and the cookie decides nothing here
                self._drop_ended_grants(self.state)
        return used

    def may_share(self, subject: str | None, recipient: str, purpose: str | None = None) -> bool:
        """May a subject's information go to a named recipient? The store answers: see `processing.may_share`."""
        return processing.may_share(subject, recipient, purpose, gpc=self._gpc_of(subject), cookie=self.state)

    def can_message(self, subject: str | None, purpose: str = "marketing_messages") -> bool:
        """May a subject be sent messages that they did not order? The store answers: see `processing.can_message`."""
        return processing.can_message(subject, purpose, gpc=self._gpc_of(subject), cookie=self.state)

    def _gpc_of(self, subject: str | None) -> bool:
        """The opt-out signal of this request speaks for its own visitor only."""
        return self.gpc and subject == self.subject

    def _drop_ended_grants(self, state: State) -> None:
        """Drop from the cookie every grant that the store does not have any more."""
        stored = replay_subject(self._site, state.subject).state.decisions
        ended = self._site.notice.meanings.keys() - {tag for tag, decision in stored.items() if decision.granted}
        decisions = {
            tag: decision for tag, decision in state.decisions.items() if not (decision.granted and tag in ended)
        }
        if decisions != state.decisions:
            self.go_on_as(state._replace(decisions=decisions))


def current_consent(site: Site | None = None) -> Consent:
    """The Consent of this request, made when it is first used. `site` is the current one, where the caller has it."""
    values = request_values()
    if MINE not in values:
        if FOR_EVERYBODY in values:
            raise ConfigurationError(
                'CONSENT_RENDER = "cached": this page was drawn for all visitors, so it cannot ask about one of them. '
                "In the template hold back what needs consent with data-consent, or ask in the view before it renders "
                "the template: then no cache keeps the page."
            )
        values[MINE] = made = Consent(site or visitor_site())
        made.begin()  # now that a listener who is told of a choice meanwhile finds it
    return values[MINE]  # type: ignore[no-any-return]


def was_asked() -> bool:
    """Has anything in this request asked about the visitor?"""
    return MINE in request_values()


def with_current_cookie(site: Site, response: Response) -> Response:
    """Put the visitor's current state into their cookie, or delete the cookie if they have none any more. A cookie that
    cannot be verified is left alone: another process may know its key.
    """
    if consent.state:
        return set_consent_cookie(response, site, consent.state)
    return delete_consent_cookie(response, site) if consent.token else response


consent: Consent = LocalProxy(current_consent)  # type: ignore[assignment]


@pass_context  # Jinja would ask once for all visitors, when it compiles the template
def is_granted(_context: Context, purpose: str, recipient: str | None = None) -> bool:
    """The test `granted` of templates: `{% if "analytics" is granted %}`."""
    return consent.granted(purpose, recipient)
