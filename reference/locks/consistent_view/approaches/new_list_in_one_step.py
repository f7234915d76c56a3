"""Nobody writes on what others read: a new list takes the place of the old one in one step."""


def break_writer_locks():
    return ["writer: until fill:18", "writer: until fill:18", "reader: to the end", "writer: to the end"]


def break_cell_locks():
    return ["reader: until release", "reader: until acquire", "writer: to the end", "reader: to the end"]


def break_breathing():
    return ["writer: until release", "writer: until acquire", "reader: to the end"]


class Board:
    def __init__(self, size):
        self.cells = (0,) * size

    def fill(self, value, dip=None):
        new = []
        for _ in self.cells:
            if dip is not None:
                dip()
            new.append(value)
        self.cells = tuple(new)

    def copy(self):
        return list(self.cells)
