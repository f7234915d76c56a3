"""Looks whether the race is decided, and then decides it."""

import threading


class Race:
    def __init__(self):
        self.decided = threading.Event()
        self.started = False


class StartLine:
    def __init__(self):
        self.lock = threading.Lock()
        self.race = Race()

    def wait(self, patience=None):
        race = self.race
        return race.decided.wait(patience) and race.started

    def fire(self):
        self.decide(True)

    def call_off(self):
        self.decide(False)

    def decide(self, started):
        race = self.race
        if not race.decided.is_set():
            race.started = started
            race.decided.set()

    def has_started(self):
        return self.wait(0)

    def line_up(self):
        with self.lock:
            if self.race.decided.is_set():
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
