"""Calls of one object in every order: what no order one after the other explains is told, and nothing else."""

import asyncio
import contextlib
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from pytest_concurrency import DeadlockFound, Grade, NotLinearizableFound, RaceFound, Verdict, linearizable, op
from pytest_concurrency._core.linear.misuse import ProgramError
from pytest_concurrency._core.linear.program import program
from pytest_concurrency._engine.record import Finding, Record
from pytest_concurrency._explore.exploration import Exploration
from pytest_concurrency._explore.linear import Linear
from pytest_concurrency._explore.plan import Plan, default_watch


def told(verdict: Verdict) -> str:
    """Return what a verdict says of a history that no order explains."""
    assert verdict.grade is Grade.FAILED, str(verdict)
    assert type(verdict.error) is NotLinearizableFound
    return str(verdict)


def proved(verdict: Verdict) -> None:
    assert verdict.grade is Grade.PROVED, str(verdict)


# -- objects, wrong and right


class Counter:
    def __init__(self) -> None:
        self.n = 0

    def add(self) -> int:
        self.n += 1
        return self.n

    def value(self) -> int:
        return self.n


class LockedCounter(Counter):
    def __init__(self) -> None:
        self.n = 0
        self.lock = threading.Lock()

    def add(self) -> int:
        with self.lock:
            self.n += 1
            return self.n

    def value(self) -> int:
        with self.lock:
            return self.n


class Stack:
    def __init__(self) -> None:
        self.items: list[int] = []

    def push(self, item: int) -> None:
        self.items = [*self.items, item]

    def pop(self) -> int:
        if not self.items:
            raise LookupError("empty")
        last = self.items[-1]
        self.items = self.items[:-1]
        return last


class LockedStack:
    def __init__(self) -> None:
        self.items: list[int] = []
        self.lock = threading.Lock()

    def push(self, item: int) -> None:
        with self.lock:
            self.items.append(item)

    def pop(self) -> int:
        with self.lock:
            if not self.items:
                raise LookupError("empty")
            return self.items.pop()


class Cache:
    """Keeps the two keys that were asked for last."""

    def __init__(self) -> None:
        self.kept: OrderedDict[str, int] = OrderedDict()

    def put(self, key: str, value: int) -> None:
        if len(self.kept) == 2 and key not in self.kept:
            del self.kept[next(iter(self.kept))]
        self.kept[key] = value

    def get(self, key: str) -> int | None:
        return self.kept.get(key)

    def keys(self) -> list[str]:
        return list(self.kept)


class LockedCache(Cache):
    def __init__(self) -> None:
        self.kept = OrderedDict()
        self.lock = threading.Lock()

    def put(self, key: str, value: int) -> None:
        with self.lock:
            if len(self.kept) == 2 and key not in self.kept:
                del self.kept[next(iter(self.kept))]
            self.kept[key] = value


class Bounded:
    """Holds two, and tests whether it is full outside the lock."""

    def __init__(self) -> None:
        self.items: list[int] = []
        self.lock = threading.Lock()

    def put(self, item: int) -> bool:
        if len(self.items) == 2:
            return False
        with self.lock:
            self.items.append(item)
        return True

    def size(self) -> int:
        return len(self.items)


class RightBounded(Bounded):
    def put(self, item: int) -> bool:
        with self.lock:
            if len(self.items) == 2:
                return False
            self.items.append(item)
            return True


class TwoCounters:
    """Nothing is unordered here, and yet `size` counts what has never been there together."""

    def __init__(self) -> None:
        self.put_lock, self.get_lock = threading.Lock(), threading.Lock()
        self.put_count = self.get_count = 0

    def put(self) -> None:
        with self.put_lock:
            self.put_count += 1

    def get(self) -> None:
        with self.get_lock:
            self.get_count += 1

    def size(self) -> int:
        with self.put_lock:
            puts = self.put_count
        with self.get_lock:
            gets = self.get_count
        return puts - gets


