"""Releases at the end, where an exception never comes by."""

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
        self.lock = threading.Lock()

    def fill(self, value, dip=None):
        self.lock.acquire()
        new = []
        for _ in self.cells:
            dip and dip()
            new.append(value)
        self.cells = new
        self.lock.release()

    def copy(self):
        with self.lock:
            return list(self.cells)
