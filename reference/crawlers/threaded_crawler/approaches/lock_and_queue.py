"""Threads at a queue; one lock for all that they share, and a count of what is not done yet."""

import queue
import threading
from pathlib import Path
from urllib.parse import urlsplit


def break_notebook():
    return ["B: until is_new:15", "A: until is_new:15", "A: to the end"]


def break_names():
    return ["A: until acquire", "A: until acquire", "B: to the end"]


def break_gate():
    told = ["A: until leave:56", "B: until it waits", "A: until leave:58"]
    return [*told, "C: until it waits", "A: to the end", "C: to the end"]


class Crawler:
    """The books of one crawl, behind a lock."""

    def __init__(self, fetch, find, folder):
        self.fetch, self.find, self.folder = fetch, find, Path(folder)
        self.lock = threading.Lock()
        self.jobs = queue.SimpleQueue()
        self.known, self.result = set(), {}
        self.open = 0
        self.all_done = threading.Event()

    def add(self, addresses, act):
        with self.lock:
            for address in addresses:
                if address not in self.known:
                    self.known.add(address)
                    self.open += 1
                    self.jobs.put((act, address))

    def run(self, limit, pages):
        self.add(pages, self.visit)
        if not self.open:
            return
        threads = [threading.Thread(target=self.work) for _ in range(limit)]
        for thread in threads:
            thread.start()
        self.all_done.wait()
        for thread in threads:
            self.jobs.put(None)
        for thread in threads:
            thread.join()

    def work(self):
        while job := self.jobs.get():
            act, address = job
            try:
                act(address)
            except BaseException as error:
                with self.lock:
                    self.result[address] = error
            with self.lock:
                self.open -= 1
                if not self.open:
                    self.all_done.set()

    def visit(self, page):
        self.add(list(self.find(page, self.fetch(page))), self.collect)

    def collect(self, address):
        body = memoryview(self.fetch(address))
        path = self.make(address)
        path.write_bytes(body)
        with self.lock:
            self.result[address] = path

    def make(self, address):
        stem, dot, end = urlsplit(address).path.rpartition("/")[2].rpartition(".")
        number = 0
        while True:
            path = self.folder / (f"{stem}-{number}.{end}" if dot else f"{end}-{number}")
            try:
                path.touch(exist_ok=False)
                return path
            except FileExistsError:
                number += 1


def crawl(pages, fetch, find, folder, limit=10):
    Path(folder).mkdir(parents=True, exist_ok=True)
    crawler = Crawler(fetch, find, folder)
    crawler.run(limit, pages)
    return crawler.result
