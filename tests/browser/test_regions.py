"""What the browser does where the law of the visitor's region is another: what starts on, and ends with one press."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import expect

from ..conftest import shipped
from .conftest import MakeSite, MakeVisitor

PURPOSES = ["functional", "analytics", "marketing"]


def test_own_statistics_start_on_in_the_united_kingdom_and_end_with_one_press(
    make_site: MakeSite, visit: MakeVisitor
) -> None:
    minimal = shipped("minimal")
    exempt = tuple(
        replace(each, exemption="statistics" if each.id == "analytics" else None) for each in minimal.purposes
    )
    visitor = visit(make_site(CONSENT_NOTICE=replace(minimal, purposes=exempt), CONSENT_REGION="UK")).go()

    expect(visitor.layer).to_contain_text("On until your first choice:")
    visitor.wait_until("window.ConsentWidget")
    assert visitor.granted_by_script(PURPOSES) == {"analytics"}
    visitor.open_centre()
    expect(visitor.switch("analytics")).to_be_checked()
    expect(visitor.switch("marketing")).not_to_be_checked()
    visitor.page.keyboard.press("Escape")

    visitor.reject()
    assert visitor.granted_by_script(PURPOSES) == set()
    visitor.go()
    visitor.wait_until("window.ConsentWidget")
    assert visitor.granted_by_script(PURPOSES) == set()
    assert visitor.record().region == "UK"
