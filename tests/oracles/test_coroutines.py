"""Habits in event loops: what is dropped, what keeps the loop waiting, and the right ways beside them."""

import asyncio
import contextlib
import functools
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from oracles.case import Case, judged, named, replayed, right, right_ones, told, wrong, wrong_ones

pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
NAMES = (
    "never_awaited",
    "lost_exceptions",
    "swallowed_cancellations",
    "left_tasks",
    "left_open",
    "blocking_calls",
    "locks_across_awaits",
)


async def work() -> int:
    await asyncio.sleep(1)
    return 5


async def fails() -> None:
    await asyncio.sleep(1)
    raise ValueError("no more")


async def numbers() -> AsyncIterator[int]:
    try:
        for number in range(3):
            yield number
    finally:
        await asyncio.sleep(0)


def closed(generator: Any) -> Any:
    return contextlib.aclosing(generator)


# -- never awaited


@wrong("never_awaited")
async def forgets() -> None:
    work()  # type: ignore[unused-coroutine] # which is the mistake


@wrong("never_awaited")
async def forgets_to_sleep() -> None:
    asyncio.sleep(1)  # type: ignore[unused-coroutine] # which is the mistake


@wrong("never_awaited")
async def keeps_and_forgets() -> None:
    kept = [work() for _ in range(2)]
    await kept[0]


@wrong("never_awaited")
def forgets_in_a_thread() -> None:
    def in_vain() -> None:
        work()  # type: ignore[unused-coroutine] # which is the mistake

    thread = threading.Thread(target=in_vain)
    thread.start()
    thread.join()


@right("never_awaited")
async def closes() -> None:
    coroutine = work()
    coroutine.close()


@right("never_awaited")
async def awaits_later() -> None:
    coroutine = work()
    await asyncio.sleep(1)
    await coroutine


@right("never_awaited")
async def gives_away() -> None:
    await asyncio.gather(work(), asyncio.create_task(work()), asyncio.wait_for(work(), 5))


# -- lost exceptions


@wrong("lost_exceptions")
async def fires_and_forgets() -> None:
    task = asyncio.create_task(fails())
    await asyncio.sleep(2)
    assert task.done()


@wrong("lost_exceptions")
async def drops_the_task() -> None:
    asyncio.create_task(fails()).add_done_callback(lambda _: None)
    await asyncio.sleep(2)


@wrong("lost_exceptions")
async def does_not_look_after_wait() -> None:
    await asyncio.wait([asyncio.create_task(fails())])


@right("lost_exceptions")
async def looks() -> None:
    task = asyncio.create_task(fails())
    await asyncio.wait([task])
    assert isinstance(task.exception(), ValueError)


@right("lost_exceptions")
async def gathers() -> None:
    assert len(await asyncio.gather(fails(), fails(), return_exceptions=True)) == 2


@right("lost_exceptions")
async def catches_the_group() -> None:
    with contextlib.suppress(BaseExceptionGroup):
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
            group.create_task(fails())


@right("lost_exceptions")
async def looks_in_a_callback() -> None:
    seen = []
    task = asyncio.create_task(fails())
    task.add_done_callback(lambda done: seen.append(done.exception()))
    await asyncio.sleep(2)
    assert seen


# -- swallowed cancellations


async def stubborn() -> None:
    for _ in range(3):
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(1)


async def tidy(log: list[str]) -> None:
    try:
        await asyncio.sleep(9)
    finally:
        await asyncio.sleep(1)
        log.append("tidy")


@wrong("swallowed_cancellations")
async def cancels_in_vain() -> None:
    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0.5)
    task.cancel()
    await asyncio.wait([task])


@wrong("swallowed_cancellations")
async def group_cancels_in_vain() -> None:
    with contextlib.suppress(BaseExceptionGroup):
        async with asyncio.TaskGroup() as group:
            group.create_task(stubborn())
            group.create_task(fails())


