"""The box that does not know: what a queue between processes says of itself. The contract is in README.md."""

from collections.abc import Sequence
from multiprocessing import Process, Queue

Letter = object


def break_until_empty() -> list[str]:
    """Return a schedule under which `until_empty` ends with a letter still to come."""
    raise NotImplementedError


def break_look_then_take() -> list[str]:
    """Return a schedule under which one of two who `look_then_take` waits for ever."""
    raise NotImplementedError


def break_after_the_bell() -> list[str]:
    """Return a schedule under which the bell has rung, and nothing is there."""
    raise NotImplementedError


def take_up_to(box: Queue, most: int, seconds: float) -> list[Letter]:
    """Take so many letters, and wait for them no longer than so many seconds in all."""
    raise NotImplementedError


def receive_all(box: Queue, senders: Sequence[Process]) -> list[Letter]:
    """Take all letters that the senders put into the box until they have ended."""
    raise NotImplementedError
