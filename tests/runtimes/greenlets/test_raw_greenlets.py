"""Greenlets without gevent's class that use gevent: its first user in a scenario, and those that wait in its hub."""

from typing import Any

import pytest

from pytest_concurrency import Grade, explore

gevent: Any = pytest.importorskip("gevent")
greenlet: Any = pytest.importorskip("greenlet")
event: Any = pytest.importorskip("gevent.event")
lock: Any = pytest.importorskip("gevent.lock")


def switched(runs: Any, *args: Any) -> Any:
    return greenlet.greenlet(runs).switch(*args)


@pytest.mark.parametrize("uses", ["first", "later"])
def test_one_may_be_the_first_that_uses_gevent(uses: str) -> None:
    def sleeps(number: int) -> int:
        gevent.sleep(0.1 * number)
        return number

    def scenario() -> list[int]:
        if uses == "later":
            gevent.sleep(0)
        others = [gevent.spawn(sleeps, number) for number in (3, 4)] if uses == "later" else []
        return [switched(sleeps, 1), switched(sleeps, 2), *(each.get() for each in others)]

    verdict = explore(scenario)
    assert verdict.grade is Grade.PROVED
    assert set(verdict.outcomes) == {"[1, 2]" if uses == "first" else "[1, 2, 3, 4]"}


def test_what_it_starts_is_explored() -> None:
    def scenario() -> None:
        total = 0

        def add() -> None:
            nonlocal total
            before = total
            gevent.sleep(0)
            total = before + 1

        switched(lambda: gevent.joinall([gevent.spawn(add), gevent.spawn(add)]))
        assert total == 2

    verdict = explore(scenario)
    assert verdict.grade is Grade.FAILED
    assert str(explore(scenario, replay=verdict.replay)) == str(verdict)


def test_an_error_of_the_library_is_raised_in_it_as_it_would_be() -> None:
    def waits() -> str:
        with pytest.raises(gevent.exceptions.LoopExit):
            event.Event().wait()
        return "nobody would wake it"

    assert set(explore(lambda: switched(waits)).outcomes) == {"'nobody would wake it'"}


@pytest.mark.parametrize("uses", ["first", "later"])
def test_one_that_waits_for_ever_is_named_with_what_it_waits_for(uses: str) -> None:
    def scenario() -> None:
        permits = lock.Semaphore(1)

        def takes_both() -> None:
            permits.acquire()
            permits.acquire()

        if uses == "later":
            gevent.sleep(0)
        switched(takes_both)

    text = str(explore(scenario))
    assert text.startswith("deadlock: main, greenlet wait for ever")
    assert "waits in Semaphore.acquire on Semaphore `permits`" in text


@pytest.mark.parametrize("uses", ["first", "later"])
def test_its_sleeps_are_told_under_one_name(uses: str) -> None:
    def sleeps_twice() -> int:
        gevent.sleep(0.1)
        gevent.sleep(0.1)
        return 3

    def scenario() -> None:
        if uses == "later":
            gevent.sleep(0)
        gevent.spawn_later(0.05, lambda: None)
        assert switched(sleeps_twice) == 2

    verdict = explore(scenario)
    assert verdict.error is not None
    assert "a second run" not in str(verdict)
    lanes = str(verdict).partition("interleaving\n")[2].splitlines()
    assert lanes[0].split() == ["main", "<lambda>", "greenlet"]