class Node:
    def __init__(self, item: int) -> None:
        self.item = item
        self.next: Node | None = None


class TwoLocks:
    """The queue of Michael and Scott with two locks: who puts and who gets are never in each other's way."""

    def __init__(self) -> None:
        self.head = self.tail = Node(0)
        self.head_lock, self.tail_lock = threading.Lock(), threading.Lock()

    def put(self, item: int) -> None:
        node = Node(item)
        with self.tail_lock:
            self.tail.next = node
            self.tail = node

    def get(self) -> int | None:
        with self.head_lock:
            first = self.head.next
            if first is None:
                return None
            self.head = first
            return first.item


WRONG: list[Any] = [
    pytest.param(Counter, [("add",), ("add",)], {}, id="counter"),
    pytest.param(Stack, [("push", 1), ("push", 2)], {"after": [("pop",), ("pop",)]}, id="stack"),
    pytest.param(Cache, [("put", "a", 1), ("put", "b", 2)], {"setup": [("put", "c", 3), ("put", "d", 4)]}, id="cache"),
    pytest.param(Bounded, [("put", 1), ("put", 2)], {"setup": [("put", 0)]}, id="bounded"),
    pytest.param(TwoCounters, [[("put",), ("get",), ("put",)], [("size",)]], {}, id="two counters"),
]
RIGHT: list[Any] = [
    pytest.param(LockedCounter, [("add",), ("add",), ("value",)], {}, id="counter"),
    pytest.param(LockedStack, [("push", 1), ("push", 2)], {"after": [("pop",), ("pop",)]}, id="stack"),
    pytest.param(LockedCache, [("put", "a", 1), ("put", "b", 2)], {"setup": [("put", "c", 3)]}, id="cache"),
    pytest.param(RightBounded, [("put", 1), ("put", 2)], {"setup": [("put", 0)]}, id="bounded"),
    pytest.param(TwoLocks, [("put", 1), ("put", 2), ("get",)], {}, id="two locks"),
    pytest.param(queue.Queue, [("put", 1), ("put", 2), ("get",)], {}, id="queue.Queue"),
    pytest.param(queue.SimpleQueue, [("put", 1), ("put", 2), ("get",)], {}, id="queue.SimpleQueue"),
    pytest.param(list, [("append", 1), ("append", 2), ("pop",)], {}, id="list"),
    pytest.param(lambda: queue.Queue(1), [[("put", 1), ("put", 2)], [("get",)]], {}, id="a full queue"),
]


@pytest.mark.parametrize(("make", "operations", "settings"), WRONG)
def test_what_is_wrong_is_told(make: Callable[[], Any], operations: Any, settings: Any) -> None:
    text = told(linearizable(make, operations, **settings))
    for words in ("who called what, from left to right:", "no order fits:", "interleaving", "test_linearizable.py:"):
        assert words in text


@pytest.mark.slow
@pytest.mark.parametrize(("make", "operations", "settings"), RIGHT)
def test_what_is_right_is_proved(make: Callable[[], Any], operations: Any, settings: Any) -> None:
    proved(linearizable(make, operations, schedules=5000, seconds=60, **settings))


def test_a_failure_shows_the_history_and_why_no_order_fits() -> None:
    lines = told(linearizable(Counter, [("add",), ("add",)])).splitlines()
    assert lines[:7] == [
        "not linearizable: no order of the 2 calls, one after the other, gives what was answered",
        "  who called what, from left to right:",
        "    A |-----|  add() returns 2",
        "    B   |-|    add() returns 2",
        "  no order fits:",
        "    first B add() returns 1; here it returns 2",
        "    first A add() returns 1; here it returns 2",
    ]
    assert any(line.endswith("calls add()") for line in lines)
    assert any("returns from add() = 2" in line for line in lines)