@right("swallowed_cancellations")
async def cancels_and_waits() -> None:
    log: list[str] = []
    task = asyncio.create_task(tidy(log))
    await asyncio.sleep(1)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert log == ["tidy"]


@right("swallowed_cancellations")
async def limits_time() -> None:
    for _ in range(2):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.sleep(5)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.sleep(5), 1)
    await asyncio.sleep(1)


@right("swallowed_cancellations")
async def returns_at_once() -> None:
    async def until_cancelled() -> str:
        try:
            await asyncio.sleep(9)
        except asyncio.CancelledError:
            return "closed"
        return "open"

    task = asyncio.create_task(until_cancelled())
    await asyncio.sleep(1)
    task.cancel()
    assert await task == "closed"


@right("swallowed_cancellations")
async def body_of_a_group_is_cancelled() -> None:
    with contextlib.suppress(BaseExceptionGroup):
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
            await asyncio.sleep(9)
    await asyncio.sleep(1)
    await asyncio.sleep(1)


# -- left tasks


@wrong("left_tasks")
async def leaves_one() -> None:
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    assert not task.done()


@wrong("left_tasks")
async def keeps_none() -> None:
    async def waits() -> None:
        await asyncio.get_running_loop().create_future()

    asyncio.create_task(waits())  # noqa: RUF006 # which is the mistake
    await asyncio.sleep(1)
    await asyncio.sleep(1)


@wrong("left_tasks")
async def leaves_one_of_the_library() -> None:
    task = asyncio.create_task(asyncio.sleep(50))
    await asyncio.sleep(0)
    assert not task.done()


@right("left_tasks")
async def awaits_all() -> None:
    tasks = {asyncio.create_task(work()) for _ in range(3)}
    await asyncio.wait(tasks)


@right("left_tasks")
async def asks_it_to_end() -> None:
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()


@right("left_tasks")
async def keeps_in_a_set() -> None:
    kept: set[Any] = set()
    for _ in range(2):
        task = asyncio.create_task(work())
        kept.add(task)
        task.add_done_callback(kept.discard)
    while kept:
        await asyncio.sleep(1)


# -- left open


@wrong("left_open")
async def breaks_off() -> None:
    async for number in numbers():
        if number == 1:
            break
    await asyncio.sleep(1)


@wrong("left_open")
async def keeps_it_open() -> None:
    kept = numbers()
    assert await anext(kept) == 0


@wrong("left_open")
async def sets_a_timer() -> None:
    asyncio.get_running_loop().call_later(60, lambda: None)


@wrong("left_open")
async def sets_a_timer_for_what_is_built_in() -> None:
    asyncio.get_running_loop().call_later(60, functools.partial(print, "late"))


@wrong("left_open")
async def sets_a_timer_for_an_event() -> None:
    asyncio.get_running_loop().call_later(60, asyncio.Event().set)


@right("left_open")
async def leaves_timers_to_the_library() -> None:
    async with asyncio.timeout(60):
        await asyncio.wait_for(asyncio.sleep(1), 60)
    sleeping = asyncio.create_task(asyncio.sleep(60))
    await asyncio.sleep(1)
    sleeping.cancel()


@right("left_open")
async def closes_it() -> None:
    async with closed(numbers()) as opened:
        async for number in opened:
            if number == 1:
                break


@right("left_open")
async def goes_to_the_end() -> None:
    assert [number async for number in numbers()] == [0, 1, 2]


@right("left_open")
async def has_nothing_to_clean_up() -> None:
    async def plain() -> AsyncIterator[int]:
        yield 1
        yield 2

    async for _ in plain():
        break


@right("left_open")
async def takes_the_timer_back() -> None:
    timer = asyncio.get_running_loop().call_later(60, lambda: None)
    asyncio.get_running_loop().call_later(1, lambda: None)
    await asyncio.sleep(2)
    timer.cancel()


# -- blocking calls


