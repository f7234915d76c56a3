"""One None for all: who finds it puts it back for the next one. Results come on a line of each consumer's own."""

from multiprocessing import Pipe, Process, SimpleQueue
from multiprocessing.connection import wait
from threading import Thread


class Consumer(Process):
    def __init__(self, shelf, work):
        super().__init__()
        self.shelf, self.work = shelf, work
        self.results, self.there = Pipe(duplex=False)

    def run(self):
        while True:
            entry = self.shelf.get()
            if entry is None:
                self.shelf.put(None)
                break
            number, item = entry
            self.there.send((number, self.work(item)))


def share(items, consumers, work):
    shelf, results = SimpleQueue(), {}
    staff = [Consumer(shelf, work) for _ in range(consumers)]
    for consumer in staff:
        consumer.start()
        consumer.there.close()
    taker = Thread(target=take, args=([consumer.results for consumer in staff], results))
    taker.start()
    try:
        for entry in enumerate(items):
            shelf.put(entry)
    finally:
        shelf.put(None)
        taker.join()
        for consumer in staff:
            consumer.join()
    return [results[number] for number in sorted(results)]


def take(lines, results):
    while lines:
        for line in wait(lines):
            try:
                number, result = line.recv()
                results[number] = result
            except EOFError:
                line.close()
                lines.remove(line)
