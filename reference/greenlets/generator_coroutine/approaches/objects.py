"""The round table with objects: the generators are classes, and each place at the table is one, too."""

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

Task = Generator[Any, Any, Any]


def break_drink() -> list[str]:
    """Let A drink all but the last step, and B look meanwhile."""
    return ["B", "B", "A", "A", "A", "B", "B"]


def break_blow() -> list[str]:
    """Let each take one horn, and wait a while."""
    return ["A", "B", *(["B", "A"] * 3)]


class average(Generator[Any, Any, Any]):
    """A generator by hand: what `yield` would keep stands in attributes."""

    def __init__(self) -> None:
        self.count, self.total, self.state = 0, 0.0, "new"

    def send(self, number: Any) -> Any:
        if self.state == "over":
            raise StopIteration
        if self.state == "new":
            self.state = "begun"
            return None
        if number is None:
            self.state = "over"
            raise StopIteration((self.count, self.total))
        self.count += 1
        self.total += number
        return self.total / self.count

    def throw(self, kind: Any, value: Any = None, trace: Any = None) -> Any:
        self.state = "over"
        raise kind


class add_up(Generator[Any, Any, Any]):
    """One number for each `send`."""

    def __init__(self, numbers: Iterable[float]) -> None:
        self.numbers: Iterator[float] = iter(numbers)
        self.total: float = 0

    def send(self, told: Any) -> float:
        try:
            number = next(self.numbers)
        except StopIteration:
            raise StopIteration(self.total) from None
        self.total += number
        return self.total

    def throw(self, kind: Any, value: Any = None, trace: Any = None) -> Any:
        self.numbers = iter(())
        raise kind


class _Place:
    """A task at the table."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.go_on: Callable[[], Any] = lambda: task.send(None)
        self.is_over = False
        self.result: Any = None

    def turn(self, answer: Callable[[Any], Any]) -> None:
        try:
            question = self.go_on()
        except Exception as error:
            self.is_over = True
            self.result = error.value if isinstance(error, StopIteration) else error
            return
        try:
            told = answer(question)
        except Exception as error:
            kept = error
            self.go_on = lambda: self.task.throw(kept)
        else:
            self.go_on = lambda: self.task.send(told)


def take_turns(tasks: Iterable[Task], answer: Callable[[Any], Any]) -> list[Any]:
    """Go round as long as somebody is not over."""
    table = [_Place(task) for task in tasks]
    try:
        while not all(place.is_over for place in table):
            for place in table:
                if not place.is_over:
                    place.turn(answer)
    finally:
        for place in table:
            place.task.close()
    return [place.result for place in table]
