"""Checks for a store of your own. They need no test framework:

    from consent_widget.testing import check_store

    def test_my_store():
        check_store(MyStore(...))

Each ability (consent_widget.store.protocol) is checked where the store has its methods. Subjects, ids and sites are
random, so a store that holds records already can be checked too; it keeps the records that the checks add.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from ..choice.act import Choice, new_key, new_subject
from ..choice.replay import Grant
from ..errors import StateMoved
from ..store.protocol import (
    AccountStore,
    EndingStore,
    ErasingStore,
    ExportingStore,
    HistoriesStore,
    HistoryStore,
    KnowingStore,
    NoticeStore,
    PurgingStore,
    ReachableStore,
    SingleUseStore,
    Store,
)

#: How many threads add at the same moment.
THREADS = 16


def check_store(store: Store) -> None:
    """Check everything that a store claims to do. AssertionError says what it did wrong."""
    for ability, checks in CHECKS.items():
        if isinstance(store, ability):
            for check in checks:
                check(store)


def make_choice(**values: Any) -> Choice:
    """A refusal as the first act of a new subject, with some `values` set differently."""
    base = Choice(
        subject=new_subject(), seq=1, time=1_800_000_000_123, notice="ab" * 32, locale="zh-CN", action="save",
        surface="centre", purposes={"analytics": False, "sharing:acme": False}, valid_until=21_000,
        signals=("gpc",), age_band="18_or_over", site=new_key()[:8], region="US-CA",
    )  # fmt: skip
    return replace(base, **values)


def grant(**values: Any) -> Choice:
    """The same, as a grant."""
    return make_choice(action="allow", surface="ask", purposes={"analytics": True}, **values)


def returns_what_it_stored(store: Store) -> None:
    """A new choice is returned as it was given."""
    choice = make_choice(purposes={"名字 '; --": False})
    _expect(store.add(choice) is choice, True, "add must return the very choice that it stored, and no copy")


def recognises_a_retry(store: Store) -> None:
    """One id is one act."""
    first = store.add(make_choice())
    again = replace(first, time=first.time + 1, subject=new_subject())
    _expect(store.add(again), first, "add must return the earlier choice of a known id")


def stores_a_retry_once_from_many_threads(store: Store) -> None:
    """The same act, sent many times at the same moment, is one record."""
    choice = make_choice()
    stored = _at_once(lambda number: store.add(replace(choice, time=number)))
    _expect(len({choice.time for choice in stored}), 1, "an id that is added from many threads must be stored once")


def numbers_the_acts_of_a_subject(store: Store) -> None:
    """A refusal that was made on an earlier state becomes the newest act, also from many threads."""
    first = store.add(make_choice())
    stored = _at_once(lambda number: store.add(make_choice(subject=first.subject)))
    _expect(sorted(choice.seq for choice in stored), list(range(2, THREADS + 2)), "every act needs a seq of its own")


def refuses_a_late_grant(store: Store) -> None:
    """A grant that was made on an earlier state raises StateMoved and is not stored."""
    first = store.add(make_choice())
    late = grant(subject=first.subject)
    for _ in range(2):
        _expect_moved(store, late, "a grant that was made on an earlier state")
    following = grant(subject=first.subject, seq=2)
    _expect(store.add(following), following, "a grant that was made on the latest state must be stored")


def refuses_acts_of_an_unknown_subject(store: Store) -> None:
    """Without a record, only a first act counts: the records may have been erased."""
    _expect_moved(store, make_choice(seq=2), "a second act of a subject without records")


def reads_back_in_order(store: Any) -> None:
    """A history holds one subject's choices, oldest first, with every value as it was."""
    first = store.add(make_choice())
    second = store.add(grant(subject=first.subject, seq=2))
    store.add(make_choice())
    _expect(store.history(first.subject), [first, second], "history must return a subject's choices, oldest first")
    _expect(store.history(new_subject()), [], "the history of an unknown subject is empty")


def knows_who_has_chosen(store: Any) -> None:
    """Whether a subject is known is told for one site."""
    choice = store.add(make_choice())
    _expect(store.knows(choice.subject, choice.site), True, "a subject with a choice is known")
    _expect(store.knows(choice.subject, "elsewhere"), False, "a subject is known at their own site only")
    _expect(store.knows(new_subject(), choice.site), False, "a subject without a choice is not known")


def links_an_account_once(store: Any) -> None:
    """Of all who link an account at once, one does. The link is found under each name, and kept under the first."""
    name, newer = os.urandom(16), os.urandom(16)
    choice = store.add(make_choice())
    subjects = _at_once(lambda number: store.link(name, new_subject() if number else choice.subject).subject)
    _expect(len(set(subjects)), 1, "link must return the one subject that counts")
    _expect(store.linked([newer, name]).subject, subjects[0], "linked must find an account under each of its names")
    _expect(store.linked([newer]).subject, subjects[0], "linked must keep the link under the first name")
    _expect(store.linked([name]), None, "linked must keep a link under one name only")
    _expect(store.last_act(choice.subject), 1, "last_act must return the highest seq of a subject")
    _expect(store.last_act(new_subject()), None, "last_act must return None for a subject without records")


