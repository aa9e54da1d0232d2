from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from consent_widget import Purpose, Recipient, Service
from consent_widget.choice.act import new_subject
from consent_widget.choice.actions import ACTIONS
from consent_widget.choice.policy import choice_due, permits, permits_service, standing, undecided
from consent_widget.choice.state import Decision, State
from consent_widget.choice.submission import make_choice, parse
from consent_widget.days import DAY
from consent_widget.notice.model import Notice
from consent_widget.notice.options import Option

from ..support.choice_body import choice_body
from ..support.script import refused

TABLE = json.loads(Path(__file__).with_name("policy_cases.json").read_text("utf-8"))
NOW = 1_800_000_000_000
TODAY = NOW // 1000 // DAY
#: As tokens and the script write them.
BANDS = {"": "", "c": "child", "t": "teen", "a": "adult"}


def notice_of(terms: dict[str, Any]) -> Notice:
    """Just as much of a notice as the table speaks of."""
    purposes = {
        id: SimpleNamespace(id=id, control="always_on", consent="none", gpc_opt_out=False, minors="allowed")
        for id in terms["always"]
    }
    options = {}
    for each in terms["options"]:
        if "of" in each:
            service = cast(Service, SimpleNamespace(id=each["key"].partition("@")[2]))
            options[each["key"]] = Option(
                each["key"], each["tag"], cast(Purpose, purposes[each["of"]]), service=service
            )
            continue
        id, _, recipient = each["key"].partition(":")
        kind = "separate" if id in terms["separate"] else "ordinary"
        control = "opt_in" if "bulk" in each else "just_in_time"
        minors = "off" if "adult" in each else "guardian"
        purposes.setdefault(
            id, SimpleNamespace(id=id, control=control, consent=kind, gpc_opt_out="gpc" in each, minors=minors)
        )
        party = cast(Recipient, SimpleNamespace(id=recipient)) if recipient else None
        options[each["key"]] = Option(each["key"], each["tag"], cast(Purpose, purposes[id]), party)
    services = [cast(Service, SimpleNamespace(**{"recipient": None} | each)) for each in terms["services"]]
    return cast(
        Notice,
        SimpleNamespace(
            purposes=list(purposes.values()),
            options=options,
            services=services,
            purpose=purposes.get,
            meanings={option.fingerprint: option for option in options.values()},
        ),
    )


def state_of(case: dict[str, Any]) -> State:
    decisions = {tag: Decision(*each) for tag, each in case.get("decided", {}).items()}
    return State("s", decisions=decisions, band=BANDS[case.get("was", "")])


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["why"])
def test_the_policy_answers_as_the_table_says(case: dict[str, Any]) -> None:
    state = state_of(case).with_age_band(BANDS[case.get("band", "")])
    notice, gpc = notice_of(TABLE["terms"]), case.get("gpc", False)
    on = {each["key"] for each in TABLE["terms"]["options"] if each.get("on") == case.get("band", case.get("was", ""))}

    if "service" in case:
        answer = permits_service(notice, state, case["service"], gpc=gpc, today=TABLE["today"], on=on)
    else:
        to = case.get("recipient")
        answer = permits(notice, state, case["purpose"], gpc=gpc, today=TABLE["today"], recipient=to, on=on)
    assert answer is case["permitted"]


@pytest.mark.parametrize("case", TABLE["due"], ids=lambda case: case["why"])
def test_a_visitor_is_asked_when_the_table_says_so(case: dict[str, Any]) -> None:
    state = state_of(case)
    asks_age = case.get("asks_age", False) and not state.band

    assert choice_due(notice_of(TABLE["terms"]), state, TABLE["today"], asks_age=asks_age) is case["due"]


