"""Other schedules; the board is written in place, under an RLock, and undone if the pen breaks."""

import threading


def break_writer_locks():
    return ["writer: until write item", "writer: until write item", "reader: to the end"]


def break_cell_locks():
    return ["reader: until copy:50", "reader: until copy:50", "writer: until it waits", "reader: to the end"]


def break_breathing():
    return ["reader: until copy:78", "writer: to the end", "reader: to the end"]


class Board:
    def __init__(self, size):
        self.cells = [0] * size
        self.guard = threading.Condition()

    def fill(self, value, dip=None):
        with self.guard:
            before = self.copy()
            try:
                for place in reversed(range(len(self.cells))):
                    if dip is not None:
                        dip()
                    self.cells[place] = value
            except BaseException:
                self.cells[:] = before
                raise

    def copy(self):
        with self.guard:
            return [cell for cell in self.cells]
