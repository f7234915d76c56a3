"""The verdict: every kind's outlook is asked, none is believed alone, and each ends what is its own."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_concurrency import DeadlockFound
from pytest_concurrency._core.telling.report import Report, TaskState, Waiting
from pytest_concurrency._hangs import verdict
from pytest_concurrency._hangs.book import EndThread, Outlook, Wait, Waits, mine
from pytest_concurrency._machine import real
from pytest_concurrency._sight.watching import Watch


class Says:
    """An outlook that answers what it was told to."""

    def __init__(self, seen: tuple[Any, ...] | None, *, certain: bool = True) -> None:
        self.seen = seen
        self.certain = certain
        self.ended: list[Wait] = []

    def picture(self, waits: Waits, looker: Wait) -> tuple[Any, ...] | None:
        return self.seen

    def nobody_can_act(self, waits: Waits, looker: Wait) -> bool:
        return self.certain

    def rests(self, waits: Waits, wait: Wait) -> bool:
        return False

    def others(self, waits: Waits) -> list[TaskState]:
        return []

    def end(self, wait: Wait, verdict: Report) -> None:
        self.ended.append(wait)
        wait.end(verdict)


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> Waits:
    """A book of its own, in which the running thread is the one that runs the tests."""
    book = Waits()
    book.begin(Watch([Path(__file__).parent]), lambda: ())
    monkeypatch.setattr(verdict, "waits", book)
    monkeypatch.setattr(verdict, "lookout", type(verdict.lookout)())
    monkeypatch.setattr(verdict, "QUIET", 0.0)
    monkeypatch.setattr(verdict, "BETWEEN_LOOKS", 0.0)
    return book


@pytest.fixture
def wait(book: Waits) -> Iterator[Wait]:
    """A wait of the running thread for a lock."""
    wait = Wait(threading.Lock())
    outer = book.enter(wait)
    yield wait
    book.leave(wait, outer)
    assert book.now == {}


def ask(book: Waits, *outlooks: Outlook) -> None:
    book.begin(Watch([Path(__file__).parent]), lambda: outlooks)


def looks_twice(wait: Wait) -> Report | None:
    assert verdict.lookout.look(wait) is None  # the picture must stay as it is for a while
    return verdict.lookout.look(wait)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([("a",), ("b", "c")], ("a", "b", "c")),
        ([("a",), ()], ("a",)),
        ([("a",), None], ()),
        ([None, ("a",)], ()),
        ([], ()),
    ],
)
def test_one_that_could_act_spoils_the_picture(
    book: Waits, wait: Wait, seen: list[tuple[Any, ...] | None], expected: tuple[Any, ...]
) -> None:
    ask(book, *map(Says, seen))
    assert verdict.picture(wait) == expected


@pytest.mark.parametrize("certain", [(True, True), (True, False), (False, True)])
def test_all_must_be_certain(book: Waits, wait: Wait, certain: tuple[bool, ...]) -> None:
    ask(book, *(Says(("a",), certain=each) for each in certain))
    assert verdict.nobody_can_act(wait) is all(certain)
    assert (looks_twice(wait) is not None) is all(certain)


def test_without_an_outlook_there_is_no_verdict(book: Waits, wait: Wait) -> None:
    assert looks_twice(wait) is None


def test_nobody_is_asked_for_a_wait_with_a_limit(book: Waits) -> None:
    ask(book, Says(("a",)))
    wait = Wait(threading.Lock(), limited=True)
    book.leave(wait, book.enter(wait))
    assert looks_twice(wait) is None


def test_every_outlook_is_told_whom_to_end(book: Waits, wait: Wait) -> None:
    outlooks = Says(("a",)), Says(())
    ask(book, *outlooks)
    found = looks_twice(wait)
    assert found is wait.verdict is book.verdicts[0] is book.given[0]
    assert found.headline == "deadlock: main waits for ever"
    assert [each.ended for each in outlooks] == [[wait], [wait]]


def test_a_picture_that_changes_is_looked_at_anew(book: Waits, wait: Wait) -> None:
    outlook = Says(("a",))
    ask(book, outlook)
    assert verdict.lookout.look(wait) is None
    outlook.seen = ("b",)
    assert looks_twice(wait) is not None


def test_an_idle_worker_is_not_ended(book: Waits, wait: Wait) -> None:
    outlook = Says(("a",))
    ask(book, outlook)
    wait.park()
    verdict.condemn()
    assert (outlook.ended, wait.is_parked()) == ([], False)
    wait.end(book.verdicts[0])
    assert wait.is_parked()


def test_the_verdict_is_raised_where_the_tests_run_and_the_others_are_unwound() -> None:
    report = Report("deadlock: nobody goes on")
    assert mine.mark.runs_the_tests
    raised = verdict.ending(Wait(threading.Lock()), report)
    assert isinstance(raised, DeadlockFound)
    assert raised.report is report
    others: list[Any] = []

    def other() -> None:
        others.append(verdict.ending(Wait(threading.Lock()), report))
        others.append((mine.verdict, mine.swallowed, mine.mark.runs_the_tests))
        mine.forget()
        others.append(mine.verdict)

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert isinstance(others[0], EndThread)
    assert others[1:] == [(report, 1, False), None]


def test_starts_are_told_until_that_is_undone() -> None:
    book = Waits()
    told: list[object] = []
    end_first = book.tell_starts(told.append)
    end_second = book.tell_starts(lambda thread: told.append("second"))
    assert book.started is not None
    book.started(threading.current_thread())
    end_second()
    book.started(threading.current_thread())
    end_first()
    assert told == ["second", threading.current_thread()]
    assert not callable(book.started)


def test_a_wait_in_the_middle_of_a_wait() -> None:
    book = Waits()
    outer, inner = Wait("outer"), Wait("inner")
    assert book.enter(outer) is None
    before = book.enter(inner)
    assert book.of(threading.current_thread()) is inner
    book.leave(inner, before)
    assert book.now == {real.get_ident(): outer}
    book.leave(outer, None)
    assert book.of(threading.current_thread()) is None


class Doubts(Says):
    """One that is never certain, and suspects what it was told to."""

    def __init__(self, suspected: tuple[Any, ...] | None) -> None:
        super().__init__(None, certain=False)
        self.suspected = suspected

    def suspicion(self, waits: Waits, looker: Wait) -> tuple[Any, ...] | None:
        return self.suspected

    def suspects(self, waits: Waits, watch: Watch) -> list[TaskState]:
        return [TaskState("Thread-9", "waits", None, Waiting("Lock.acquire", "Lock `pool.lock`"))]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdict, "SUSPICION", 0.0)
    monkeypatch.setattr(verdict, "BETWEEN_SUSPICIONS", 0.0)


@pytest.mark.usefixtures("impatient")
def test_a_suspicion_is_told_with_those_who_are_not_in_the_book(book: Waits, wait: Wait) -> None:
    ask(book, Doubts((1,)))
    found = looks_twice(wait)
    assert found is not None
    assert found.headline == "probably stuck: nothing has moved for 0 s in main, Thread-9"
    assert [state.name for state in found.tasks] == ["main", "Thread-9"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("others", [Doubts(None), Says(None), Says(("b",), certain=False)])
def test_nothing_is_suspected_where_somebody_may_act(book: Waits, wait: Wait, others: Says) -> None:
    ask(book, Doubts((1,)), others)
    assert looks_twice(wait) is None


@pytest.mark.usefixtures("impatient")
def test_why_nothing_is_suspected_is_kept_for_the_end_of_the_session(book: Waits, wait: Wait) -> None:
    ask(book, Doubts(("a child could have sent a signal",)))
    assert looks_twice(wait) is None
    assert list(book.refused) == ["a child could have sent a signal"]


def test_a_suspicion_takes_its_time(book: Waits, wait: Wait) -> None:
    ask(book, Doubts((1,)))
    assert looks_twice(wait) is None
