"""A subclass that knows its logbook; the whole program is what enumerate says."""

import threading


class Sailor(threading.Thread):
    def __init__(self, book, what, job, name):
        super().__init__(name=name)
        self.book, self.what, self.job = book, what, job

    def run(self):
        self.book.entries += [(self.what, self.name, threading.get_ident())]
        self.job()


class Logbook:
    def __init__(self):
        self.entries = []
        self.sailors = {}

    def hire(self, what, job, name=None):
        sailor = Sailor(self, what, job, name)
        self.sailors[sailor] = what
        return sailor

    def on_board(self):
        running = set(threading.enumerate())
        return [sailor.name for sailor in self.sailors if sailor in running]

    def not_begun(self):
        return [sailor.name for sailor in self.sailors if not sailor.ident]

    def headcount(self):
        return len(threading.enumerate())

    def strangers(self):
        return [thread.name for thread in {*threading.enumerate()} - self.sailors.keys()]
