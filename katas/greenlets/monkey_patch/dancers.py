"""The dancers (given): they know nothing of gevent, and nothing here may be changed."""

from queue import Queue
from threading import Event, Thread, current_thread, local
from time import sleep
from typing import Any

LOG: list[str] = []
MINE = local()
DOORS: dict[str, Event] = {}


def rest(seconds: float) -> Any:
    """Stand still for a while; return the name that this dancer has noted for itself."""
    MINE.name = current_thread().name
    LOG.append(f"{MINE.name} rests")
    sleep(seconds)
    LOG.append(f"{MINE.name} dances")
    return MINE.name


def ask(*questions: Any) -> list[Any]:
    """Let somebody else bring each of the answers, and wait for it."""
    answers: Queue[Any] = Queue()
    for question in questions:
        Thread(target=answers.put, args=(question,)).start()
    return [answers.get() for _ in questions]


def wait(door: str) -> str:
    """Wait until somebody opens a door; return who has waited."""
    DOORS.setdefault(door, Event()).wait()
    return current_thread().name


def open_door(door: str) -> None:
    """Let in who waits."""
    DOORS.setdefault(door, Event()).set()
