"""What can be drawn of a failure beside its steps: who has what, who waits, what is handed over, the source."""

import asyncio
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_concurrency._core.operations import WRITE
from pytest_concurrency._core.telling.report import HandOver, LaneStep, Picture, Place, Report
from pytest_concurrency._engine.scripts.drawing import AROUND, hand_overs
from pytest_concurrency._explore.exploration import Exploration
from pytest_concurrency._explore.plan import Plan
from pytest_concurrency._sight.watching import Watch


def drawn(scenario: Callable[[], Any]) -> tuple[Report, Picture]:
    """Return how the first failure of a scenario is told, and what is drawn beside it."""
    watch = Watch([Path(__file__).parent])
    verdict = Exploration(scenario, Plan(draws=True), watch, owner="it", command=str).run()
    assert verdict.error is not None, str(verdict)
    report = verdict.error.report
    assert report.picture is not None
    assert len(report.picture.standings) == len(report.lanes) > 0
    return report, report.picture


def side_by_side(**functions: Callable[[], object]) -> None:
    threads = [threading.Thread(target=function, name=name) for name, function in functions.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def two_locks() -> None:
    left = threading.Lock()
    right = threading.Lock()

    def take(first: Any, second: Any) -> None:
        with first, second:
            pass

    side_by_side(Ann=lambda: take(left, right), Ben=lambda: take(right, left))


def test_at_a_deadlock_each_holds_what_the_other_waits_for() -> None:
    _, picture = drawn(two_locks)
    last = picture.standings[-1]
    assert last.holds == (("Ann", "Lock `left`"), ("Ben", "Lock `right`"))
    waits = dict(last.waits)
    assert (waits["Ann"], waits["Ben"]) == ("Lock `right`, held by Ben", "Lock `left`, held by Ann")
    assert waits["main"] == "thread Ann"
    assert picture.standings[0].holds == ()


def handed_over() -> None:
    ready = threading.Event()
    jobs: queue.SimpleQueue[int] = queue.SimpleQueue()
    lock = threading.Lock()
    got = []

    def consume() -> None:
        ready.wait()
        with lock:
            got.append(jobs.get())

    def produce() -> None:
        with lock:
            jobs.put(7)
        ready.set()

    side_by_side(Ann=consume, Ben=produce)
    assert not got


def test_a_lock_an_item_and_a_set_event_are_handed_over() -> None:
    report, picture = drawn(handed_over)
    overs = [
        (report.lanes[each.giver].task, report.lanes[each.giver].place.source, report.lanes[each.taker].place.source)
        for each in picture.hand_overs
        if report.lanes[each.taker].task == "Ann"
    ]
    assert ("Ben", "jobs.put(7)", "got.append(jobs.get())") in overs
    assert ("Ben", "with lock:", "with lock:") in overs
    assert ("Ben", "ready.set()", "ready.wait()") in overs
    assert all(each.giver < each.taker for each in picture.hand_overs)
    assert all(report.lanes[each.giver].task != report.lanes[each.taker].task for each in picture.hand_overs)


def test_nobody_hands_anything_over_to_itself() -> None:
    steps = [
        LaneStep(task, Place("a.py", 1), what) for task, what in zip("AAAB", ("release", "acquire X") * 2, strict=True)
    ]
    touched = [((("sync", 1), WRITE),)] * 4
    assert list(hand_overs(steps, touched, range(4))) == [HandOver(2, 3, "acquire X")]
    assert list(hand_overs(steps, touched, [0, 1, 3])) == []  # one end is not shown


def test_who_waits_for_an_event_waits_for_what_the_user_has_named() -> None:
    _, picture = drawn(handed_over)
    waited = {thing for standing in picture.standings for who, thing in standing.waits if who == "Ann"}
    assert "Event `ready`" in waited, waited


async def tasks_that_wait() -> None:
    lock = asyncio.Lock()
    jobs: asyncio.Queue[int] = asyncio.Queue()

    async def consume() -> int:
        async with lock:
            return await jobs.get()

    async def produce() -> None:
        async with lock:
            jobs.put_nowait(7)

    await asyncio.gather(consume(), produce())


def test_tasks_of_an_event_loop_wait_too() -> None:
    _, picture = drawn(tasks_that_wait)
    waits = dict(picture.standings[-1].waits)
    assert waits["consume"] == "asyncio.Queue `jobs`"
    assert waits["produce"] == "asyncio.Lock `lock`, held by consume"


def test_the_source_stands_around_each_line_that_is_named() -> None:
    report, picture = drawn(two_locks)
    (source,) = picture.sources
    known = dict(source.lines)
    assert source.file == report.lanes[0].place.file
    for step in report.lanes:
        assert step.place.line == 0 or known[step.place.line].strip() == step.place.source
    first = min(step.place.line for step in report.lanes if step.place.line)
    assert {first - AROUND, first + AROUND} <= known.keys()
    assert first - AROUND - 1 not in known


def test_nothing_is_drawn_where_nobody_asks() -> None:
    watch = Watch([Path(__file__).parent])
    verdict = Exploration(two_locks, Plan(), watch, owner="it", command=str).run()
    assert verdict.error is not None
    assert verdict.error.report.picture is None


@pytest.mark.parametrize("scenario", [two_locks, handed_over, tasks_that_wait])
def test_drawing_changes_nothing_else(scenario: Callable[[], Any]) -> None:
    watch = Watch([Path(__file__).parent])
    plain = Exploration(scenario, Plan(), watch, owner="it", command=str).run()
    assert plain.error is not None
    report, _ = drawn(scenario)
    assert (report.lanes, report.cause, report.replay) == (
        plain.error.report.lanes,
        plain.error.report.cause,
        plain.error.report.replay,
    )
