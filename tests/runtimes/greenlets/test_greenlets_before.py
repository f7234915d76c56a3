"""Greenlets that were there before stand still while a scenario is explored: who waits for them is not stuck."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pytest_concurrency import Grade, explore

gevent: Any = pytest.importorskip("gevent")
event: Any = pytest.importorskip("gevent.event")
queue: Any = pytest.importorskip("gevent.queue")
server: Any = pytest.importorskip("gevent.server")
sockets: Any = pytest.importorskip("gevent.socket")

STOOD_STILL = "everybody waited outside the engine's control: greenlets from before the scenario stand still meanwhile"


def reason(scenario: Callable[[], Any]) -> str:
    verdict = explore(scenario, schedules=3, seconds=30)
    assert verdict.grade is Grade.UNCONTROLLED, str(verdict)
    return verdict.reason


@pytest.fixture
def address() -> Iterator[Any]:
    serves = server.StreamServer(("127.0.0.1", 0), lambda sock, _: sock.sendall(b"x"))
    serves.start()
    yield serves.address
    serves.stop()


def test_a_server_of_a_fixture_does_not_answer_and_nobody_is_stuck(address: Any) -> None:
    def ask() -> None:
        with sockets.socket() as client:
            client.connect(address)
            assert client.recv(1) == b"x"

    reason(ask)
    ask()  # afterwards it does


def test_nor_does_a_timer_come() -> None:
    opened = event.Event()
    timer = gevent.spawn_later(0.01, opened.set)
    assert reason(opened.wait) == STOOD_STILL
    timer.join()


def test_nor_goes_on_who_is_woken() -> None:
    asked, answered = queue.Queue(), queue.Queue()
    answers = gevent.spawn(lambda: answered.put(asked.get()))
    gevent.sleep(0)

    def scenario() -> None:
        asked.put(1)
        answered.get()

    assert reason(scenario) == STOOD_STILL
    answers.kill()


def test_where_nobody_from_before_has_anything_to_do_a_deadlock_is_one() -> None:
    waits = gevent.spawn(event.Event().wait)
    gevent.sleep(0)
    assert str(explore(event.Event().wait)).startswith("deadlock: main waits for ever")
    waits.kill()


def test_nothing_is_proved_beside_them_of_a_scenario_that_waits() -> None:
    opened: list[bool] = []
    timer = gevent.spawn_later(3600, opened.append, True)  # noqa: FBT003

    def waits() -> None:
        gevent.sleep(1)
        assert not opened

    def does_not() -> None:
        assert not opened

    try:
        assert (explore(waits).grade, explore(does_not).grade) == (Grade.SAMPLED, Grade.PROVED)
    finally:
        timer.kill()
    assert explore(waits).grade is Grade.PROVED


def test_a_limit_that_came_before_them_is_no_failure() -> None:
    opened = event.Event()
    timer = gevent.spawn_later(3600, opened.set)

    def waits() -> None:
        assert opened.wait(7200)

    def is_wrong() -> None:
        gevent.sleep(1)
        raise ValueError("whoever is there")

    try:
        assert reason(waits) == STOOD_STILL
        assert explore(is_wrong).grade is Grade.FAILED
    finally:
        timer.kill()
    assert explore(waits).grade is Grade.FAILED
