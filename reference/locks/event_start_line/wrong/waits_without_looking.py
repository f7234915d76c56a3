"""Waits for the shot, whether it was fired already or not."""

import threading


class StartLine:
    def __init__(self):
        self.changed = threading.Condition()
        self.number = 0
        self.answers = {}

    def wait(self, patience=None):
        with self.changed:
            number = self.number
            self.changed.wait(patience)
            return self.answers.get(number, False)

    def fire(self):
        self.decide(True)

    def call_off(self):
        self.decide(False)

    def decide(self, started):
        with self.changed:
            self.answers.setdefault(self.number, started)
            self.changed.notify_all()

    def has_started(self):
        with self.changed:
            return self.answers.get(self.number, False)

    def line_up(self):
        with self.changed:
            if self.number in self.answers:
                self.number += 1


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