def erases(store: Any) -> None:
    """Nothing is left of a subject, and their next act is a first one."""
    other, choice = store.add(make_choice()), store.add(make_choice())
    _expect(store.erase(choice.subject) in (True, False, None), True, "erase must return True, False or None")
    _expect_moved(store, make_choice(subject=choice.subject, seq=2), "an act of an erased subject")
    _expect(store.add(make_choice(subject=other.subject)).seq, 2, "erase must leave other subjects alone")
    if isinstance(store, HistoryStore):
        _expect(store.history(choice.subject), [], "an erased subject has no history")


def lets_one_use_a_grant(store: Any) -> None:
    """Of all who use a grant at once, one gets it."""
    choice = store.add(grant())
    used = Grant(choice.id, "analytics")
    _expect(store.use(new_subject(), used), False, "nobody uses the grant of another subject")
    _expect(store.use(choice.subject, Grant("unknown", "analytics")), False, "an unknown choice cannot be used")
    _expect(sum(_at_once(lambda number: store.use(choice.subject, used))), 1, "a grant must be used exactly once")
    _expect(set(store.uses(choice.subject)), {used}, "uses must hold what was used")


def lets_one_announce_an_end(store: Any) -> None:
    """Of all who claim an end at once, one gets it, until it is released."""
    ended = Grant(store.add(grant()).id, "analytics")
    claims = _at_once(lambda number: store.claim_ends({ended: 0}))
    _expect(sum(map(len, claims)), 1, "an end must be claimed exactly once")
    store.release_ends([ended])
    _expect(list(store.claim_ends({ended: 0})), [ended], "a released end can be claimed again")


def finds_no_unknown_notice(store: Any) -> None:
    """No text for a digest that was never stored."""
    _expect(store.notice("f" * 64), None, "notice must return None for an unknown digest")


def goes_through_all_subjects(store: Any) -> None:
    """One list for each subject of a site."""
    first = store.add(make_choice())
    second = store.add(replace(make_choice(subject=first.subject, seq=2), site=first.site))
    other = store.add(make_choice(site=first.site))
    histories = sorted(map(list, store.histories(first.site)), key=len)
    _expect(histories, [[other], [first, second]], "histories must return one list for each subject of the site")


def exports_one_site(store: Any) -> None:
    """All records of one site, oldest first."""
    first = store.add(make_choice())
    store.add(make_choice())
    second = store.add(make_choice(site=first.site))
    _expect(list(store.export(first.site)), [first, second], "export must return the choices of one site, oldest first")


def deletes_what_is_old(store: Any) -> None:
    """What is told to be old is deleted, and no other choice."""
    old = store.add(make_choice(valid_until=100))
    kept = store.add(replace(make_choice(subject=old.subject, seq=2), site=old.site, notice="cd" * 32))
    _expect(list(store.answered(old.site)), [old.notice, kept.notice], "answered must return the digests, oldest first")
    _expect(store.answered("elsewhere" + old.site), [], "answered must return those of one site")
    found = [history for histories in store.ended_histories(101, old.site) for history in histories]
    _expect(found, [[old, kept]], "ended_histories must return whole histories")
    _expect(store.purge([[old]]) in (True, False, None), True, "purge must return True, False or None")
    _expect(list(store.answered(old.site)), [kept.notice], "purge must delete these choices and no others")
    if isinstance(store, HistoryStore):
        _expect(store.history(old.subject), [kept], "purge must delete these choices and no others")


def answers_while_it_works(store: Any) -> None:
    """The health check passes."""
    store.ping()


#: What is checked for each ability. Your own tests may run these one by one.
CHECKS: Mapping[type, tuple[Callable[[Any], None], ...]] = MappingProxyType({
    Store: (
        returns_what_it_stored, recognises_a_retry, stores_a_retry_once_from_many_threads,
        numbers_the_acts_of_a_subject, refuses_a_late_grant, refuses_acts_of_an_unknown_subject,
    ),
    HistoryStore: (reads_back_in_order,),
    KnowingStore: (knows_who_has_chosen,),
    AccountStore: (links_an_account_once,),
    ErasingStore: (erases,),
    SingleUseStore: (lets_one_use_a_grant,),
    EndingStore: (lets_one_announce_an_end,),
    NoticeStore: (finds_no_unknown_notice,),
    HistoriesStore: (goes_through_all_subjects,),
    ExportingStore: (exports_one_site,),
    PurgingStore: (deletes_what_is_old,),
    ReachableStore: (answers_while_it_works,),
})  # fmt: skip


def _expect(actual: object, expected: object, rule: str) -> None:
    if actual != expected:
        raise AssertionError(f"{rule}: expected {expected!r}, got {actual!r}")


def _expect_moved(store: Store, choice: Choice, what: str) -> None:
    try:
        store.add(choice)
    except StateMoved:
        return
    raise AssertionError(f"{what} must raise StateMoved: store choice.placed_after(latest)")


def _at_once(work: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, range(THREADS)))
