"""Lets the reader in while the writer holds the lock."""

import threading


def break_writer_locks():
    return ["reader: until copy:25", "writer: to the end", "reader: to the end"]


def break_cell_locks():
    return ["writer: until acquire", "writer: until acquire", "reader: to the end"]


def break_breathing():
    return ["writer: until fill:67", "reader: to the end"]


class Board:
    def __init__(self, size):
        self.cells = [0] * size
        self.lock = threading.Lock()

    def fill(self, value, dip=None):
        for _ in self.cells:
            dip and dip()
        with self.lock:
            for place in reversed(range(len(self.cells))):
                self.cells[place] = value

    def copy(self):
        with self.lock:
            return list(self.cells)
