"""What a program under test is, with the few helpers that the programs share."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Scenario = Callable[[], object]
Finding = Literal["assertion", "deadlock", "exception"]
Kind = Literal[
    "lost update",  # read, compute, write: the write of another is overwritten
    "check then act",  # what was checked no longer holds when it is acted upon
    "order",  # a step that has to come later may come first
    "deadlock",  # a cycle of waits
    "lost signal",  # a wait for something that has happened already, or never will
    "leak",  # something taken is not given back
    "right",
    "small",
]

TICK = 0.002  # seconds: short enough for plain runs in real time


@dataclass(frozen=True, slots=True)
class Program:
    """A scenario and what is known about it."""

    name: str
    scenario: Scenario
    threads: int  # that the scenario starts, at most; the main one comes on top
    kind: Kind
    finding: Finding | None = None  # None: there is nothing to find
    note: str = ""
    outcomes: tuple[object, ...] = ()  # all that the scenario can return, if known by hand
    plain: bool = True  # ends in real threads too, whatever the schedule


class Box:
    """Plain attributes to share."""

    def __init__(self, x: int = 0, y: int = 0) -> None:
        self.x = x
        self.y = y
        self.items: list[int] = []
        # What single tasks saw: each its own attribute, so that they do not conflict.
        self.first: object = None
        self.second: object = None
        self.third: object = None


def together(*functions: Scenario) -> None:
    """Run each function in a thread of its own and join them all."""
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def run_plainly(scenario: Scenario) -> object:
    """Run the scenario without any tool and raise what one of its threads raised."""
    errors: list[BaseException] = []

    def keep(args: threading.ExceptHookArgs, /) -> None:
        errors.append(args.exc_value or args.exc_type())

    before, threading.excepthook = threading.excepthook, keep
    try:
        outcome = scenario()
    finally:
        threading.excepthook = before
    if errors:
        raise errors[0]
    return outcome
