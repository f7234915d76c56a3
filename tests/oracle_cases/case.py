"""What a scenario for an oracle is, and what such scenarios share."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


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
