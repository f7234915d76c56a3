"""One mark, which each sorter passes on before going home; it stays on the belt at last."""

import threading
from queue import SimpleQueue


def sort_letters(letters, sorters, sort):
    belt = SimpleQueue()
    mark = [None]

    def work():
        while (letter := belt.get()) is not mark:
            sort(letter)
        belt.put(mark)

    threads = [threading.Thread(target=work) for _ in range(sorters)]
    for thread in threads:
        thread.start()
    for letter in letters:
        belt.put(letter)
    belt.put(mark)
    for thread in threads:
        thread.join()
