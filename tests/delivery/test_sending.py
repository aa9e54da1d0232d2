"""What one receiver is sent: everything, in order for each subject, by one process at a time."""

from __future__ import annotations

from contextlib import closing
from threading import Barrier, BrokenBarrierError, Event, Thread

import pytest
import sqlalchemy as sa

from consent_widget import SQLStore
from consent_widget.choice.act import new_subject
from consent_widget.delivery import sending
from consent_widget.delivery.batch import IN_A_ROW
from consent_widget.delivery.sending import AT_ONCE
from consent_widget.store.receivers import LEASE
from consent_widget.store.tables import DELIVERIES, RECEIVERS

from ..support.receiving import Answer, Receiving, Taken
from .conftest import Clock, Sender, choose

OK: Answer = (204, {})


def subjects(number: int) -> list[str]:
    return [new_subject() for _ in range(number)]


def rows(store: SQLStore) -> list[sa.Row[tuple[object, ...]]]:
    with store._reading() as connection:
        return list(connection.execute(sa.select(DELIVERIES).order_by(DELIVERIES.c.id)))


def test_every_choice_arrives_once_in_the_order_of_its_subject(store: SQLStore, crm: Receiving) -> None:
    sender, names = Sender(store, crm), subjects(12)
    choose(store, *names, acts=5)

    assert sender.run() == 60
    assert sender.run() == 0
    assert [crm.seqs(name) for name in names] == [[1, 2, 3, 4, 5]] * 12
    assert len({message.id for message in crm.asked}) == len(crm.asked) == 60
    assert (crm.forged, rows(store)) == (0, [])


def test_a_choice_waits_in_the_log_and_takes_no_room_elsewhere(store: SQLStore, crm: Receiving) -> None:
    sender = Sender(store, crm)
    choose(store, *subjects(5))

    assert rows(store) == []
    assert store.backlog(sender.progress)[0] == 5


def test_a_new_receiver_is_told_of_what_happens_from_now_on(store: SQLStore, crm: Receiving) -> None:
    before, after = subjects(2)
    choose(store, before)
    sender = Sender(store, crm)
    choose(store, after)
    again = Sender(store, crm)  # a process that starts later
    choose(store, after)

    assert sender.run() + again.run() == 2
    assert crm.seqs(after) == [1, 2]
    assert crm.seqs(before) == []


