import threading
from collections import deque


class Line:
    def __init__(self):
        self.items, self.closed, self.ready = deque(), False, threading.Condition()

    def close(self):
        with self.ready:
            self.closed = True

    def get(self):
        with self.ready:
            while not self.items and not self.closed:
                self.ready.wait()
            return self.items.popleft() if self.items else None


def test_close_wakes_who_waits():
    line = Line()
    worker = threading.Thread(target=line.get, name="worker")
    worker.start()
    line.close()
    worker.join()
