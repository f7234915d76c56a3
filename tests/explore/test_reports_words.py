"""What the interleaving of a report says of a step: what it raised, and of what."""

import asyncio
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pytest_concurrency import explore
from pytest_concurrency._runtimes.aio.together import run_together as run_tasks
from pytest_concurrency._runtimes.threads.together import run_together


def threads(*targets: Callable[[], Any]) -> None:
    made = [threading.Thread(target=each, name=name) for each, name in zip(targets, "AB", strict=True)]
    for each in made:
        each.start()
    for each in made:
        each.join()


def steps(scenario: Callable[[], Any]) -> list[tuple[str, str, str]]:
    """Explore what fails, and return (task, source, what it did) of each step."""
    error: Any = explore(scenario).error
    told = [(each.task, each.place.source, each.what, each.value) for each in error.report.lanes]
    return [(task, source, f"{what} = {value}" if value else what) for task, source, what, value in told]


def test_the_step_that_raised_says_what() -> None:
    def scenario() -> None:
        kept = {1: "one"}

        def drop() -> None:
            if 1 in kept:
                del kept[1]  # noqa: RUF051

        threads(drop, drop)

    told = [(task, what) for task, source, what in steps(scenario) if source.startswith("del kept[1]")]
    assert [what.partition(" = ")[0] for _, what in told] == [
        "write item of kept",
        "write item of kept, raises KeyError",
    ]
    assert told[0][0] != told[1][0]


def test_a_lock_given_back_on_the_way_out_does_not_hide_what_was_raised() -> None:
    def scenario() -> None:
        kept, lock = {1: "one"}, threading.Lock()

        def drop() -> None:
            if 1 in kept:
                with lock:
                    del kept[1]

        threads(drop, drop)

    told = steps(scenario)
    assert sum(what == "write item of kept, raises KeyError" for _, _, what in told) == 1
    assert sum(what == "ends" for _, _, what in told) == 2


def test_a_line_that_touched_nothing_is_told_when_it_raised() -> None:
    def scenario() -> None:
        counts = [0]

        def bump() -> None:
            counts[0] += 1
            if counts[0] != 2:
                return
            counts[0] += 1
            raise ValueError("twice")

        threads(bump, bump)

    told = steps(scenario)
    assert [each[1:] for each in told if "raises" in each[2]] == [('raise ValueError("twice")', "raises ValueError")]


def test_what_pytest_does_to_show_an_assertion_is_not_told() -> None:
    def scenario() -> None:
        counts = [0]

        def add(_: int) -> None:
            counts[0] += 1

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(add, range(2)))
        assert counts[0] == 2

    told = [what for task, source, what in steps(scenario) if task == "main" and source.startswith("assert")]
    assert told == ["read item of counts = [1], raises AssertionError"]


def test_what_is_raised_again_in_main_is_told_at_the_step_of_the_thread_that_raised_it() -> None:
    def scenario() -> None:
        kept = [1]

        def take() -> None:
            if kept:
                kept.pop()

        run_together((take, take))

    told = [(task, what) for task, source, what in steps(scenario) if source == "kept.pop()" and "call pop" in what]
    assert [what for _, what in told] == ["call pop = []", "call pop = [], raises IndexError"]
    assert told[0][0] != told[1][0]


def test_so_it_is_told_at_the_step_of_a_task() -> None:
    async def scenario() -> None:
        kept = [1]

        async def take() -> None:
            if kept:
                await asyncio.sleep(0)
                kept.pop()

        both: Any = run_tasks([take(), take()])
        await both

    told = [(task, what) for task, source, what in steps(scenario) if source == "kept.pop()"]
    assert told == [("take", "call pop = []"), ("take #2", "call pop = [], raises IndexError")]


def test_of_several_that_raise_each_is_told() -> None:
    def scenario() -> None:
        counts = [0]

        def bump() -> None:
            counts[0] += 1
            assert counts[0] == 5

        run_together((bump, bump))

    assert {task for task, _, what in steps(scenario) if "raises AssertionError" in what} == {"A", "B"}


def test_the_scenarios_own_assertion_is_told_where_it_failed() -> None:
    def scenario() -> None:
        counts = [0]

        def bump() -> None:
            counts[0] += 1

        threads(bump, bump)
        assert counts[0] == 2

    last = steps(scenario)[-1]
    assert last == ("main", "assert counts[0] == 2", "read item of counts = [1], raises AssertionError")


