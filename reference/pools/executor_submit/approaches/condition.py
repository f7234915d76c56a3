"""One condition, a deque, threads that are started when they are needed; `map` of a pool for the whole wash."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from threading import Condition, Thread


class Laundry:
    def __init__(self, machines):
        self.machines = machines
        self.changed = Condition()
        self.waiting, self.threads, self.results = deque(), [], {}
        self.tickets, self.idle, self.open = 0, 0, True

    def bring(self, wash, /, *args, **kwargs):
        with self.changed:
            if not self.open:
                raise RuntimeError("closed")
            self.tickets += 1
            self.waiting.append((self.tickets, wash, args, kwargs))
            if len(self.waiting) > self.idle and len(self.threads) < self.machines:
                self.threads.append(Thread(target=self.machine))
                self.threads[-1].start()
            self.changed.notify_all()
            return self.tickets

    def machine(self):
        while True:
            with self.changed:
                self.idle += 1
                self.changed.wait_for(lambda: self.waiting or not self.open)
                self.idle -= 1
                if not self.waiting:
                    return
                ticket, wash, args, kwargs = self.waiting.popleft()
            try:
                result = wash(*args, **kwargs), None
            except BaseException as error:
                result = None, error
            with self.changed:
                self.results[ticket] = result
                self.changed.notify_all()

    def is_ready(self, ticket):
        with self.changed:
            return ticket in self.results

    def fetch(self, ticket):
        with self.changed:
            self.changed.wait_for(lambda: ticket in self.results)
            value, error = self.results[ticket]
        if error is not None:
            raise error
        return value

    def close(self):
        with self.changed:
            self.open = False
            self.changed.notify_all()
        for thread in self.threads:
            thread.join()


def wash_all(wash, loads, machines):
    def attempt(load):
        try:
            return wash(load), None
        except BaseException as error:
            return None, error

    with ThreadPoolExecutor(machines) as pool:
        results = list(pool.map(attempt, loads))
    for _, error in results:
        if error is not None:
            raise error
    return [value for value, _ in results]
