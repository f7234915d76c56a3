"""Keeps neither value nor error, but what result() has to do; an Event says that it is known."""

from threading import Event, Thread


class ValueThread:
    def __init__(self, function, *args, **kwargs):
        self.known = Event()
        self.thread = None
        self.function, self.args, self.kwargs = function, args, kwargs

    def start(self):
        self.thread = Thread(target=self.find_out)
        self.thread.start()

    def find_out(self):
        try:
            value = self.function(*self.args, **self.kwargs)
            self.answer = lambda: value
        except BaseException as caught:
            error = caught

            def answer():
                raise error

            self.answer = answer
        finally:
            self.known.set()

    def result(self, timeout=None):
        if self.thread is None:
            raise RuntimeError("start() comes first")
        if self.known.wait(timeout):
            return self.answer()
        raise TimeoutError
