import signal
import threading


class Buffer:
    def __init__(self):
        self.lock, self.lines = threading.Lock(), []

    def write(self, line):
        with self.lock:
            self.lines.append(line)

    def flush(self, *_):
        with self.lock:
            self.lines.clear()


def test_sigterm_while_main_writes(race):
    def scenario():
        buffer = Buffer()
        before = signal.signal(signal.SIGTERM, buffer.flush)
        try:
            buffer.write("a line")
        finally:
            signal.signal(signal.SIGTERM, before)

    race.explore(scenario)
