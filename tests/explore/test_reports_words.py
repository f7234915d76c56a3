"""What the interleaving of a report says of a step: what it raised, and of what."""

import threading
from collections.abc import Callable
from typing import Any

from pytest_concurrency import explore


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
    assert [what.partition(" = ")[0] for _, what in told] == ["write item", "write item, raises KeyError"]
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
    assert sum(what == "write item, raises KeyError" for _, _, what in told) == 1
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


def test_the_scenarios_own_assertion_is_told_where_it_failed() -> None:
    def scenario() -> None:
        counts = [0]

        def bump() -> None:
            counts[0] += 1

        threads(bump, bump)
        assert counts[0] == 2

    last = steps(scenario)[-1]
    assert last == ("main", "assert counts[0] == 2", "read item = [1], raises AssertionError")
