"""What every kind of concurrency promises the plugin: a new kind is a row in `kinds`, and a case here."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gevent  # type: ignore[import-untyped]
import pytest
from contracts import invented_kind

from pytest_concurrency import ChildFailed, LeakFound, StuckFound
from pytest_concurrency._plugin.guard import Guard
from pytest_concurrency._runtimes import kinds
from pytest_concurrency._runtimes.joining import Origins
from pytest_concurrency._runtimes.kinds import Row
from pytest_concurrency._sight.watching import Watch

WATCH = Watch([Path(__file__).parent])


@dataclass(frozen=True)
class Case:
    """A kind, and how a test makes something of it.

    Attributes:
        row: Where the kind is.
        short: Starts something that ends at once.
        bad: Starts something that fails.
        error: With what.
        long: Starts something that does not end within a minute.
        called: What a report calls that.
        is_there: Whether that is still there.
    """

    row: Row
    short: Callable[[], Any]
    bad: Callable[[], Any]
    error: type[Exception]
    long: Callable[[], Any]
    called: str
    is_there: Callable[[Any], bool]


def thread(target: Callable[[], Any]) -> threading.Thread:
    made = threading.Thread(target=target, name="the long one")
    made.start()
    return made


def fails() -> None:
    raise ZeroDivisionError("on purpose")


def waits() -> None:
    threading.Event().wait(60)


def command(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(words)


def errand(seconds: float, error: Exception | None = None) -> invented_kind.Errand:
    made = invented_kind.Errand("the long one", seconds, error)
    made.start()
    return made


def greenlet(function: Callable[..., Any], *args: Any) -> Any:
    made = gevent.spawn(function, *args)
    made.name = "the long one"
    return made


def sleep_as_greenlet() -> None:
    gevent.sleep(60)


CASES = (
    Case(
        kinds.ROWS[0],
        lambda: thread(int),
        lambda: thread(fails),
        ZeroDivisionError,
        lambda: thread(waits),
        "the long one",
        lambda thing: thing.is_alive(),
    ),
    Case(
        kinds.ROWS[1],
        lambda: command("true"),
        lambda: command("sh", "-c", "kill -9 $$"),
        ChildFailed,
        lambda: command("sleep", "60"),
        "process `sleep 60`",
        lambda thing: thing.poll() is None,
    ),
    Case(
        next(row for row in kinds.ROWS if row.cls == "Greenlets"),
        lambda: greenlet(int),
        lambda: greenlet(fails),
        ZeroDivisionError,
        lambda: greenlet(sleep_as_greenlet),
        "the long one",
        lambda thing: not thing.ready(),
    ),
    Case(
        invented_kind.ROW,
        lambda: errand(0),
        lambda: errand(0, ZeroDivisionError("on purpose")),
        ZeroDivisionError,
        lambda: errand(60),
        "errand the long one",
        lambda thing: thing in thing.under_way,
    ),
)


@pytest.fixture(params=CASES, ids=lambda case: case.row.cls)
def case(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.setattr(kinds, "ROWS", (*kinds.ROWS, invented_kind.ROW))
    case: Case = request.param
    return case


@contextmanager
def a_test() -> Iterator[Guard]:
    """Stand in for a test that has asked for a guard."""
    guard = Guard(WATCH)
    with guard.active():
        yield guard


def test_every_row_has_a_case() -> None:
    assert {case.row for case in CASES} == {*(row for row in kinds.ROWS if row.is_joined), invented_kind.ROW}


def test_it_has_a_name_and_says_what_can_be_joined(case: Case) -> None:
    kind = case.row.load()
    assert kind.name in kind.joins
    with a_test() as guard, pytest.raises(TypeError, match=r"^guard.join takes .* and errands, got 5$") as caught:
        guard.join(5)
    assert all(word in str(caught.value) for word in kind.joins)


def test_what_ends_can_be_joined(case: Case) -> None:
    with a_test() as guard:
        thing = case.short()
        guard.join(thing, case.short(), timeout=20)
        guard.join(thing, timeout=20)  # what has ended can be joined again


def test_nobody_else_takes_it_for_his(case: Case) -> None:
    with a_test() as guard:
        thing = case.short()
        found = [kind.name for kind in kinds.every() if kind.joinable(thing, WATCH, None) is not None]
        guard.join(thing)
    assert found == [case.row.load().name]


def test_what_fails_is_told(case: Case) -> None:
    with pytest.raises(case.error), a_test() as guard:
        guard.join(case.bad(), timeout=20)


def test_who_is_stuck_is_told_and_ended(case: Case) -> None:
    with a_test() as guard:
        thing = case.long()
        with pytest.raises(StuckFound) as caught:
            guard.join(thing, timeout=0.01)
        assert not case.is_there(thing)
    report = caught.value.report
    assert report.headline == f"{case.called} had not ended after 0.01 s"
    assert case.called in {state.name for state in report.tasks}
    assert any(note.startswith(f"{case.called} was made at ") and "contracts/" in note for note in report.notes)
    assert any(note.startswith(case.called) and " was made at " not in note for note in report.notes), (
        "what became of it"
    )


def test_what_is_left_behind_is_told_and_ended(case: Case) -> None:
    left: list[Any] = []

    def leaves_it() -> None:
        with a_test() as guard:
            guard.allow("*", timeout=0)
            left.append(case.long())

    with pytest.raises(LeakFound) as caught:
        leaves_it()
    assert not case.is_there(left[0])
    report = caught.value.report
    assert report.headline == f"the test left behind: {case.called}"
    assert case.called in {state.name for state in report.tasks}
    assert any(note.startswith(f"{case.called} was started at ") and "contracts/" in note for note in report.notes)
    assert report.cause == (
        "nobody joins them, or stops them, before the test ends: use guard.join; a thread or process "
        "that may end a little later is named in guard.allow"
    )


def test_what_may_end_a_little_later_is_waited_for(case: Case) -> None:
    with a_test() as guard:
        guard.allow("*", timeout=20)
        case.short()


def test_what_was_there_before_is_left_alone(case: Case) -> None:
    thing = case.long()
    try:
        with a_test():
            pass
        assert case.is_there(thing)
    finally:
        joinable = case.row.load().joinable(thing, WATCH, None)
        assert joinable is not None
        assert joinable.clean_up().startswith(case.called)
    assert not case.is_there(thing)


def test_after_a_test_nothing_is_noted_any_more(case: Case) -> None:
    kind, origins = case.row.load(), Origins(WATCH)
    with kind.noting(kind.since(origins)):
        first = case.short()
    second = case.short()
    joined = kind.joinable(first, WATCH, origins.of(first))
    assert joined is not None
    assert joined.made is not None
    assert origins.of(second) is None
    with a_test() as guard:
        guard.join(first, second, timeout=20)
    assert list(kind.left_behind(kind.since(origins))) == []


def test_its_outlook_is_whole(case: Case) -> None:
    outlook = case.row.load().outlook
    if outlook is not None:
        assert all(callable(getattr(outlook, name)) for name in ("picture", "nobody_can_act", "end"))


def test_a_kind_is_not_loaded_where_nothing_of_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    row = Row("no_such_module", "Nothing", only_with="no_such_module_either")
    monkeypatch.setattr(kinds, "ROWS", (row, invented_kind.ROW))
    assert [kind.name for kind in kinds.every()] == ["errands"]
    monkeypatch.setitem(sys.modules, "no_such_module_either", threading)
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        kinds.every()
