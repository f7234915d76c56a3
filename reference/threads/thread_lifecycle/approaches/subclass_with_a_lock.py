"""A thread itself: state and history are written together, under a lock."""

import threading


class Gate:
    def __init__(self, report):
        self.report = report

    def __enter__(self):
        self.report("blocked")

    def __exit__(self, *error):
        self.report("running")


class Courier(threading.Thread):
    def __init__(self, journey):
        super().__init__()
        self.journey = journey
        self.lock = threading.Lock()
        self.lines = []
        self.report("created")

    def report(self, state):
        with self.lock:
            self.now = state
            self.lines.append(state)

    @property
    def state(self):
        with self.lock:
            return self.now

    @property
    def history(self):
        with self.lock:
            return list(self.lines)

    def start(self):
        if self.state == "created":
            self.report("ready")
        super().start()

    def run(self):
        self.report("running")
        try:
            self.journey(self)
        finally:
            self.report("exited")

    def blocked(self):
        return Gate(self.report)