@pytest.mark.parametrize("case", TABLE["refusals"], ids=lambda case: case["why"])
def test_what_is_not_saved_yet_refuses_as_the_table_says(case: dict[str, Any]) -> None:
    """The script shows a visitor the state that the server will reach, but for the grants in it. A service that a case
    does not name stands as its purpose.
    """
    state, notice, stands = state_of(case), notice_of(TABLE["terms"]), case["stands"]
    for act in case["pending"]:
        state = refused(state, act["action"], act["purposes"], notice, TABLE["today"])

    latest = {key: standing(notice, option, state, TABLE["today"]) for key, option in notice.options.items()}
    expected = {
        key: stands[key] if key in stands else stands.get(option.purpose.id) for key, option in notice.options.items()
    }
    assert {key: each.granted if each else None for key, each in latest.items()} == expected


def chosen(notice: Notice, state: State, action: str, *granted: str, gpc: bool = False, now: int = NOW) -> State:
    submission = parse(choice_body(notice, action, *granted), notice)
    return state.after(make_choice(submission, notice, state, gpc=gpc, now_ms=now), notice)


def granted(notice: Notice, state: State, today: int = TODAY, gpc: bool = False) -> set[str]:
    return {
        purpose.id
        for purpose in notice.purposes
        if purpose.control != "always_on" and permits(notice, state, purpose.id, gpc=gpc, today=today)
    }


def test_no_choice_permits_nothing_that_needs_one(shop: Notice) -> None:
    assert granted(shop, State(new_subject())) == set()


def test_a_choice_lasts_its_lifetime_and_no_longer(shop: Notice) -> None:
    state = chosen(shop, State(new_subject()), "accept_all")

    assert len(granted(shop, state, TODAY + 180)) == 7
    assert granted(shop, state, TODAY + 181) == set()


def test_a_refusal_lasts_as_long_as_a_grant(shop: Notice) -> None:
    state = chosen(shop, State(new_subject()), "reject_all")

    assert undecided(shop, state, TODAY + 180) == ()
    assert len(undecided(shop, state, TODAY + 181)) == 7


@pytest.mark.parametrize(("region", "days"), [("", 180), ("CN", 180), ("EU", 180), ("US", 365), ("US-CA", 365)])
def test_in_the_us_nobody_is_asked_again_for_a_year_after_a_refusal(shop: Notice, region: str, days: int) -> None:
    state = State(new_subject())
    choice = make_choice(
        parse(choice_body(shop, "reject_all"), shop), shop, state, gpc=False, now_ms=NOW, region=region
    )
    refused = state.after(choice, shop)

    assert (choice.region, choice.valid_until) == (region, TODAY + days)
    assert undecided(shop, refused, TODAY + days) == ()
    assert len(undecided(shop, refused, TODAY + days + 1)) == 7
    assert refused.days_left(TODAY) == days


def test_a_grant_in_the_us_lasts_no_longer_for_the_refusals_beside_it(shop: Notice) -> None:
    state = State(new_subject())
    save = parse(choice_body(shop, "save", "data_analytics"), shop)
    choice = make_choice(save, shop, state, gpc=False, now_ms=NOW, region="US")
    mixed = state.after(choice, shop)

    assert choice.valid_until == TODAY + 180
    assert granted(shop, mixed, TODAY + 180) == {"data_analytics"}
    assert {option.key for option in undecided(shop, mixed, TODAY + 365)} == {"data_analytics"}
    assert mixed.days_left(TODAY) == 365


def test_a_cookie_lasts_as_long_as_its_latest_decision_and_never_beyond_the_limit() -> None:
    def state(*days: int) -> State:
        return State("s", decisions={str(day): Decision(True, TODAY + day) for day in days})

    assert [state(*days).days_left(TODAY) for days in ([3, 180], [-1, 5], [], [-1], [4000])] == [180, 5, 0, 0, 395]


