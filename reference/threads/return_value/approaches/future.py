"""A future does the waiting. It carries the verdict as a value: what the call raised, or what it returned."""

import threading
from concurrent.futures import Future


class ValueThread(threading.Thread):
    def __init__(self, function, *args, **kwargs):
        super().__init__()
        self.work = lambda: function(*args, **kwargs)
        self.verdict = Future()

    def run(self):
        try:
            value = self.work()
        except BaseException as error:
            self.verdict.set_result((error, None))
        else:
            self.verdict.set_result((None, value))

    def result(self, timeout=None):
        if self.ident is None:
            raise RuntimeError("not started")
        error, value = self.verdict.result(timeout)
        if error is not None:
            raise error
        return value
