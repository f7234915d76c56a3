"""Calls of code that nobody watches: where a search has found nothing, some schedules treat them as in conflict."""

import functools
import logging
import random
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from controlled import failed

from pytest_concurrency import Grade, explore
from pytest_concurrency._explore import doubts

Both = tuple[Callable[[], int], Callable[[int], Any]]


def level_of_a_logger() -> Both:
    logger = logging.Logger("shop")
    return lambda: logger.level, logger.setLevel


def states_of_random_numbers() -> Both:
    numbers = random.Random(0)
    first = {random.Random(seed).random(): seed for seed in range(3)}

    def seed_of() -> int:
        state = numbers.getstate()
        seed = first[numbers.random()]
        numbers.setstate(state)
        return seed

    return seed_of, numbers.seed


def members_of_a_weak_set() -> Both:
    class Member:
        pass

    members, known = [Member(), Member()], weakref.WeakSet[Member]()

    def put_in(count: int) -> None:
        for each in members[:count]:
            known.add(each)

    return lambda: len(known), put_in


def functions_by_type() -> Both:
    @functools.singledispatch
    def answer(_what: Any) -> int:
        return 0

    return lambda: answer(1), lambda number: answer.register(int, lambda _what: number)


CELLS = [level_of_a_logger, states_of_random_numbers, members_of_a_weak_set, functions_by_type]


def two(body: Callable[[], None]) -> None:
    threads = [threading.Thread(target=body) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def counting(cell: Callable[[], Both], *, locked: bool = False) -> Callable[[], None]:
    """Two threads that each count one up in what only code of the library touches."""

    def scenario() -> None:
        read, write = cell()
        lock = threading.Lock()

        def count() -> None:
            seen = read()
            write(seen + 1)

        def count_alone() -> None:
            with lock:
                count()

        two(count_alone if locked else count)
        assert read() == 2

    return scenario


@pytest.mark.parametrize("cell", CELLS, ids=lambda each: each.__name__)
def test_an_update_is_lost_between_two_of_them(cell: Callable[[], Both]) -> None:
    scenario = counting(cell)
    verdict = failed(scenario)
    assert str(explore(scenario, replay=verdict.replay).error) == str(verdict.error)


@pytest.mark.parametrize("cell", CELLS, ids=lambda each: each.__name__)
def test_under_a_lock_none_is_lost_and_nothing_is_proved(cell: Callable[[], Both]) -> None:
    verdict = explore(counting(cell, locked=True))
    assert verdict.grade is Grade.SAMPLED
    assert "all that are known to differ, but no proof: not all that this does" in verdict.reason


def test_the_report_shows_the_call_before_which_others_came() -> None:
    def scenario() -> None:
        logger = logging.Logger("shop")

        def louder() -> None:
            level = logger.level
            logger.setLevel(level + 10)

        two(louder)
        assert logger.level == 20

    text = str(failed(scenario))
    assert text.count("logger.setLevel(level + 10)") == 2, text
    assert text.count("call setLevel") == 2, text


def further(monkeypatch: pytest.MonkeyPatch, scenario: Callable[[], None], **settings: Any) -> int:
    """Return how many further schedules are tried; nothing may fail."""

    def runs() -> int:
        begun = []

        def counted() -> None:
            begun.append(1)
            scenario()

        assert explore(counted, **settings).grade is not Grade.FAILED
        return len(begun)

    with_them = runs()
    monkeypatch.setattr(doubts, "RUNS", 0)
    return with_them - runs()


def test_where_all_is_known_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert further(monkeypatch, lambda: two(lambda: None)) == 0


def louder_and_louder() -> None:
    logger = logging.Logger("shop")

    def louder() -> None:
        for level in range(9):
            logger.setLevel(level)

    two(louder)


def test_there_are_as_many_as_the_search_took_but_some_at_least(monkeypatch: pytest.MonkeyPatch) -> None:
    assert explore(louder_and_louder).schedules < doubts.RUNS_LEAST
    assert further(monkeypatch, louder_and_louder) == doubts.RUNS_LEAST


def test_there_are_no_more_than_the_search_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    assert further(monkeypatch, louder_and_louder, schedules=3) == 3


def test_there_are_none_after_a_search_that_was_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    assert further(monkeypatch, louder_and_louder, seconds=1e-6) == 0