def test_withdrawing_ends_everything_that_was_granted(shop: Notice) -> None:
    first = chosen(shop, State(new_subject()), "accept_all")
    submission = parse(choice_body(shop, "allow", "event_eligibility", surface="page"), shop)
    second = first.after(make_choice(submission, shop, first, gpc=False, now_ms=NOW), shop)
    assert "event_eligibility" in granted(shop, second)

    assert granted(shop, chosen(shop, second, "withdraw_all")) == set()


def test_allowing_one_thing_prolongs_nothing_else(shop: Notice) -> None:
    first = chosen(shop, State(new_subject()), "accept_all")
    submission = parse(choice_body(shop, "allow", "event_eligibility", surface="page"), shop)
    later = NOW + 100 * DAY * 1000
    second = first.after(make_choice(submission, shop, first, gpc=False, now_ms=later), shop)

    assert granted(shop, second, TODAY + 200) == {"event_eligibility"}


def test_the_signal_denies_what_was_accepted_and_the_record_says_so(shop: Notice) -> None:
    state = State(new_subject())
    choice = make_choice(parse(choice_body(shop), shop), shop, state, gpc=True, now_ms=NOW)

    assert choice.signals == ("gpc",)
    assert [key for key, yes in choice.purposes.items() if not yes] == ["targeted_advertising", "marketing_measurement"]
    assert len(granted(shop, state.after(choice, shop))) == 5


def test_a_signal_that_comes_later_wins_over_an_earlier_grant(shop: Notice) -> None:
    state = chosen(shop, State(new_subject()), "accept_all")

    assert granted(shop, state, gpc=True) == granted(shop, state) - {"targeted_advertising", "marketing_measurement"}


def test_only_what_changed_is_asked_again(minimal: Notice) -> None:
    state = chosen(minimal, State(new_subject()), "accept_all")
    *others, marketing = minimal.purposes
    changed = replace(minimal, purposes=(*others, replace(marketing, revision=2)))

    assert [option.key for option in undecided(changed, state, TODAY)] == ["marketing"]
    assert granted(changed, state) == {"functional", "analytics"}


def test_acknowledging_a_change_that_lies_ahead_leaves_every_decision_as_it_is(minimal: Notice) -> None:
    state = chosen(minimal, State(new_subject()), "accept_all")
    *others, marketing = minimal.purposes
    ahead = replace(minimal, version="2.0.0", purposes=(*others, replace(marketing, revision=2)))
    seen = make_choice(
        parse(choice_body(ahead, "acknowledge", surface="bar"), ahead), ahead, state, gpc=True, now_ms=NOW
    )
    told = state.after(seen, ahead)

    assert told.decisions == state.decisions
    assert (told.notice, told.seq) == (ahead.digest[:8], state.seq + 1)
    assert granted(minimal, told) == {"functional", "analytics", "marketing"}


def test_closing_denies_only_what_was_undecided(minimal: Notice) -> None:
    state = chosen(minimal, State(new_subject()), "accept_all")
    *others, marketing = minimal.purposes
    changed = replace(minimal, purposes=(*others, replace(marketing, revision=2)))
    close = choice_body(changed, "close", purposes={"marketing": False})
    closed = state.after(make_choice(parse(close, changed), changed, state, gpc=False, now_ms=NOW), changed)

    assert granted(changed, closed) == {"functional", "analytics"}
    assert undecided(changed, closed, TODAY) == ()


def test_a_purpose_that_only_needs_a_named_recipient_does_not_make_the_site_ask(shop: Notice) -> None:
    assert {option.key for option in undecided(shop, None, TODAY)} == {
        option.key for option in shop.options.values() if option.in_accept_all
    }


@pytest.mark.parametrize("action", [action for action, rule in ACTIONS.items() if rule.age])
def test_an_age_alone_does_not_count_as_having_seen_a_changed_notice(shop: Notice, action: str) -> None:
    earlier = State(new_subject(), 1, 0, "0123abcd")

    assert chosen(shop, earlier, action).notice == "0123abcd"
    assert chosen(shop, earlier, "reject_all").notice == shop.digest[:8]
