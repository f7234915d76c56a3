"""The scribes next door, broken: repair it. The contract is in README.md."""

from collections.abc import Callable, Iterable
from multiprocessing import Process
from typing import Any


class NoAnswer(Exception):
    """A scribe has ended and left no answer."""


ANSWERS: dict[int, Any] = {}


def write_down(number: int, work: Callable[[Any], Any], thing: Any) -> None:
    """Work, and write down what comes of it."""
    ANSWERS[number] = work(thing)


def ask_all(work: Callable[[Any], Any], things: Iterable[Any]) -> list[Any]:
    """Let a scribe work on each thing, all at the same time; return their answers in order."""
    scribes = []
    for number, thing in enumerate(things):
        scribe = Process(target=write_down, args=(number, work, thing))
        scribe.start()
        scribes.append(scribe)
    for scribe in scribes:
        scribe.join()
    return [ANSWERS[number] for number in range(len(scribes))]
