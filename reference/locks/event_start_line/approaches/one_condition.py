"""No event at all: a condition, and the answers of all races so far in a list."""

import threading


class StartLine:
    def __init__(self):
        self.changed = threading.Condition()
        self.answers = {}
        self.number = 0

    def wait(self, patience=None):
        with self.changed:
            number = self.number
            self.changed.wait_for(lambda: number in self.answers, patience)
            return self.answers.get(number, False)

    def decide(self, answer):
        with self.changed:
            self.answers.setdefault(self.number, answer)
            self.changed.notify_all()

    def fire(self):
        self.decide(True)

    def call_off(self):
        self.decide(False)

    def has_started(self):
        with self.changed:
            return self.answers.get(self.number, False)

    def line_up(self):
        with self.changed:
            if self.number in self.answers:
                self.number += 1


def hold_race(line, runners, step_up, starter, run):
    class Runner(threading.Thread):
        def __init__(self, runner):
            super().__init__()
            self.runner = runner

        def run(self):
            step_up(self.runner)
            if line.wait():
                run(self.runner)

    line.line_up()
    threads = [Runner(runner) for runner in runners]
    for thread in threads:
        thread.start()
    error = None
    try:
        answer = starter()
    except Exception as caught:
        answer, error = False, caught
    if answer:
        line.fire()
    else:
        line.call_off()
    for thread in threads:
        thread.join()
    if error is not None:
        raise error
    return line.has_started()
