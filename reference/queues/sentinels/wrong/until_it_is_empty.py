"""Goes home when the belt is empty."""

import queue
import threading
from collections.abc import Callable, Iterable

Letter = object


def sort_letters(letters: Iterable[Letter], sorters: int, sort: Callable[[Letter], object]) -> None:
    """Let `sorters` threads sort all letters; return when the last one is sorted."""
    belt: queue.Queue[Letter] = queue.Queue()
    end = object()

    def work() -> None:
        while True:
            try:
                letter = belt.get_nowait()
            except queue.Empty:
                break
            sort(letter)

    threads = [threading.Thread(target=work) for _ in range(sorters)]
    for thread in threads:
        thread.start()
    for letter in letters:
        belt.put(letter)
    for thread in threads:
        thread.join()
