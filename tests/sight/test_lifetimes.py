"""Objects die when they would die without us: numbers of ours keep nothing alive."""

import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from controlled import outcomes, value_of

from pytest_concurrency import Grade, explore
from pytest_concurrency._engine.numbering import Numbering


class Thing:
    """What can be referred to weakly."""

    value = 0


class Bell:
    """Rings when it goes; nothing can refer to it weakly."""

    __slots__ = ("done",)

    def __init__(self, done: threading.Event) -> None:
        self.done = done

    def __del__(self) -> None:
        self.done.set()


def in_a_list(done: threading.Event) -> None:
    box: list[Any] = [Bell(done)]
    box.append(len(box))


def by_itself(done: threading.Event) -> None:
    bell = Bell(done)
    assert bell.done is done


@pytest.mark.parametrize("work", [in_a_list, by_itself])
def test_a_finaliser_runs_when_the_last_name_goes(work: Callable[[threading.Event], None]) -> None:
    def scenario() -> str:
        done = threading.Event()
        thread = threading.Thread(target=work, args=(done,))
        thread.start()
        done.wait()
        thread.join()
        return "ok"

    assert outcomes(scenario) == {"'ok'"}


def test_what_a_schedule_made_is_gone_in_the_next() -> None:
    known, counts = weakref.WeakSet[Thing](), set[int]()

    def scenario() -> None:
        counts.add(len(known))
        made: list[Thing] = []

        def make() -> None:
            thing = Thing()
            known.add(thing)
            made.append(thing)

        threads = [threading.Thread(target=make) for _ in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert explore(scenario, schedules=20).grade is not Grade.FAILED
    assert counts == {0}


def test_a_loop_needs_no_more_than_one_of_its_temporaries() -> None:
    alive: list[int] = []

    def work() -> None:
        kept = weakref.WeakSet[Thing]()
        for _ in range(50):
            thing = Thing()
            kept.add(thing)
            box = [thing]
            box.append(thing)
            alive.append(len(kept))

    def scenario() -> None:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    value_of(scenario)
    assert max(alive) <= 2


def test_an_object_has_one_number_while_it_lives_and_two_never_share_one() -> None:
    numbering = Numbering()
    kept: list[list[int]] = [[] for _ in range(200)]
    numbers = [numbering.serial(each) for each in kept]
    seen = set(numbers)
    for _ in range(200):
        temporary: list[int] = []
        number = numbering.serial(temporary)
        assert number == numbering.serial(temporary)
        assert number not in seen
        seen.add(number)
        del temporary
        numbering.let_go()
    assert [numbering.serial(each) for each in kept] == numbers
    assert len(numbering.held) < 220
    kept.clear()
    numbering.let_go(every=True)
    assert not numbering.held
