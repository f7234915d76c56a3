"""Waits again when the flag is not set after the waking."""

import threading


class StartLine:
    def __init__(self):
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.started = False

    def wait(self, patience=None):
        if patience is not None:
            return self.over.wait(patience) and self.started
        while not self.over.is_set():
            self.over.wait()
        return self.started

    def fire(self):
        self.decide(True)

    def call_off(self):
        self.decide(False)

    def decide(self, started):
        with self.lock:
            if not self.over.is_set():
                self.started = started
                self.over.set()

    def has_started(self):
        return self.over.is_set() and self.started

    def line_up(self):
        with self.lock:
            self.over.clear()


def hold_race(line, runners, step_up, starter, run):
    def take_part(runner):
        step_up(runner)
        if line.wait():
            run(runner)

    line.line_up()
    threads = [threading.Thread(target=take_part, args=(runner,)) for runner in runners]
    for thread in threads:
        thread.start()
    try:
        if starter():
            line.fire()
    finally:
        line.call_off()
        for thread in threads:
            thread.join()
    return line.has_started()