def test_the_likely_cause_of_a_failure_is_a_lost_update() -> None:
    text = told(linearizable(Stack, [("push", 1), ("push", 2)], after=[("pop",), ("pop",)]))
    assert "from the read to the write must be one critical section" in " ".join(text.split())


def test_a_failure_is_replayed_by_its_token() -> None:
    def explored(replay: str | None = None) -> Verdict:
        return linearizable(Counter, [("add",), ("add",)], replay=replay)

    verdict = explored()
    again = explored(verdict.replay)
    assert again.schedules == 1
    assert str(again) == str(verdict)
    assert f"linearizable(Counter, ..., replay='{verdict.replay}')" in str(verdict)
    assert linearizable(LockedCounter, [("add",)], schedules=3).error is None


def test_a_call_that_ended_before_another_began_comes_first() -> None:
    class Late:
        """Shows what was put when the next is put; right if both overlap."""

        def __init__(self) -> None:
            self.shown = self.hidden = 0
            self.lock = threading.Lock()

        def put(self, item: int) -> None:
            with self.lock:
                self.shown, self.hidden = self.hidden, item

        def get(self) -> int:
            with self.lock:
                return self.shown

    class Register:
        def __init__(self) -> None:
            self.item = 0

        def put(self, item: int) -> None:
            self.item = item

        def get(self) -> int:
            return self.item

    text = told(linearizable(Late, [[("put", 1)], [("get",)]], model=Register))
    assert "    A |-|      put(1) returns None\n    B     |-|  get() returns 0" in text


# -- calls that wait


@pytest.mark.slow
def test_calls_that_wait_as_in_an_order_are_right() -> None:
    proved(linearizable(queue.Queue, [("get",)]))
    proved(linearizable(queue.Queue, [("put", 1), ("get",), ("get",)]))
    proved(linearizable(lambda: queue.Queue(1), [("put", 1), ("put", 2)]))


class Forgetful:
    """Wakes nobody."""

    def __init__(self) -> None:
        self.items: list[int] = []
        self.ready = threading.Condition()

    def put(self, item: int) -> None:
        with self.ready:
            self.items.append(item)

    def get(self) -> int:
        with self.ready:
            while not self.items:
                self.ready.wait()
            return self.items.pop(0)


def test_a_call_that_waits_where_no_order_does_is_a_deadlock() -> None:
    verdict = linearizable(Forgetful, [("put", 1), ("get",)])
    assert type(verdict.error) is DeadlockFound
    assert "waits in Condition.wait on Condition `self.ready`" in str(verdict)


def test_a_limit_that_comes_is_an_answer() -> None:
    proved(linearizable(queue.Queue, [op("get", timeout=3), ("qsize",)]))


def test_a_thread_of_the_objects_own_that_waits_for_ever_is_no_call() -> None:
    class Worker:
        def __init__(self) -> None:
            self.jobs: queue.Queue[int] = queue.Queue()
            threading.Thread(target=self.jobs.get).start()

        def size(self) -> int:
            return 0

    assert type(linearizable(Worker, [("size",)]).error) is DeadlockFound


@pytest.mark.parametrize("kind", ["cut", "strategy", "no progress"])
def test_a_run_that_ends_before_its_time_shows_nothing(kind: str) -> None:
    linear = Linear(Counter, program([("add",)]))
    record = Record(finding=Finding(kind, "in the middle"))
    stage: Any = None  # no order is asked for
    assert linear.judge(record, stage) is record
    assert record.finding == Finding(kind, "in the middle")


# -- answers


@pytest.mark.slow
def test_exceptions_are_answers_by_type_and_arguments() -> None:
    class Shop:
        def __init__(self) -> None:
            self.left = 1

        def buy(self, who: str) -> None:
            if self.left < 1:
                raise ValueError("sold out", who)
            self.left -= 1

    text = told(linearizable(Shop, [("buy", "Ann"), ("buy", "Ben")]))
    assert "B buy('Ben') raises ValueError('sold out', 'Ben'); here it returns None" in " ".join(text.split())
    proved(linearizable(LockedStack, [("pop",), ("push", 1)]))


