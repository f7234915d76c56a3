"""The sorting office: the worked solution.

A mark that is taken is gone, so there is one for each sorter, and they come behind the last letter by
the same way. The mark is an object made for this call alone, and is recognised by identity: no letter can
look like it, and no letter is asked for its opinion.
"""

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
    for thread in threads:
        thread.join()
