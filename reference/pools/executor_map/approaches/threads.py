"""Without an executor: threads that take numbered calls out of a queue, and one condition for what is known."""

import queue
import threading
import time


class Experts:
    def __init__(self, experts, value_of):
        self.calls, self.known, self.changed, self.stopped = queue.SimpleQueue(), {}, threading.Condition(), False
        self.value_of = value_of
        self.threads = [threading.Thread(target=self.work) for _ in range(experts)]
        for thread in self.threads:
            thread.start()

    def work(self):
        while (call := self.calls.get()) is not None:
            if self.stopped:
                continue
            number, row = call
            try:
                outcome = True, self.value_of(*row)
            except BaseException as error:
                outcome = False, error
            with self.changed:
                self.known[number] = outcome
                self.changed.notify()

    def value(self, number, until=None):
        with self.changed:
            seconds = None if until is None else until - time.monotonic()
            if not self.changed.wait_for(lambda: number in self.known, seconds):
                raise TimeoutError
            fine, value = self.known.pop(number)
        if fine:
            return value
        raise value

    def no_more(self):
        for _ in self.threads:
            self.calls.put(None)

    def end(self):
        self.stopped = True
        self.no_more()
        for thread in self.threads:
            thread.join()


def appraise(value_of, experts, *columns):
    table, rows = Experts(experts, value_of), list(zip(*columns))
    try:
        for call in enumerate(rows):
            table.calls.put(call)
        return [table.value(number) for number in range(len(rows))]
    finally:
        table.end()


def as_they_come(value_of, experts, *columns, seconds=None):
    until = None if seconds is None else time.monotonic() + seconds
    table, rows = Experts(experts, value_of), list(zip(*columns))
    for call in enumerate(rows):
        table.calls.put(call)
    table.no_more()

    def values():
        try:
            for number in range(len(rows)):
                yield table.value(number, until)
        finally:
            table.stopped = True

    return values()


def stream(value_of, experts, stamps, ahead):
    table, taken, given, stamps = Experts(experts, value_of), 0, 0, iter(stamps)
    try:
        while True:
            for stamp in stamps:
                table.calls.put((taken, (stamp,)))
                taken += 1
                if taken == given + ahead:
                    break
            if given == taken:
                return
            given += 1
            yield table.value(given - 1)
    finally:
        table.end()
