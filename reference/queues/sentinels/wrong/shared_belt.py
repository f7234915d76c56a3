"""One belt for all offices."""

import queue
import threading
from collections.abc import Callable, Iterable

Letter = object

belt: queue.Queue[Letter] = queue.Queue()
end = object()


def sort_letters(letters: Iterable[Letter], sorters: int, sort: Callable[[Letter], object]) -> None:
    """Let `sorters` threads sort all letters; return when the last one is sorted."""

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
