"""The round table: wrong: questions are answered when the task has its next turn."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from typing import Any

Task = Generator[Any, Any, Any]


def average() -> Generator[float | None, float | None, tuple[int, float]]:
    """Keep count and sum in local variables: they are still there after each yield."""
    count, total = 0, 0.0
    shown = None
    while True:
        number = yield shown
        if number is None:
            return count, total
        count, total = count + 1, total + number
        shown = total / count


def add_up(numbers: Iterable[float]) -> Generator[float, Any, float]:
    """Let go after each number."""
    total = 0.0
    for number in numbers:
        total += number
        yield total
    return total


def take_turns(tasks: Iterable[Task], answer: Callable[[Any], Any]) -> list[Any]:
    """Keep with each task in the circle how its next turn begins."""
    circle = [*tasks]
    results: list[Any] = [None] * len(circle)
    waiting = deque((number, task, None) for number, task in enumerate(circle))
    begun: set[int] = set()
    try:
        while waiting:
            number, task, question = waiting.popleft()
            try:
                go_on, told = task.send, answer(question) if number in begun else None
            except Exception as error:
                go_on, told = task.throw, error
            begun.add(number)
            try:
                waiting.append((number, task, go_on(told)))
            except StopIteration as end:
                results[number] = end.value
            except Exception as error:
                results[number] = error
    except BaseException:
        for task in circle:
            task.close()
        raise
    return results