@wrong("blocking_calls")
async def sleeps() -> None:
    async def beat() -> None:
        time.sleep(0.5)

    await asyncio.gather(beat(), work())


@wrong("blocking_calls")
async def waits_for_a_job() -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(time.sleep, 2).result()


@wrong("blocking_calls")
async def joins() -> None:
    thread = threading.Thread(target=time.sleep, args=(3,))
    thread.start()
    thread.join()


@right("blocking_calls")
async def sleeps_elsewhere() -> None:
    await asyncio.gather(asyncio.to_thread(time.sleep, 2), work())


@right("blocking_calls")
async def takes_a_short_lock() -> None:
    lock, seen = threading.Lock(), []

    def note() -> None:
        with lock:
            seen.append(1)

    job = asyncio.to_thread(note)
    task = asyncio.create_task(job)
    for _ in range(2):
        with lock:
            seen.append(2)
        await asyncio.sleep(0)
    await task


@right("blocking_calls")
def waits_outside_of_the_loop() -> None:
    time.sleep(1)
    asyncio.run(work())
    thread = threading.Thread(target=asyncio.run, args=(work(),))
    thread.start()
    thread.join()


# -- locks across awaits


@wrong("locks_across_awaits")
async def holds_on() -> None:
    lock = threading.Lock()
    with lock:
        await asyncio.sleep(1)


@wrong("locks_across_awaits")
async def holds_on_in_a_task() -> None:
    lock = threading.RLock()

    async def step() -> None:
        with lock:
            await work()

    await asyncio.create_task(step())


@right("locks_across_awaits")
async def gives_it_back() -> None:
    lock = threading.Lock()
    for _ in range(2):
        with lock:
            pass
        await asyncio.sleep(1)


@right("locks_across_awaits")
def holds_it_around_the_loop() -> None:
    lock = threading.Lock()
    with lock:
        asyncio.run(work())


@right("locks_across_awaits")
async def holds_one_of_asyncio() -> None:
    lock = asyncio.Lock()
    async with lock:
        await asyncio.sleep(1)


TITLES = {
    "forgets": "never awaited: work was called and never awaited",
    "forgets_to_sleep": "asyncio.sleep(1)  # type",
    "forgets_in_a_thread": "work()  # type",
    "keeps_and_forgets": "kept = [work() for _ in range(2)]",
    "fires_and_forgets": "lost exception: fails raised ValueError: no more, and nobody has looked",
    "cancels_in_vain": "swallowed cancellation: stubborn was cancelled at oracles/test_coroutines.py:",
    "leaves_one": "left task: work has not ended when asyncio.run does",
    "keeps_none": "left task: waits was collected while it waited, as nobody kept it",
    "breaks_off": "left open: the generator numbers was left in the midst of a loop over it",
    "keeps_it_open": "left open: the generator numbers",
    "sets_a_timer": "has not come when its loop is closed",
    "sleeps": "blocking call: beat keeps its event loop waiting for 0.5 s in time.sleep",
    "waits_for_a_job": "waiting for 2 s in Future.result on",
    "joins": "waiting for 3 s in Thread.join",
    "holds_on": "lock across an await: holds_on awaits while it holds Lock `lock`",
}
WRONG = [each for name in NAMES for each in wrong_ones(name)]
RIGHT = [each for name in NAMES for each in right_ones(name)]


@pytest.mark.parametrize("case", WRONG)
def test_the_habit_is_found_and_told(case: Case) -> None:
    text = told(case)
    assert TITLES.get(case.scenario.__name__, "") in text.replace("tests/", ""), text


@pytest.mark.parametrize("case", RIGHT)
def test_the_right_way_is_accepted(case: Case) -> None:
    error = judged(case)
    assert error is None, error


@pytest.mark.parametrize(
    "name", ["forgets", "fires_and_forgets", "cancels_in_vain", "sleeps", "holds_on", "breaks_off"]
)
def test_a_finding_is_replayed_with_equal_text(name: str) -> None:
    replayed(named(name))
