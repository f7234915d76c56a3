"""Locks each cell by itself."""

import threading


def break_writer_locks():
    return ["reader: until copy:25", "writer: to the end", "reader: to the end"]


def break_cell_locks():
    return ["writer: until acquire", "writer: until acquire", "reader: to the end"]


def break_breathing():
    return ["writer: until fill:68", "reader: to the end"]


class Board:
    def __init__(self, size):
        self.cells = [0] * size
        self.locks = [threading.Lock() for _ in range(size)]

    def fill(self, value, dip=None):
        for _ in self.cells:
            dip and dip()
        for place in reversed(range(len(self.cells))):
            with self.locks[place]:
                self.cells[place] = value

    def copy(self):
        seen = []
        for place in range(len(self.cells)):
            with self.locks[place]:
                seen.append(self.cells[place])
        return seen
