"""The round table: a worked solution."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from typing import Any

Task = Generator[Any, Any, Any]


def break_drink() -> list[str]:
    """Let A look, and B look and drink before A does."""
    return ["A", "A", "B", "B", "B", "A"]


def break_blow() -> list[str]:
    """Let each take one horn."""
    return ["A", "B"]


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
    waiting: deque[tuple[int, Task, Callable[[Any], Any], Any]] = deque(
        (number, task, task.send, None) for number, task in enumerate(circle)
    )
    try:
        while waiting:
            number, task, go_on, told = waiting.popleft()
            try:
                question = go_on(told)
            except StopIteration as end:
                results[number] = end.value
                continue
            except Exception as error:
                results[number] = error
                continue
            try:
                waiting.append((number, task, task.send, answer(question)))
            except Exception as error:
                waiting.append((number, task, task.throw, error))
    except BaseException:
        for task in circle:
            task.close()
        raise
    return results
