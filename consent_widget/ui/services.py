"""The services of a purpose: who runs each, what it stores, and its switch where it can be decided alone."""

from __future__ import annotations

from ..notice.model import Notice
from ..notice.options import Option, service_key
from ..notice.parts import Cookie, Purpose, Recipient, Service
from .i18n import country
from .node import Node, el
from .switch import switch
from .view import Answers, View


def service_switches(notice: Notice) -> list[Option]:
    """The services that have a switch of their own, once for each purpose."""
    return [option for option in notice.options.values() if option.service and option.in_centre]


def services_on(view: View, purpose: Purpose, answers: Answers) -> Node | None:
    """How many services of a purpose are on, told while one is decided otherwise than the purpose. `data-services` is
    the pattern with which the script updates it.
    """
    options = [option for option in service_switches(view.notice) if option.purpose is purpose]
    if not options:
        return None
    on, general = [answers.on(option) for option in options], answers.on(view.notice.options[purpose.id])
    pattern = view.messages["services_on"]
    text = pattern.format(on=sum(on), all=len(on))
    return el("span.cw-small", text, data_services=pattern, hidden=set(on) == {general})


def service_list(view: View, purpose: Purpose, answers: Answers | None) -> list[Node]:
    """Every service of a purpose. With `answers` each that can be decided alone has a switch."""
    services = view.notice.services_of(purpose.id)
    options = {} if answers is None else {option.key: option for option in service_switches(view.notice)}
    listed = [
        _service(view, service, options.get(service_key(purpose.id, service.id)), answers) for service in services
    ]
    follow = any(option.purpose is purpose for option in options.values())
    return [
        *([el("p.cw-small", view.messages["services_follow"])] if follow else []),
        *([el("div.cw-services", *listed)] if listed else []),
        *_out_of_reach(view, services),
    ]


def run_by(view: View, service: Service) -> str:
    """The company behind a service, where it is and, abroad, on what basis it receives information."""
    return " · ".join((company(view, service), *whereabouts(view, service)))


def company(view: View, party: Recipient | Service) -> str:
    """The company, as readers of this language know it."""
    return party.known_as[view.locale] if party.known_as else party.company


def whereabouts(view: View, party: Recipient | Service) -> tuple[str, ...]:
    """The country of somebody who receives information and, abroad, the basis of the transfer (GDPR 13(1)(f))."""
    basis = (view.messages["transfer_basis"] + view.colon + view.messages[party.transfer],) if party.transfer else ()
    return country(party.country, view.locale), *basis


def _service(view: View, service: Service, option: Option | None, answers: Answers | None) -> Node:
    return el(
        "div.cw-party",
        switch(view, option, answers) if option and answers else el("b", service.name[view.locale]),
        el("p.cw-small", service.description[view.locale]) if service.description else None,
        el("p.cw-small", run_by(view, service)),
        *(el("p.cw-small", text) for text in _stored(view, service)),
    )


def _stored(view: View, service: Service) -> list[str]:
    """What a service stores in the browser, each kind in a line of its own."""
    cookies = [_cookie(view, cookie) for cookie in service.cookies]
    kinds = [("cookies", cookies), ("storage", service.storage)]
    lines = [view.messages[kind] + view.colon + " · ".join(names) for kind, names in kinds if names]
    none = view.messages["not_known" if service.storage_unknown else "none"]
    return lines or [view.messages["cookies"] + view.colon + none]


def _cookie(view: View, cookie: Cookie) -> str:
    """A cookie by its name, with how long it stays and, where it is not set on this site, on which host."""
    about = [cookie.duration[view.locale] if cookie.duration else None, cookie.host]
    known = [each for each in about if each]
    return view.with_brackets(cookie.name, view.listed(known)) if known else cookie.name


def _out_of_reach(view: View, services: tuple[Service, ...]) -> list[Node]:
    """A page can delete what is stored on its own site, and nothing on a vendor's."""
    hosts = view.listed(list(dict.fromkeys(host for service in services for host in service.hosts)))
    return [el("p.cw-small", view.messages["out_of_reach"].format(hosts=hosts))] if hosts else []
