"""The thread object keeps its result, and the list of threads has the right order."""

import threading


class Pupil(threading.Thread):
    def __init__(self, function, item):
        super().__init__()
        self.function, self.item = function, item

    def run(self):
        self.answer = self.function(self.item)


def in_threads(function, items):
    pupils = [Pupil(function, item) for item in items]
    for pupil in pupils:
        pupil.start()
    for pupil in pupils:
        pupil.join()
    return [pupil.answer for pupil in pupils]


def squares(numbers, square):
    return in_threads(lambda number: (number, square(number)), numbers)