def test_processes_that_start_together_know_one_receiver(url: str, store: SQLStore, crm: Receiving) -> None:
    together, failed = Barrier(4), list[Exception]()

    def start() -> None:
        try:
            with closing(SQLStore(url)) as own:
                together.wait(10)
                own.expect_receivers("shop", {"crm": ["subject.erased"], "mail": ["subject.erased"]})
        except Exception as error:
            failed.append(error)

    threads = [Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert [each.name for each in store.progress()] == ["crm", "mail"]


def test_a_receiver_that_has_lost_something_can_be_sent_it_again(store: SQLStore, crm: Receiving) -> None:
    (name,) = subjects(1)
    choose(store, name, acts=3)
    sender = Sender(store, crm)
    store.resume(sender.progress.id, since=0)

    assert sender.run() == 3
    store.resume(sender.progress.id, since=0)
    assert sender.run() == 3
    assert crm.seqs(name) == [1, 2, 3, 1, 2, 3]
    assert len({message.id for message in crm.taken}) == 3  # so the receiver knows what it has


def test_a_site_is_told_of_its_own_visitors_alone(
    store: SQLStore, crm: Receiving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "MOST", 4)
    sender = Sender(store, crm)
    ours, theirs = subjects(2)
    choose(store, theirs, acts=9, site="club")
    choose(store, ours)
    choose(store, theirs, site="club")

    assert sender.run() == 1
    assert [message.subject for message in crm.asked] == [ours]
    assert not sender.sending.has_work(sender.progress, store.size(), store.due())


def test_who_is_refused_holds_up_nobody_else_and_is_told_the_rest_in_order(
    store: SQLStore, crm: Receiving, clock: Clock
) -> None:
    sender, (refused, *others) = Sender(store, crm), subjects(5)
    crm.answer = lambda message: (500, {}) if message.subject == refused else OK
    choose(store, refused, *others, acts=3)

    assert sender.run() == 12
    assert [crm.seqs(name) for name in others] == [[1, 2, 3]] * 4
    assert [message.seq for message in crm.asked if message.subject == refused] == [1]
    assert [row.subject for row in rows(store)] == [refused] * 3
    choose(store, refused, others[0])
    assert sender.run() == 1

    crm.answer = lambda _: OK
    clock.ahead = 60
    assert sender.run() == 4
    assert crm.seqs(refused) == [1, 2, 3, 4]
    assert rows(store) == []


def test_a_receiver_that_is_down_is_asked_a_few_times_and_then_told_everything(
    store: SQLStore, crm: Receiving, clock: Clock
) -> None:
    sender, names = Sender(store, crm), subjects(30)
    choose(store, *names, acts=2)
    crm.answer = lambda _: (503, {})

    assert sender.run() == 0
    assert IN_A_ROW <= len(crm.asked) < IN_A_ROW + AT_ONCE
    assert sender.run() == 0  # it rests
    for round in range(1, 6):
        asked = len(crm.asked)
        clock.ahead += 700
        assert sender.run() == 0
        assert len(crm.asked) == asked + 1, round  # one message, to see
    assert sender.progress.failures == 6
    assert len(rows(store)) < IN_A_ROW + AT_ONCE + 6

    crm.answer = lambda _: OK
    clock.ahead += 700
    assert sender.run() == 60
    assert [crm.seqs(name) for name in names] == [[1, 2]] * 30
    assert rows(store) == []
    assert sender.progress.failures == 0


def test_a_message_that_makes_the_receiver_fall_does_not_keep_it_down(
    store: SQLStore, crm: Receiving, clock: Clock
) -> None:
    sender, (deadly, *others) = Sender(store, crm), subjects(10)
    choose(store, deadly)
    crm.answer = lambda message: (502, {}) if message.subject == deadly else OK
    for _ in range(3):
        sender.run()
        clock.ahead += 30_000
    choose(store, *others)

    assert sender.run() == 9
    assert [crm.seqs(name) for name in others] == [[1]] * 9


def test_a_receiver_gets_the_time_that_it_asks_for(store: SQLStore, crm: Receiving, clock: Clock) -> None:
    sender = Sender(store, crm)
    choose(store, *subjects(20))
    crm.answer = lambda _: (429, {"Retry-After": "3600"})

    sender.run()
    assert len(crm.asked) <= AT_ONCE
    asked = len(crm.asked)
    clock.ahead = 3500
    assert (sender.run(), len(crm.asked)) == (0, asked)
    clock.ahead = 3700
    crm.answer = lambda _: OK
    assert sender.run() == 20


def test_a_receiver_that_is_gone_is_asked_no_more_until_somebody_says_so(
    store: SQLStore, crm: Receiving, clock: Clock
) -> None:
    sender, names = Sender(store, crm), subjects(20)
    choose(store, *names)
    crm.answer = lambda _: (410, {})

    assert sender.run() == 0
    asked = len(crm.asked)
    clock.ahead = 10**6
    choose(store, *names)
    assert (sender.run(), len(crm.asked)) == (0, asked)
    assert sender.progress.stopped

    crm.answer = lambda _: OK
    store.resume(sender.progress.id)
    assert sender.run() == 40
    assert [crm.seqs(name) for name in names] == [[1, 2]] * 20


def test_a_few_messages_at_once_are_on_their_way_and_no_two_of_a_subject(store: SQLStore, crm: Receiving) -> None:
    sender, names = Sender(store, crm), subjects(2 * AT_ONCE)
    choose(store, *names, acts=2)
    together, under_way, twice = Barrier(AT_ONCE), set[str](), list[str]()

    def answer(message: Taken) -> Answer:
        if message.subject in under_way:
            twice.append(message.subject)
        under_way.add(message.subject)
        try:
            together.wait(5)
        except BrokenBarrierError:
            return 500, {}
        under_way.discard(message.subject)
        return OK

    crm.answer = answer

    assert sender.run() == 4 * AT_ONCE
    assert crm.most_at_once == AT_ONCE
    assert twice == []


def test_of_several_processes_one_sends_at_a_time_and_nothing_is_sent_twice(
    url: str, store: SQLStore, crm: Receiving
) -> None:
    names = subjects(20)
    with closing(SQLStore(url)) as other:
        senders = [Sender(each, crm) for each in (store, store, other)]
        choose(store, *names, acts=3)
        threads = [Thread(target=sender.run) for sender in senders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        senders[0].run()

    assert len(crm.asked) == len({message.id for message in crm.asked}) == 60
    assert [crm.seqs(name) for name in names] == [[1, 2, 3]] * 20


def test_whoever_died_while_sending_is_followed_by_another_once_the_lease_has_ended(
    store: SQLStore, crm: Receiving, clock: Clock
) -> None:
    sender = Sender(store, crm)
    choose(store, *subjects(3))
    assert store.take(sender.progress.id, "killed")

    assert sender.run() == 0
    clock.ahead = LEASE / 1000 + 1
    assert sender.run() == 3


def test_whoever_slept_too_long_changes_nothing_any_more(store: SQLStore, crm: Receiving, clock: Clock) -> None:
    sender, (name,) = Sender(store, crm), subjects(1)
    choose(store, name, acts=2)

    def answer(message: Taken) -> Answer:
        if message.seq == 1:  # in the meantime another process has taken over, and sent all
            clock.ahead += LEASE / 1000 + 1
            crm.answer = lambda _: OK
            Sender(store, crm).run()
        return OK

    crm.answer = answer
    sender.run()

    assert crm.seqs(name)[:2] == [1, 2]
    assert sender.progress.position == store.size()
    assert rows(store) == []


@pytest.mark.parametrize("ahead", [-86_400, 86_400])
def test_a_clock_that_was_wrong_delays_nothing(store: SQLStore, crm: Receiving, clock: Clock, ahead: int) -> None:
    sender, (refused, other) = Sender(store, crm), subjects(2)
    choose(store, refused, other)
    crm.answer = lambda message: (500, {}) if message.subject == refused else (503, {"Retry-After": "60"})
    clock.ahead = ahead
    sender.run()
    assert store.take(sender.progress.id, "killed")

    crm.answer = lambda _: OK
    clock.ahead = 0 if ahead > 0 else ahead + 61
    if ahead < 0:
        clock.ahead += LEASE / 1000
    assert sender.run() == 2


def test_told_to_end_it_ends_after_the_message_under_way_and_sends_nothing_twice(
    store: SQLStore, crm: Receiving
) -> None:
    sender, names = Sender(store, crm), subjects(20)
    choose(store, *names, acts=3)

    def answer(_: Taken) -> Answer:
        if len(crm.asked) == 20:
            sender.stop.set()
        return OK

    crm.answer = answer
    sent = sender.run()
    assert 20 <= sent <= 20 + AT_ONCE
    assert sender.progress.owner == ""
    rest = Sender(store, crm).run()

    assert sent + rest == len(crm.asked) == len({message.id for message in crm.asked}) == 60
    assert [crm.seqs(name) for name in names] == [[1, 2, 3]] * 20


def test_a_receiver_is_told_only_what_it_wants(store: SQLStore, crm: Receiving) -> None:
    sender, (name,) = Sender(store, crm, events=["subject.erased"]), subjects(1)
    choose(store, name, acts=2)
    store.erase(name)

    assert sender.run() == 1
    assert [message.type for message in crm.asked] == ["subject.erased"]


def test_of_who_was_erased_nothing_waits_but_that(store: SQLStore, crm: Receiving, clock: Clock) -> None:
    sender, (erased, other) = Sender(store, crm), subjects(2)
    crm.answer = lambda message: (500, {}) if message.subject == erased else OK
    choose(store, erased, other, acts=2)
    sender.run()
    choose(store, erased)  # waits in the log
    assert store.erase(erased)

    waiting = rows(store)
    assert [(row.subject, row.event, row.detail) for row in waiting] == [(erased, "subject.erased", "{}")]
    assert crm.seqs(erased) == []
    crm.answer = lambda _: OK
    clock.ahead = 60
    assert sender.run() == 1
    assert dict(crm.taken[-1].content["data"]) == {"subject": erased}
    with store._reading() as connection:
        everything = [list(connection.execute(sa.select(table))) for table in (DELIVERIES, RECEIVERS)]
    assert erased not in str(everything)


def test_who_is_erased_while_a_record_is_on_its_way_is_told_of_after_it(
    store: SQLStore, crm: Receiving, clock: Clock
) -> None:
    sender, (erased,) = Sender(store, crm), subjects(1)
    choose(store, erased, acts=3)
    status = iter([204, 500])

    def answer(message: Taken) -> Answer:
        if message.seq == 2:
            store.erase(erased)
        return next(status), {}

    crm.answer = answer
    sender.run()
    crm.answer = lambda _: OK
    clock.ahead = 60
    sender.run()

    assert [message.type for message in crm.taken] == ["choice.recorded", "subject.erased"]
    assert rows(store) == []


def test_of_who_is_erased_nothing_is_sent_that_was_read_before(store: SQLStore, crm: Receiving, clock: Clock) -> None:
    sender, (erased, parked) = Sender(store, crm), subjects(2)
    choose(store, erased, parked, acts=3)

    def answer(message: Taken) -> Answer:
        if message.subject == erased and message.seq == 1:
            store.erase(erased)
        return OK if message.subject == erased else (500, {})

    crm.answer = answer
    sender.run()
    assert [message.type for message in crm.taken] == ["choice.recorded", "subject.erased"]

    choose(store, erased)  # as a new visitor would: what waits beside the log goes as well
    store.erase(parked)
    clock.ahead = 60
    crm.answer = lambda _: OK
    sender.run()
    assert [(message.subject, message.type) for message in crm.taken[2:]] == [
        (erased, "choice.recorded"),
        (parked, "subject.erased"),
    ]
    assert rows(store) == []


def test_an_erasure_tells_nobody_of_another_site(store: SQLStore, crm: Receiving) -> None:
    sender, (theirs,) = Sender(store, crm), subjects(1)
    choose(store, theirs, site="club")
    store.erase(theirs)

    assert sender.run() == 0
    assert crm.asked == []


def test_an_erasure_that_is_taken_back_tells_nobody(store: SQLStore, crm: Receiving) -> None:
    sender, (name,) = Sender(store, crm), subjects(1)
    choose(store, name)

    def fail(*_: object) -> None:
        raise RuntimeError

    store.in_erasure.append(fail)
    with pytest.raises(RuntimeError):
        store.erase(name)

    assert sender.run() == 1
    assert [message.type for message in crm.taken] == ["choice.recorded"]


def test_what_waits_is_there_after_a_restart(url: str, store: SQLStore, crm: Receiving, clock: Clock) -> None:
    sender, (refused,) = Sender(store, crm), subjects(1)
    crm.answer = lambda _: (500, {})
    choose(store, refused, acts=2)
    sender.run()
    crm.answer = lambda _: OK
    clock.ahead = 60
    with closing(SQLStore(url)) as later:
        assert Sender(later, crm).run() == 2

    assert crm.seqs(refused) == [1, 2]


def test_a_database_that_goes_away_while_it_sends_loses_nothing(store: SQLStore, crm: Receiving) -> None:
    sender, names, gone = Sender(store, crm), subjects(5), Event()
    choose(store, *names)

    def fail(*_: object) -> None:
        if gone.is_set():
            raise sa.exc.OperationalError("", {}, Exception("away"))

    def answer(_: Taken) -> Answer:
        gone.set()
        return OK

    crm.answer = answer
    sa.event.listen(store._engine, "before_cursor_execute", fail)
    with pytest.raises(Exception, match="away"):
        sender.run()
    sa.event.remove(store._engine, "before_cursor_execute", fail)
    sender.sending._owner = sender.progress.owner  # its lease has not ended yet
    sender.run()

    assert {message.subject for message in crm.taken} == set(names)
