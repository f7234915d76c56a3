"""A receipt for each job: whoever waits looks at the numbers on either side, and waits for a ring when they differ."""

from multiprocessing import Process, Semaphore, SimpleQueue, Value


def break_tells_first():
    return ["master: until it waits", "QueueFeederThread: to the end", "worker: until write", "master: to the end"]


def break_rings_at_the_mark():
    return [
        "master: until it waits",
        "QueueFeederThread: to the end",
        "A: until read",
        "B: to the end",
        "master: until write",
    ]


class Hand(Process):
    def __init__(self, shop, work):
        super().__init__(daemon=True)
        self.shop, self.work = shop, work

    def run(self):
        while True:
            (job,) = self.shop.jobs.get()
            try:
                self.work(job)
            except BaseException:
                pass
            self.shop.count(self.shop.done)


class Workshop:
    def __init__(self, workers, work):
        self.jobs = SimpleQueue()
        self.given, self.done, self.waiting = (Value("q") for _ in range(3))
        self.turn, self.ring = Semaphore(1), Semaphore(0)
        for hand in [Hand(self, work) for _ in range(workers)]:
            hand.start()

    def count(self, counter):
        with self.turn:
            counter.value += 1
            if self.given.value == self.done.value:
                for _ in range(self.waiting.value):
                    self.ring.release()
                self.waiting.value = 0

    def add(self, job):
        self.count(self.given)
        self.jobs.put((job,))

    def wait(self):
        with self.turn:
            is_over = self.given.value == self.done.value
            self.waiting.value += not is_over
        if not is_over:
            self.ring.acquire()
