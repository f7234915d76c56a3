"""No mark among the letters: each thing on the belt says what it is; the belt is short."""

import threading
from queue import Queue


class Sorter(threading.Thread):
    def __init__(self, belt, sort):
        super().__init__()
        self.belt, self.sort = belt, sort

    def run(self):
        for letter in iter(self.take, ()):
            self.sort(*letter)

    def take(self):
        is_letter, content = self.belt.get()
        return (content,) if is_letter else ()


def sort_letters(letters, sorters, sort):
    belt = Queue(1)
    staff = [Sorter(belt, sort) for _ in range(sorters)]
    for sorter in staff:
        sorter.start()
    for letter in letters:
        belt.put((True, letter))
    for _ in staff:
        belt.put((False, None))
    for sorter in staff:
        sorter.join()
