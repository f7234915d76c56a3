"""Three clerks who believe what a box says of itself. Given: read them, do not change them."""

from collections.abc import Callable, Iterable
from multiprocessing import Queue, SimpleQueue
from multiprocessing.synchronize import Event
from queue import Empty


def send(box: SimpleQueue, letters: Iterable[object]) -> None:
    """Put each letter into the box."""
    for letter in letters:
        box.put(letter)


def until_empty(box: SimpleQueue, tell: Callable[[object], object]) -> None:
    """Take letters until the box is empty, as then there are no more."""
    while not box.empty():
        letter = box.get()
        tell(letter)


def look_then_take(box: SimpleQueue, tell: Callable[[object], object]) -> None:
    """Take a letter if there is one, and so never wait."""
    if not box.empty():
        letter = box.get()
        tell(letter)


def send_and_ring(box: Queue, bell: Event) -> None:
    """Put a letter into the box, and ring when it is there."""
    box.put("letter")
    bell.set()


def after_the_bell(box: Queue, bell: Event, tell: Callable[[object], object]) -> None:
    """Wait for the bell, and take the letter, which is there."""
    bell.wait()
    try:
        letter = box.get_nowait()
    except Empty:
        letter = "nothing"
    tell(letter)
