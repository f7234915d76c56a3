"""A future carries value and exception; the thread only fills it."""

import threading
from concurrent.futures import Future


class ValueThread(threading.Thread):
    def __init__(self, function, *args, **kwargs):
        super().__init__()
        self.work = lambda: function(*args, **kwargs)
        self.future = Future()

    def run(self):
        try:
            value = self.work()
        except BaseException as error:
            self.future.set_exception(error)
        else:
            self.future.set_result(value)

    def result(self, timeout=None):
        if self.ident is None:
            raise RuntimeError("not started")
        return self.future.result(timeout)
