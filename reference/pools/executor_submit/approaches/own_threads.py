"""Without an executor: threads, a queue, an event for each ticket."""

import queue
import threading


class Ticket:
    def __init__(self, wash, args, kwargs):
        self.task = wash, args, kwargs
        self.through = threading.Event()
        self.value = self.error = None

    def run(self):
        wash, args, kwargs = self.task
        try:
            self.value = wash(*args, **kwargs)
        except BaseException as error:
            self.error = error
        self.through.set()


class Laundry:
    def __init__(self, machines):
        self.loads = queue.SimpleQueue()
        self.lock = threading.Lock()
        self.closed = False
        self.threads = [threading.Thread(target=self.work) for _ in range(machines)]
        for thread in self.threads:
            thread.start()

    def work(self):
        while (ticket := self.loads.get()) is not None:
            ticket.run()

    def bring(self, wash, /, *args, **kwargs):
        ticket = Ticket(wash, args, kwargs)
        with self.lock:
            if self.closed:
                raise RuntimeError("the laundry is closed")
            self.loads.put(ticket)
        return ticket

    def is_ready(self, ticket):
        return ticket.through.is_set()

    def fetch(self, ticket):
        ticket.through.wait()
        if ticket.error is not None:
            raise ticket.error
        return ticket.value

    def close(self):
        with self.lock:
            if not self.closed:
                self.closed = True
                for _ in self.threads:
                    self.loads.put(None)
        for thread in self.threads:
            thread.join()


def wash_all(wash, loads, machines):
    laundry = Laundry(machines)
    tickets = [laundry.bring(wash, load) for load in loads]
    laundry.close()
    return [laundry.fetch(ticket) for ticket in tickets]
