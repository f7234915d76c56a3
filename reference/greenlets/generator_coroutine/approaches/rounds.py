"""The round table in rounds: whoever is still in the circle has one turn in each of them."""

import contextlib
import functools
import itertools
from collections.abc import Callable, Generator, Iterable
from typing import Any

Task = Generator[Any, Any, Any]


def break_drink() -> list[str]:
    """Let both look, then both drink."""
    return ["B", "A", "B", "A"]


def break_blow() -> list[str]:
    """Let each take one horn, and find the other gone."""
    return [*"BABABA"]


def average() -> Generator[float | None, float | None, tuple[int, float]]:
    """Keep all numbers."""
    numbers: list[float] = []
    number = yield None
    while number is not None:
        numbers.append(number)
        number = yield sum(numbers) / len(numbers)
    return len(numbers), sum(numbers)


def add_up(numbers: Iterable[float]) -> Generator[float, Any, float]:
    """Let `accumulate` add up, and yield what it yields."""
    total: float = 0
    for total in itertools.accumulate(numbers):
        yield total
    return total


def take_turns(tasks: Iterable[Task], answer: Callable[[Any], Any]) -> list[Any]:
    """Let a generator of ours stand around each task, which does one turn at each `next`."""
    results: dict[int, Any] = {}
    with contextlib.ExitStack() as at_the_end:
        turns = {}
        for number, task in enumerate(list(tasks)):
            at_the_end.callback(task.close)
            turns[number] = _turns(task, answer, functools.partial(results.__setitem__, number))
        while turns:
            turns = {number: turn for number, turn in turns.items() if next(turn, None)}
    return [results[number] for number in sorted(results)]


def _turns(task: Task, answer: Callable[[Any], Any], keep: Callable[[Any], None]) -> Generator[bool]:
    told, error = None, None
    while True:
        try:
            question = task.send(told) if error is None else task.throw(error)
        except StopIteration as end:
            return keep(end.value)
        except Exception as failed:
            return keep(failed)
        told, error = None, None
        try:
            told = answer(question)
        except Exception as raised:
            error = raised
        yield True
