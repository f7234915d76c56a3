"""Sleeps for as long as it usually takes."""

import queue
import threading
import time
from collections.abc import Callable, Iterable

Letter = object


def sort_letters(letters: Iterable[Letter], sorters: int, sort: Callable[[Letter], object]) -> None:
    """Let `sorters` threads sort all letters; return when the last one is sorted."""
    belt: queue.Queue[Letter] = queue.Queue()
    end = object()

    def work() -> None:
        while True:
            letter = belt.get()
            if letter is end:
                break
            sort(letter)

    threads = [threading.Thread(target=work) for _ in range(sorters)]
    for thread in threads:
        thread.start()
    for letter in letters:
        belt.put(letter)
    for _ in threads:
        belt.put(end)
    time.sleep(10)
