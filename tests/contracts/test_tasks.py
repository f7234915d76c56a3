"""What the tasks of every kind promise the engine: a new kind is a case here."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from invented_tasks import Courier, Couriers, Hatch

from pytest_concurrency._core.schedule import mark
from pytest_concurrency._core.strategies.dpor import Dpor
from pytest_concurrency._core.strategies.random_walk import RandomWalk
from pytest_concurrency._core.strategy import Strategy
from pytest_concurrency._engine.record import Record
from pytest_concurrency._engine.scripts.following import Following
from pytest_concurrency._engine.scripts.recorder import Recorder
from pytest_concurrency._engine.stage import Stage
from pytest_concurrency._runtimes.threads.kind import Threads
from pytest_concurrency._sight.watching import Watch

WATCH = Watch([Path(__file__).parent])


def thread(target: Callable[[], object], name: str) -> threading.Thread:
    started = threading.Thread(target=target, name=name)
    started.start()
    return started


def join_thread(started: threading.Thread, timeout: float | None = None) -> bool:
    started.join(timeout)
    return not started.is_alive()


@dataclass(frozen=True)
class Case:
    """How a scenario starts and joins tasks of a kind, and what they meet at."""

    start: Callable[[Callable[[], object], str], Any]
    join: Callable[..., bool]
    gate: Callable[[str], Any]
    take: str
    give: str
    called: str


CASES = [
    pytest.param(Case(thread, join_thread, lambda _: threading.Lock(), "acquire", "release", "Thread"), id="threads"),
    pytest.param(Case(Courier, Courier.join, Hatch, "take", "give", "Courier"), id="couriers"),
]
every_kind = pytest.mark.parametrize("case", CASES)


def once(scenario: Callable[[], Any], strategy: Strategy | None = None, **settings: Any) -> Record:
    with Stage(WATCH, (Threads(), Couriers())) as stage:
        return stage.run(scenario, strategy or Strategy(), offered=set(), **settings)


def both(case: Case, first: Callable[[], object], second: Callable[[], object]) -> None:
    started = [case.start(first, "first"), case.start(second, "second")]
    for each in started:
        case.join(each)


@every_kind
def test_every_order_of_two_steps_is_tried(case: Case) -> None:
    def scenario() -> str:
        order: list[str] = []
        gate = case.gate("gate")

        def step(name: str) -> Callable[[], None]:
            def work() -> None:
                getattr(gate, case.take)()
                order.append(name)
                getattr(gate, case.give)()

            return work

        both(case, step("a"), step("b"))
        return "".join(order)

    found, strategy = set(), Dpor()
    with Stage(WATCH, (Threads(), Couriers())) as stage:
        while strategy.start_run():
            record = stage.run(scenario, strategy, offered=set())
            strategy.end_run(cut=record.finding is not None)
            found.add(record.value)
    assert found - {None} == {"ab", "ba"}


@every_kind
def test_a_deadlock_names_who_waits_for_what_and_who_holds_it(case: Case) -> None:
    def scenario() -> None:
        left, right = case.gate("left"), case.gate("right")

        def cross(first: Any, second: Any) -> Callable[[], None]:
            def work() -> None:
                getattr(first, case.take)()
                getattr(second, case.take)()

            return work

        both(case, cross(left, right), cross(right, left))

    record = next(
        each for seed in range(50)
        if (each := once(scenario, RandomWalk(seed))).finding is not None and each.finding.kind == "deadlock"
        and all(state.state == "waits" for state in each.states)
    )  # fmt: skip
    main, first, second = record.states
    assert main.waiting is not None
    assert main.waiting.action == f"{case.called}.join"
    for state, other in ((first, second), (second, first)):
        assert state.waiting is not None
        assert state.waiting.holders == (other.name,)


@every_kind
def test_a_join_gives_up_in_virtual_time(case: Case) -> None:
    def scenario() -> tuple[bool, bool]:
        gate = case.gate("gate")
        getattr(gate, case.take)()
        task = case.start(lambda: (getattr(gate, case.take)(), getattr(gate, case.give)()), "late")
        early = case.join(task, 3_600)
        getattr(gate, case.give)()
        return early, case.join(task, 3_600)

    assert once(scenario).value == (False, True)


@every_kind
def test_an_error_is_kept_with_the_name_of_its_task(case: Case) -> None:
    def fails() -> None:
        raise ZeroDivisionError("on purpose")

    record = once(lambda: case.join(case.start(fails, "poor")))
    assert [(name, type(error)) for name, error in record.errors] == [("poor", ZeroDivisionError)]


@every_kind
def test_who_waits_for_ever_is_unwound_and_nobody_is_left(case: Case) -> None:
    before = set(threading.enumerate())

    def scenario() -> None:
        gate = case.gate("gate")
        getattr(gate, case.take)()
        case.start(lambda: getattr(gate, case.take)(), "stuck")

    record = once(scenario)
    assert record.ended_by("deadlock")
    assert record.parked == ()
    assert set(threading.enumerate()) == before


@every_kind
def test_a_recorded_schedule_is_followed(case: Case) -> None:
    def scenario() -> str:
        order: list[str] = []
        gate = case.gate("gate")

        def step(name: str) -> Callable[[], None]:
            def work() -> None:
                for _ in range(2):
                    getattr(gate, case.take)()
                    order.append(name)
                    getattr(gate, case.give)()

            return work

        both(case, step("a"), step("b"))
        return "".join(order)

    usual = once(scenario).value
    for seed in range(20):
        recorder = Recorder(WATCH)
        record = once(scenario, RandomWalk(seed), recorder=recorder)
        if record.value != usual:
            break
    again = Recorder(WATCH)
    guide = Following(tuple(map(mark, recorder.switches)))
    followed = once(scenario, recorder=again, guide=guide)
    assert (followed.value, guide.left) == (record.value, "")
    assert again.lanes == recorder.lanes