def test_an_item_is_told_with_its_container_as_the_source_names_it() -> None:
    class Rates:
        def __init__(self) -> None:
            self._rates = {2: [0]}

        def raise_all(self) -> None:
            self._rates[2][0] += 1

    def scenario() -> None:
        rates = Rates()

        def own() -> None:
            mine = rates._rates[2]
            mine[0] += 1

        threads(rates.raise_all, own)
        assert rates._rates[2] == [2]

    error: Any = explore(scenario).error
    whats = {each.what for each in error.report.lanes}
    assert {"write item of self._rates[2]", "write item of mine"} <= whats
    assert re.match(r"\w read item of (mine|self\._rates\[2\]) at .* wrote it at ", error.report.cause)


def test_a_lost_update_of_an_item_names_its_container() -> None:
    def scenario() -> None:
        counts = [0]

        def bump() -> None:
            counts[0] += 1

        threads(bump, bump)

    (race,) = explore(scenario).races
    assert "changed item of counts between" in race.headline


class Shelf:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        with self.lock:
            self.books = 1

    def move(self, to: "Shelf") -> None:
        with self.lock, to.lock:
            self.books -= 1
            to.books += 1


def test_locks_made_at_one_line_are_numbered_in_the_order_in_which_they_were_made() -> None:
    def scenario() -> None:
        first, second = Shelf(), Shelf()
        threads(lambda: first.move(second), lambda: second.move(first))

    error: Any = explore(scenario).error
    report = error.report
    targets = {state.name: state.waiting.target for state in report.tasks if state.waiting}
    assert targets["A"] == "Lock `self.lock` no. 2"
    assert targets["B"] == "Lock `self.lock` no. 1"
    taken = [(each.task, each.what) for each in report.lanes if each.what.startswith("acquire")]
    assert taken == [
        (who, f"acquire Lock `self.lock` no. {n}") for who, n in (("main", 1), ("main", 2), *taken_by(taken))
    ]
    assert report.cause.endswith(
        "take these in the same order everywhere: Lock `self.lock` no. 1, Lock `self.lock` no. 2"
    )


def taken_by(taken: list[tuple[str, str]]) -> list[tuple[str, int]]:
    """Return who of the two threads takes its own lock, in the order of that."""
    return [(who, "AB".index(who) + 1) for who, _ in taken if who in "AB"]


def test_the_only_lock_of_its_line_has_no_number() -> None:
    def scenario() -> None:
        lock = threading.Lock()
        threads(lock.acquire, lock.acquire)

    error: Any = explore(scenario).error
    assert "Lock `lock`" in str(error)
    assert "no. " not in str(error)


def test_events_made_at_one_line_are_numbered() -> None:
    def scenario() -> None:
        doors = []
        for _ in range(2):
            door = threading.Event()
            doors.append(door)
        threads(doors[0].wait, doors[1].wait)

    error: Any = explore(scenario).error
    targets = {state.name: state.waiting.target for state in error.report.tasks if state.waiting}
    assert (targets["A"], targets["B"]) == ("Event `door` no. 1", "Event `door` no. 2")


def waits_of(scenario: Callable[[], Any]) -> dict[str, str]:
    error: Any = explore(scenario).error
    return {each.name: each.waiting.target for each in error.report.tasks if each.waiting is not None}


def test_several_locks_of_one_statement_have_each_its_name() -> None:
    def scenario() -> None:
        pen, ink = threading.Lock(), threading.Lock()

        def write() -> None:
            with pen, ink:
                pass

        def fill() -> None:
            with ink, pen:
                pass

        threads(write, fill)

    assert waits_of(scenario) == {"main": "thread A", "A": "Lock `ink`", "B": "Lock `pen`"}
    took = [what for _, _, what in steps(scenario) if what.startswith("acquire")]
    assert sorted(took) == ["acquire Lock `ink`", "acquire Lock `pen`"]


def test_so_have_events_and_a_number_where_the_statement_runs_again() -> None:
    def scenario() -> None:
        def made() -> tuple[threading.Event, threading.Event]:
            door, gate = threading.Event(), threading.Event()
            return door, gate

        (_door, gate), (other, _gate) = made(), made()
        threads(gate.wait, other.wait)

    assert waits_of(scenario) == {"main": "thread A", "A": "Event `gate` no. 1", "B": "Event `door` no. 2"}


def test_they_have_none_where_some_are_gone_or_were_there_before() -> None:
    def one_is_gone() -> None:
        def made() -> threading.Event:
            _, gate = threading.Event(), threading.Event()
            return gate

        threads(made().wait, made().wait)

    pen, ink = threading.Lock(), threading.Lock()

    def were_there() -> None:
        try:
            threads(lambda: [ink.acquire(), ink.acquire()], lambda: pen.acquire())
        finally:
            for each in (pen, ink):
                if each.locked():
                    each.release()

    assert waits_of(one_is_gone) == {"main": "thread A", "A": "Event", "B": "Event"}
    assert waits_of(were_there) == {"main": "thread A", "A": "Lock"}