def test_the_object_itself_is_an_answer_that_is_the_same_each_time() -> None:
    class Fluent:
        def then(self) -> "Fluent":
            return self

    proved(linearizable(Fluent, [("then",), ("then",)]))


def test_a_list_that_changes_later_is_what_it_was() -> None:
    class Log:
        def __init__(self) -> None:
            self.lines: list[int] = []
            self.lock = threading.Lock()

        def add(self, line: int) -> list[int]:
            with self.lock:
                self.lines.append(line)
                return self.lines

    class Copies(Log):
        def add(self, line: int) -> list[int]:
            return list(super().add(line))

    assert linearizable(Log, [[("add", 1), ("add", 2)]], model=Copies).error is None
    assert linearizable(list, [("extend", [1]), ("append", [2]), ("pop",)], schedules=40).error is None


class Ticket:
    def __init__(self, number: int) -> None:
        self.number = number


class Office:
    def __init__(self) -> None:
        self.last = 0

    def take(self) -> Ticket:
        self.last += 1
        return Ticket(self.last)


def test_a_result_that_equals_only_itself_needs_a_function() -> None:
    with pytest.raises(ProgramError, match=r"two answers of Office to take\(\): it returns <.*Ticket>, .* give model="):
        linearizable(Office, [("take",), ("take",)])
    verdict = linearizable(Office, [("take",), ("take",)], result=lambda ticket: ticket.number)
    assert "B add" not in told(verdict)


def test_what_result_looks_at_is_no_step() -> None:
    seen: list[int] = []

    def number(ticket: Ticket) -> int:
        seen.append(ticket.number)
        return ticket.number

    text = told(linearizable(Office, [("take",), ("take",)], result=number))
    assert seen
    assert "append" not in text


def test_what_is_not_the_same_each_time_is_refused() -> None:
    class Dice:
        rolled = 0

        def roll(self) -> int:
            Dice.rolled += 1
            return Dice.rolled

    with pytest.raises(ProgramError, match=r"got two answers of Dice to roll\(\): it returns \d, and then returns \d"):
        linearizable(Dice, [("roll",)])


def test_a_model_is_what_the_object_is_compared_with() -> None:
    class Model:
        def add(self) -> int:
            return 7

    text = told(linearizable(LockedCounter, [("add",)], model=Model))
    assert text.startswith("not linearizable: no order of the call, one")
    assert "first A add() returns 7; here it returns 1" in text
    with pytest.raises(ProgramError, match="methods of Model, got 'value': it has add"):
        linearizable(LockedCounter, [("value",)], model=Model)


class Own(BaseException):
    """No `Exception`."""


class Quits:
    """The second call raises, told by its arguments."""

    def __init__(self, error: Callable[[int], BaseException], *, is_locked: bool) -> None:
        self._error = error
        self._n = 0
        self._lock = threading.Lock() if is_locked else contextlib.nullcontext()

    def stop(self) -> int:
        with self._lock:
            self._n += 1
            n = self._n
        if n > 1:
            raise self._error(n)
        return n

    async def stop_later(self) -> int:
        return self.stop()


@pytest.mark.parametrize("name", ["stop", "stop_later"])
@pytest.mark.parametrize("error", [SystemExit, Own, asyncio.CancelledError])
def test_whatever_a_call_raises_is_its_answer(error: Callable[[int], BaseException], name: str) -> None:
    def right() -> Quits:
        return Quits(error, is_locked=True)

    proved(linearizable(right, [(name,), (name,)]))


def test_an_answer_that_is_no_exception_is_told() -> None:
    text = told(linearizable(lambda: Quits(SystemExit, is_locked=False), [("stop",), ("stop",)]))
    assert "raises SystemExit(2)" in text


