"""Purposes that are on before a visitor answers, where the law of their region allows it: what a notice may say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import NoticeError

if TYPE_CHECKING:
    from .model import Notice
    from .parts import Purpose, Service


def check_before_answer(notice: Notice, purpose: Purpose) -> None:
    """NoticeError where a purpose that need not wait for an answer would need one anyway: it must be ordinary and use
    nothing sensitive; and an exempt one must be the site's own, with no other party's host (PECR Schedule A1).
    """
    where = f"purposes.{purpose.id}"
    if not (purpose.opt_out or purpose.exemption):
        return
    field = "exemption" if purpose.exemption else "opt_out"
    if (purpose.control, purpose.consent) != ("opt_in", "ordinary"):
        raise NoticeError(f"{where}.{field}: only for an ordinary opt_in. Everything else is asked first everywhere.")
    categories = {category.id: category for category in notice.data}
    for used in purpose.data:
        if categories[used].sensitive:
            raise NoticeError(f"{where}.{field}: uses sensitive {used!r}, which is asked for first everywhere.")
    if purpose.exemption:
        for service in notice.services_of(purpose.id):
            _check_own(notice, service, f"{where}.exemption")


def _check_own(notice: Notice, service: Service, where: str) -> None:
    own = set(notice.controller.name.values())
    if service.company not in own or service.recipient:
        raise NoticeError(
            f"{where}: services.{service.id} is run by {service.company!r}. Exempt is only what the site does itself: "
            f"say company = {next(iter(own))!r} if it runs on your own server, or leave exemption out."
        )
    from ..vendors.catalogue import all_vendors  # read only where a notice has such a purpose

    others = {host: vendor.id for vendor in all_vendors() for host in vendor.hosts if "{" not in host}
    for host in service.hosts:
        vendor = next((id for theirs, id in others.items() if _meet(host.partition(":")[0], theirs)), None)
        if vendor:
            raise NoticeError(
                f"{where}: services.{service.id} contacts {host}, which is {vendor}'s. Leave exemption out, or "
                "let it run on your own server."
            )


def _meet(host: str, other: str) -> bool:
    """Is one of two hosts the other, or among those that it stands for (`*.shop.example`)?"""
    return host == other or any(
        each.startswith("*.") and f".{rest.removeprefix('*.')}".endswith(each[1:])
        for each, rest in ((host, other), (other, host))
    )
