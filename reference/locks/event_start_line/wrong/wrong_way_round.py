"""Believes that `wait` stops whoever comes while the flag is set, and that clearing it is the signal."""

import threading


class Race:
    def __init__(self):
        self.waiting = threading.Event()
        self.waiting.set()
        self.started = False


class StartLine:
    def __init__(self):
        self.lock = threading.Lock()
        self.race = Race()

    def wait(self, patience=None):
        race = self.race
        race.waiting.wait(patience)
        return race.started

    def fire(self):
        self.decide(True)

    def call_off(self):
        self.decide(False)

    def decide(self, started):
        with self.lock:
            if self.race.waiting.is_set():
                self.race.started = started
                self.race.waiting.clear()

    def has_started(self):
        return self.wait(0)

    def line_up(self):
        with self.lock:
            if not self.race.waiting.is_set():
                self.race = Race()


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