class Ends:
    def skip(self) -> None:
        pytest.skip("here")

    def interrupt(self) -> None:
        raise KeyboardInterrupt("here")

    async def interrupt_later(self) -> None:
        raise KeyboardInterrupt("here")


def test_what_ends_a_test_is_no_answer() -> None:
    with pytest.raises(pytest.skip.Exception):
        linearizable(Ends, [("skip",)])
    with pytest.raises(KeyboardInterrupt):
        linearizable(Ends, [("interrupt_later",)])


@pytest.mark.parametrize("count", [1, 2])
def test_no_ctrl_c_comes_in_the_thread_of_a_call(count: int) -> None:
    verdict = linearizable(Ends, [("interrupt",)] * count)
    assert verdict.grade is Grade.FAILED
    assert "+ KeyboardInterrupt: here" in str(verdict)


def test_who_is_cancelled_from_outside_has_no_answer() -> None:
    class Lasting:
        async def stop(self) -> None:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for each in others:
                each.cancel()
            await asyncio.sleep(1)

    verdict = linearizable(Lasting, [("stop",), ("stop",)])
    assert verdict.grade is Grade.FAILED
    assert "CancelledError" in str(verdict)


def test_a_call_has_to_fit_its_method() -> None:
    class Box:
        def put(self, item: int, *, front: bool = False) -> None:
            if item < 0:
                raise TypeError(f"too little: {item}, {front}")

    unfit = "operations must fit the methods that they name, got "
    for calls, text in (
        ([("put",)], "put(): missing a required argument: 'item'"),
        ([("put", 1, 2)], "put(1, 2): too many positional arguments"),
        ([op("put", 1, back=True)], "put(1, back=True): got an unexpected keyword argument 'back'"),
    ):
        with pytest.raises(ProgramError) as caught:
            linearizable(Box, calls)
        assert str(caught.value) == unfit + text
    with pytest.raises(ProgramError, match=r"got append\(\): "):
        linearizable(list, [("append",)])
    proved(linearizable(Box, [("put", -1), ("put", 1)]))  # what a method says of itself is an answer
    proved(linearizable(set, [("add", []), ("add", [])]))


def test_what_takes_more_than_it_shows_fits() -> None:
    class Box:
        @mock.patch("time.sleep")
        def put(self, item: int, sleep: mock.Mock) -> int:
            return item

    assert linearizable(Box, [("put", 1), ("put", 2)]).error is None


def test_a_coroutine_that_nobody_awaits_is_no_answer() -> None:
    class Hidden:
        def later(self) -> Any:
            return self._later()

        async def _later(self) -> int:
            return 1

    for calls in ([("later",)], [("later",), ("later",)]):
        with pytest.raises(
            ProgramError, match=r"async methods must be seen .* got later\(\), which returns a coroutine"
        ):
            linearizable(Hidden, calls)


def test_what_fails_before_any_call_is_the_failure() -> None:
    class Broken:
        def __init__(self) -> None:
            raise LookupError("no file")

        def get(self) -> None: ...

    verdict = linearizable(Broken, [("get",)])
    assert type(verdict.error) is RaceFound
    assert str(verdict).startswith("main raised LookupError: no file")


# -- what is not watched


def test_what_cannot_be_seen_is_not_proved() -> None:
    from html.parser import HTMLParser

    verdict = linearizable(HTMLParser, [("feed", "<a>"), ("feed", "<b>")], schedules=30)
    assert verdict.grade is Grade.SAMPLED
    assert "nothing was watched" in verdict.reason


# -- event loops


class Hall:
    def __init__(self) -> None:
        self.seats = 1

    async def book(self) -> bool:
        free = self.seats > 0
        await asyncio.sleep(0)
        self.seats -= free
        return free

    async def left(self) -> int:
        return self.seats


class LockedHall(Hall):
    def __init__(self) -> None:
        self.seats = 1
        self.lock = asyncio.Lock()

    async def book(self) -> bool:
        async with self.lock:
            free = self.seats > 0
            await asyncio.sleep(0)
            self.seats -= free
            return free


