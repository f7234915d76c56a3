"""The process that reports a run, without the process: its clock and its post are ours."""

from typing import Any

import pytest

from pytest_concurrency._dojo import events
from pytest_concurrency._dojo.board import reporter
from pytest_concurrency._dojo.board.client import Unreachable
from pytest_concurrency._dojo.board.reporter import Outbox, Reporter


class World:
    """A clock that is moved by hand, and a board that can be away."""

    def __init__(self) -> None:
        self.now = 100.0
        self.sent: list[dict[str, Any]] = []
        self.is_away = False
        self.outbox = Outbox(self.post, {"pair": "p", "key": "k"}, lambda: self.now)
        self.reporter = Reporter(self.outbox, lambda: self.now, patience=8)

    def post(self, message: dict[str, Any]) -> None:
        if self.is_away:
            raise Unreachable("no board answers at {url}: {error}", {"url": "there", "error": "nobody"})
        if message["kata"] == "refused":
            raise ValueError("kata must be another")
        self.sent.append(message)

    def tell(self, *found: dict[str, Any]) -> None:
        for event in found:
            self.reporter.take(events.encode({"kata": "tea", **event}))
        self.outbox.send()

    @property
    def states(self) -> list[tuple[str, bool]]:
        return [(message["state"], message["running"]) for message in self.sent]


@pytest.fixture
def world() -> World:
    return World()


START: dict[str, Any] = {"event": "start", "whole": True}
BEGIN: dict[str, Any] = {"event": "begin", "test": "test_hot"}
FAILED: dict[str, Any] = {
    "event": "end",
    "test": "test_hot",
    "task": 1,
    "outcome": "failed",
    "line": "cold\x07",
    "text": "def boil(): …",
}
FINISH: dict[str, Any] = {"event": "finish", "seconds": 1.5}


def test_a_run_is_reported_when_it_begins_and_when_it_ends(world: World) -> None:
    world.tell(START, BEGIN, FAILED, FINISH)
    assert world.states == [("not begun", True), ("red", False)]
    assert world.sent[-1] == {
        "pair": "p",
        "key": "k",
        "run": world.sent[0]["run"],
        "step": 1,
        "ago": 0.0,
        "kata": "tea",
        "state": "red",
        "running": False,
        "tasks": {"1": "red"},
        "task": 1,
        "seconds": 1.5,
        "line": "cold",
        "failed": ["test_hot"],  # and nothing of the code
    }


def test_a_long_run_is_reported_once_a_second(world: World) -> None:
    world.tell(START)
    for _ in range(10):
        world.now += 0.4
        world.tell(BEGIN)
    assert len(world.sent) == 4


def test_a_hang_is_reported_once_and_taken_back_when_it_was_none(world: World) -> None:
    world.tell(START, BEGIN)
    world.now += 7.9
    world.reporter.tick()
    assert not world.outbox.dump()
    world.now += 0.1
    world.reporter.tick()
    world.reporter.tick()
    world.outbox.send()
    assert world.states[1:] == [("hung", False)]
    assert world.sent[-1]["line"] == "test_hot did not end within 8 s"
    world.reporter.end()  # somebody has ended it: it still hung
    world.outbox.send()
    assert len(world.sent) == 2
    world.tell({**FAILED, "outcome": "passed"}, FINISH)
    assert world.states[-1] == ("green", False)


def test_a_process_that_is_gone_without_a_word_is_amber(world: World) -> None:
    world.tell(START, BEGIN)
    world.reporter.end()
    world.outbox.send()
    assert world.states[-1] == ("amber", False)
    assert world.sent[-1]["line"] == "pytest ended in the middle of test_hot"


def test_nothing_is_said_of_a_run_that_is_over(world: World) -> None:
    world.tell(START, BEGIN, FAILED, FINISH)
    world.now += 100
    world.reporter.tick()
    world.reporter.end()
    world.outbox.send()
    assert len(world.sent) == 2


def test_what_cannot_be_sent_waits_and_knows_how_old_it_is(world: World) -> None:
    world.is_away = True
    world.tell(START, BEGIN, FAILED, FINISH)
    kept = world.outbox.dump()
    assert len(kept.splitlines()) == 2
    world.is_away = False
    world.now += 1
    assert not world.outbox.send()  # not so soon again
    world.now += 60
    later = Outbox(world.post, {"pair": "p", "key": "k"}, lambda: world.now)
    later.load(kept.splitlines())
    later.add({"kata": "tea", "state": "green", "running": False})
    assert later.send()
    assert [message["ago"] for message in world.sent] == [61, 61, 0]
    assert not later.dump()


def test_a_clock_that_was_set_back_makes_nothing_happen_in_the_future(world: World) -> None:
    world.is_away = True
    world.tell(START)
    world.now, world.is_away = -5000.0, False
    world.outbox.send(at_once=True)
    assert world.sent[0]["ago"] == 0


def test_what_is_refused_does_not_hold_up_the_rest(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.outbox.add({"kata": "refused"})
    world.outbox.add({"kata": "tea"})
    assert world.outbox.send()
    assert [message["kata"] for message in world.sent] == ["tea"]
    assert capsys.readouterr().err == "refused: kata must be another\n"


def test_unsent_reports_are_bounded(world: World) -> None:
    for number in range(reporter.MOST_UNSENT + 5):
        world.outbox.add({"kata": str(number)})
    assert len(world.outbox.dump().splitlines()) == reporter.MOST_UNSENT
