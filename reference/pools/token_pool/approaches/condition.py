"""One condition: threads that are under way, threads that say goodbye, and who comes next sees them to the door."""

import threading


def break_counted():
    return ["B: until take:15", "A: to the end"]


def break_hasty():
    return [
        "caller: until it waits",
        "diver-1: until write out",
        "caller: to the end",
        "diver-2: to the end",
        "diver-1: to the end",
    ]


def break_gathered():
    return ["B: until get", "B: until get", "A: until it waits"]


class TokenPool:
    def __init__(self, size):
        self.size = size
        self.changed = threading.Condition()
        self.starting, self.alive, self.leaving, self.errors = 0, set(), [], []

    def run(self, job, /, *args, **kwargs):
        thread = threading.Thread(target=self.call, args=(job, args, kwargs))
        with self.changed:
            self.changed.wait_for(lambda: self.leaving or len(self.alive) < self.size)
            if len(self.alive) == self.size:
                gone = self.leaving.pop()
                gone.join()
                self.alive.discard(gone)
            self.alive.add(thread)
            thread.start()

    def call(self, job, args, kwargs):
        error = None
        try:
            job(*args, **kwargs)
        except BaseException as raised:
            error = raised
        with self.changed:
            if error is not None:
                self.errors.append(error)
            self.leaving.append(threading.current_thread())
            self.changed.notify()

    def join(self):
        with self.changed:
            threads = list(self.alive)
        for thread in threads:
            thread.join()
        with self.changed:
            told = self.errors[:]
            self.errors.clear()
            return told