async def make_hall() -> LockedHall:
    return LockedHall()


@pytest.mark.parametrize("make", [Hall, lambda: Hall()], ids=["class", "function"])
def test_async_methods_are_tasks_of_a_loop(make: Callable[[], Any]) -> None:
    text = told(linearizable(make, [("book",), ("book",)], after=[("left",)]))
    assert "    A      |---|        book() returns True\n    B        |---|      book() returns True" in text
    assert "    main()         |-|  left() returns -1" in text


@pytest.mark.parametrize("make", [LockedHall, make_hall])
def test_a_right_async_object_is_proved(make: Callable[[], Any]) -> None:
    proved(linearizable(make, [("book",), ("book",)], setup=[("left",)], after=[("left",)]))
    proved(linearizable(asyncio.Queue, [("put", 1), ("get",), ("get",), ("put_nowait", 2), ("get",)]))


# -- the proof


def histories(make: Any, operations: Any, **settings: Any) -> set[Any]:
    """Return what was answered, and which calls had ended before others began, in all schedules."""
    seen = set()
    linear = Linear(make, program(operations))

    def judge(record: Any, stage: Any) -> Any:
        calls = sorted(linear._calls.values(), key=lambda call: call.number)
        if record.finding is None:
            before = {(a.number, b.number) for a in calls for b in calls if a.ended is not None and a.ended < b.began}
            seen.add((tuple(str(call.answer) for call in calls), frozenset(before)))
        return record

    plan = Plan(**{"schedules": 20_000, "seconds": 60.0, **settings})
    watch = default_watch(histories, ())
    verdict = Exploration(linear.scenario, plan, watch, owner="x", command=str, judge=judge).run()
    assert verdict.grade in (Grade.PROVED, Grade.SAMPLED), str(verdict)
    return seen


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "operations"),
    [
        (Counter, [("add",), ("add",)]),
        (LockedCounter, [[("add",), ("value",)], [("add",)]]),
        (list, [[("append", 1), ("append", 2)], [("pop",)]]),
    ],
)
def test_a_search_sees_every_history(make: Any, operations: Any) -> None:
    found = histories(make, operations, strategy="dpor")
    assert len(found) > 4
    assert histories(make, operations, strategy="random", schedules=400) - found == set()
    assert histories(make, operations, strategy="dfs", preemptions=1) - found == set()


def test_three_calls_that_touch_nothing_have_every_order_in_time() -> None:
    free = type("Free", (), {"go": lambda self: 1})
    found = histories(free, [("go",), ("go",), ("go",)], strategy="dpor")
    assert len(found) == 19  # as many as there are ways for three intervals to come before each other


def test_no_line_of_ours_is_told() -> None:
    calls = [op("get", timeout=2), ("put", 1)]
    reason = linearizable(queue.Queue, calls).reason
    assert reason.endswith("but no proof: a wait was over before its time-out in every one of them")
    verdict = linearizable(queue.Queue, [("put", 1)], setup=[("get",)])
    assert "main  waits in Queue.get on Queue" in str(verdict)
    assert "made at" not in str(verdict)


def test_an_object_that_is_not_made_anew_is_told() -> None:
    shared: list[int] = []
    text = told(linearizable(lambda: shared, [("append", 1), ("pop",)]))
    assert "\n  the object is the same each time: what earlier calls have left in it counts\n" in text
    anew = told(linearizable(Counter, [("add",), ("add",)])).splitlines()
    assert not any(line.startswith("  the object") for line in anew)


def test_a_model_that_cannot_be_made_is_refused() -> None:
    def fails() -> None:
        raise KeyError("gone")

    with pytest.raises(ProgramError, match=r"model must make an object that .*, got one that raised KeyError: 'gone'"):
        linearizable(Counter, [("add",)], model=fails)
