"""An event for each answer and each race; the starter has a thread of his own."""

import threading
from types import SimpleNamespace


def new_race():
    return SimpleNamespace(over=threading.Event(), go=threading.Event())


class StartLine:
    def __init__(self):
        self.lock = threading.Lock()
        self.race = new_race()

    def wait(self, patience=None):
        with self.lock:
            race = self.race
        race.over.wait(patience)
        return race.go.is_set()

    def fire(self):
        with self.lock:
            if not self.race.over.is_set():
                self.race.go.set()
            self.race.over.set()

    def call_off(self):
        with self.lock:
            self.race.over.set()

    def has_started(self):
        with self.lock:
            return self.race.go.is_set()

    def line_up(self):
        with self.lock:
            if self.race.over.is_set():
                self.race = new_race()


def hold_race(line, runners, step_up, starter, run):
    errors = []

    def take_part(runner):
        step_up(runner)
        if line.wait():
            run(runner)

    def give_the_word():
        try:
            if starter() is True:
                line.fire()
        except Exception as error:
            errors.append(error)
        line.call_off()

    line.line_up()
    threads = [threading.Thread(target=give_the_word)]
    threads += [threading.Thread(target=take_part, args=(runner,)) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return line.has_started()
