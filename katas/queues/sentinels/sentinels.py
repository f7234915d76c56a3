"""The sorting office, broken: repair it. The contract is in README.md."""

import queue
import threading
from collections.abc import Callable, Iterable

Letter = object

END = "end"


def sort_letters(letters: Iterable[Letter], sorters: int, sort: Callable[[Letter], object]) -> None:
    """Let `sorters` threads sort all letters; return when the last one is sorted."""
    belt: queue.Queue[Letter] = queue.Queue()

    def work() -> None:
        while True:
            letter = belt.get()
            if letter == END:
                break
            sort(letter)

    threads = [threading.Thread(target=work) for _ in range(sorters)]
    for thread in threads:
        thread.start()
    for letter in letters:
        belt.put(letter)
    belt.put(END)
    for thread in threads:
        thread.join()
