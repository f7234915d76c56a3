"""Takes the signal back for the next race, and lets who wakes look at it."""

import threading


class StartLine:
    def __init__(self):
        self.lock = threading.Lock()
        self.go = threading.Event()
        self.over = threading.Event()

    def wait(self, patience=None):
        self.over.wait(patience)
        return self.go.is_set()

    def fire(self):
        with self.lock:
            if not self.over.is_set():
                self.go.set()
                self.over.set()

    def call_off(self):
        with self.lock:
            self.over.set()

    def has_started(self):
        return self.go.is_set()

    def line_up(self):
        with self.lock:
            self.over.clear()
            self.go.clear()


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
