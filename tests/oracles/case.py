"""What a scenario for an oracle is, and what such scenarios share."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from pytest_concurrency import ConcurrencyError, Grade, Verdict, explore
from pytest_concurrency._core.oracles import ERRORS


@dataclass(frozen=True)
class Case:
    scenario: Callable[[], Any]
    oracle: str
    is_wrong: bool
    extra: dict[str, Any]


CASES: list[Case] = []


def wrong(oracle: str, **extra: Any) -> Callable[[Any], Any]:
    """Note a scenario in which the oracle finds something."""
    return _noting(oracle, extra, is_wrong=True)


def right(oracle: str, **extra: Any) -> Callable[[Any], Any]:
    """Note a scenario in which it must not."""
    return _noting(oracle, extra, is_wrong=False)


def _noting(oracle: str, extra: dict[str, Any], *, is_wrong: bool) -> Callable[[Any], Any]:
    def note(scenario: Callable[[], Any]) -> Callable[[], Any]:
        CASES.append(Case(scenario, oracle, is_wrong, extra))
        return scenario

    return note


class S:
    """Plain attributes to share."""

    def __init__(self) -> None:
        self.done = False
        self.stop = False
        self.x = self.n = self.limit = self.readers = 0


def two(a: Callable[[], Any], b: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=function, name=name) for function, name in ((a, "A"), (b, "B"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def wrong_ones(oracle: str) -> list[Any]:
    """Return the scenarios noted so far in which an oracle finds something, as parameters of a test."""
    return [pytest.param(each, id=each.scenario.__name__) for each in CASES if each.oracle == oracle and each.is_wrong]


def right_ones(oracle: str) -> list[Any]:
    """Return those in which it must not."""
    return [
        pytest.param(each, id=each.scenario.__name__) for each in CASES if each.oracle == oracle and not each.is_wrong
    ]


def named(name: str) -> Case:
    return next(each for each in CASES if each.scenario.__name__ == name)


def judged(case: Case) -> ConcurrencyError | None:
    settings = {"schedules": 40, "seconds": 5.0, case.oracle: "fail", **case.extra}
    return explore(case.scenario, **settings).error


def told(case: Case) -> str:
    """Return what is told of a scenario in which the oracle finds something, seen to be complete."""
    error = judged(case)
    assert type(error) is ERRORS[case.oracle], error
    text = str(error)
    assert "likely cause" in text, text
    assert "oracles/test_" in text or case.oracle == "serialised", text
    return text


def replayed(case: Case) -> None:
    """See that a finding is replayed with equal text."""
    settings = {"schedules": 40, case.oracle: "fail", **case.extra}

    def tried(replay: str | None = None) -> Verdict:  # one line explores: lanes show it where a loop is at work itself
        return explore(case.scenario, replay=replay, **settings)

    first = tried()
    assert first.replay or first.grade is Grade.FAILED, str(first)
    again = tried(first.replay)
    assert str(again.error) == str(first.error), f"{again.error}\n{first.error}"
    assert type(again.error) is type(first.error), again.error
