"""What every oracle of the table keeps to: it is silent while off, and tells what it finds by its error."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from programs.program import together

import pytest_concurrency
from pytest_concurrency import Verdict, explore
from pytest_concurrency._core import errors
from pytest_concurrency._core.oracles import NAMES, TABLE, Row, documented
from pytest_concurrency._explore.judging import judge

pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited", "ignore:unclosed <socket")


class Box:
    done = False
    n = 0


def polls() -> None:
    box = Box()

    def wait() -> None:
        while not box.done:
            time.sleep(1)

    def end() -> None:
        box.done = True

    together(wait, end)


def hopes() -> None:
    box = Box()

    def write() -> None:
        box.n = 1

    thread = threading.Thread(target=write)
    thread.start()
    time.sleep(1)
    assert box.n == 1
    thread.join()


def looks_away() -> None:
    event = threading.Event()

    def wait() -> None:
        event.wait(timeout=1)

    together(wait, event.set)


def work() -> None:
    """What fails where `kept_locks` wants it to."""


def keeps() -> None:
    lock = threading.Lock()

    def task() -> None:
        lock.acquire()
        work()
        lock.release()

    together(task)


def crowds() -> None:
    box, lock = Box(), threading.Lock()

    def hold() -> None:
        for _ in range(6):
            with lock:
                turn()
        box.done = True

    def wait() -> None:
        with lock:
            pass

    together(hold, wait)


def turn() -> None:
    """One turn."""


def one_by_one() -> None:
    for _ in range(2):
        together(work)


def leaves() -> None:
    threading.Thread(target=lambda: work()).start()


def crosses() -> None:
    a, b = threading.Lock(), threading.Lock()

    def take(first: Any, second: Any) -> None:
        with first, second:
            pass

    together(lambda: take(a, b), lambda: take(b, a))


def loses() -> None:
    box = Box()

    def add() -> None:
        box.n += 1

    together(add, add)


def cleans_up() -> None:
    lock = threading.Lock()

    class Circle:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            with lock:
                pass

    def make() -> None:
        Circle()
        with lock:
            pass

    together(make)


async def waits() -> None:
    await asyncio.sleep(2)


async def fails() -> None:
    raise ValueError


async def counts() -> AsyncIterator[int]:
    with contextlib.nullcontext():
        yield 1


async def blocks() -> None:
    time.sleep(1)


async def awaits_under_a_lock() -> None:
    with threading.Lock():
        await waits()


async def does_not_await() -> None:
    waits()  # type: ignore[unused-coroutine] # which is what is told


async def looks_at_nothing() -> None:
    task = asyncio.create_task(fails())
    await waits()
    assert task.done()


async def goes_on() -> None:
    async def stay() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await waits()
        await waits()

    task = asyncio.create_task(stay())
    await asyncio.sleep(1)
    task.cancel()
    await task


async def leaves_a_task() -> None:
    task = asyncio.create_task(waits())
    await asyncio.sleep(1)
    assert not task.done()


async def tears() -> None:
    box = Box()

    async def step() -> None:
        box.done = True
        await waits()
        box.done = False

    task = asyncio.create_task(step())
    await asyncio.wait([task])
    assert not box.done


async def leaves_a_generator() -> None:
    opened = counts()
    await anext(opened)


tallies: list[Box] = []


def counts_down() -> None:
    tallies[:] = [Box()]

    def take() -> None:
        tallies[0].n -= 1

    together(take, take)


def is_above() -> bool:
    return tallies[0].n > -2


def leaves_a_socket() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        client = socket.create_connection(door.getsockname())
        door.accept()[0].close()
        assert client.recv(1) == b""


CASES: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {  # a new oracle adds a line
    "busy_waiting": (polls, {}),
    "sleep_ordering": (hopes, {}),
    "ignored_timeouts": (looks_away, {}),
    "kept_locks": (keeps, {"inject": work}),
    "starvation": (crowds, {"turns": "turn", "bound": 1}),
    "serialised": (one_by_one, {"overlapping": work}),
    "outliving_threads": (leaves, {}),
    "finalisers": (cleans_up, {}),
    "blocking_calls": (blocks, {}),
    "locks_across_awaits": (awaits_under_a_lock, {}),
    "never_awaited": (does_not_await, {}),
    "lost_exceptions": (looks_at_nothing, {}),
    "swallowed_cancellations": (goes_on, {}),
    "left_tasks": (leaves_a_task, {}),
    "left_open": (leaves_a_generator, {}),
    "cancel_points": (tears, {}),
    "invariants": (counts_down, {"invariant": is_above}),
    "open_sockets": (leaves_a_socket, {}),
    "deadlocks": (crosses, {}),
    "races": (loses, {}),
}
ROWS = [pytest.param(row, id=row.name) for row in TABLE]


def verdict_of(name: str, setting: str) -> Verdict:
    scenario, extras = CASES[name]
    asked = {} if name in ("deadlocks", "invariants") else {name: setting}  # which nobody turns on or off
    given = extras if setting == "fail" else {}
    few = 1 if name == "deadlocks" else 40  # so that the search itself runs into none
    settings: dict[str, Any] = {"races": "ignore", "schedules": few, **asked, **given}
    return explore(scenario, **settings)


def test_every_row_has_a_scenario() -> None:
    assert list(CASES) == [row.name for row in TABLE]
    assert len({row.turn for row in TABLE}) == len(TABLE), "each has a turn of its own"


@pytest.mark.parametrize("row", ROWS)
def test_its_name_is_that_of_its_row(row: Row) -> None:
    assert judge(row).name == row.name
    assert judge(row).__module__ == f"pytest_concurrency._oracles.{row.judge.split('.')[0]}"


@pytest.mark.parametrize("row", ROWS)
def test_a_finding_is_told_by_the_error_of_the_row(row: Row) -> None:
    verdict = verdict_of(row.name, "fail")
    assert type(verdict.error) is row.error, str(verdict)
    assert verdict.error.report.headline.removeprefix("race: ") in verdict.reason
    assert verdict.error.report.cause
    assert "test_oracle.py:" in str(verdict.error) or row.name == "serialised"


@pytest.mark.parametrize("name", [*NAMES, "races"])
def test_off_means_silent(name: str) -> None:
    verdict = verdict_of(name, "ignore")
    assert verdict.error is None, str(verdict)
    assert verdict.races == ()


@pytest.mark.parametrize("name", NAMES)
def test_it_is_documented(name: str) -> None:
    assert f"`{name}`" in (explore.__doc__ or "")


def test_without_docstrings_nothing_is_documented() -> None:
    def bare() -> None: ...

    assert documented(bare) is bare
    assert bare.__doc__ is None


@pytest.mark.parametrize("row", ROWS)
def test_its_error_is_public(row: Row) -> None:
    assert row.error.__name__ in pytest_concurrency.__all__
    assert issubclass(row.error, errors.ConcurrencyError)
