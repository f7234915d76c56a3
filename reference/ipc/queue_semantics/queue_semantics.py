"""The box that does not know: three schedules, and two clerks who ask nothing that is past when it is answered.

`take_up_to` waits in `get` itself, for what is left of the time. `receive_all` lets a thread join the senders, and
this puts a mark into the box: when a process has ended, what it has put is in the pipe, so the mark comes last.
"""

import threading
import time
from collections.abc import Sequence
from multiprocessing import Process, Queue
from queue import Empty

Letter = object


def break_until_empty() -> list[str]:
    """Return a schedule under which `until_empty` ends with a letter still to come."""
    return ["sender: until put", "sender: until put", "receiver: to the end"]


def break_look_then_take() -> list[str]:
    """Return a schedule under which one of two who `look_then_take` waits for ever."""
    return ["A: until acquire", "B: to the end"]


def break_after_the_bell() -> list[str]:
    """Return a schedule under which the bell has rung, and nothing is there."""
    return ["sender: until it waits", "receiver: to the end"]


def take_up_to(box: Queue, most: int, seconds: float) -> list[Letter]:
    """Take so many letters, and wait for them no longer than so many seconds in all."""
    letters: list[Letter] = []
    end = time.monotonic() + seconds
    while len(letters) < most:
        try:
            letters.append(box.get(timeout=max(0, end - time.monotonic())))
        except Empty:
            break
    return letters


class _AllHaveEnded:
    """Comes behind the last letter; a class is pickled by its name, and stays itself."""


def receive_all(box: Queue, senders: Sequence[Process]) -> list[Letter]:
    """Take all letters that the senders put into the box until they have ended."""

    def wait_for_all() -> None:
        for sender in senders:
            sender.join()
        box.put(_AllHaveEnded)

    waiting = threading.Thread(target=wait_for_all)
    waiting.start()
    letters: list[Letter] = []
    while (letter := box.get()) is not _AllHaveEnded:
        letters.append(letter)
    waiting.join()
    return letters
