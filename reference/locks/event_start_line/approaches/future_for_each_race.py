"""A future is an event that brings its answer along, and refuses a second one."""

import threading
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor


class StartLine:
    def __init__(self):
        self._next = threading.RLock()
        self._race = Future()

    def wait(self, patience=None):
        try:
            return self._race.result(patience)
        except TimeoutError:
            return False

    def _decide(self, answer):
        with self._next:
            try:
                self._race.set_result(answer)
            except InvalidStateError:
                pass

    def fire(self):
        self._decide(True)

    def call_off(self):
        self._decide(False)

    def has_started(self):
        race = self._race
        return race.done() and race.result()

    def line_up(self):
        with self._next:
            if self._race.done():
                self._race = Future()


def hold_race(line, runners, step_up, starter, run):
    def take_part(runner):
        step_up(runner)
        if line.wait():
            run(runner)

    line.line_up()
    with ThreadPoolExecutor(max_workers=len(runners) + 1) as pool:
        for runner in runners:
            pool.submit(take_part, runner)
        try:
            (line.fire if starter() else line.call_off)()
        except BaseException:
            line.call_off()
            raise
    return line.has_started()
