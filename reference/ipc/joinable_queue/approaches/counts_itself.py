"""A number in shared memory counts the jobs that are not done; whoever brings it to nothing tells who waits."""

import multiprocessing


def break_tells_first():
    return ["master: until it waits", "QueueFeederThread: to the end", "worker: until read", "master: to the end"]


def break_rings_at_the_mark():
    first = ["master: until it waits", "QueueFeederThread: to the end"]
    return [*first, "B: until read", "A: to the end", "master: until write"]


class Workshop:
    def __init__(self, workers, work):
        self.jobs = multiprocessing.Queue()
        self.left = multiprocessing.Value("i", 0, lock=False)
        self.none_left = multiprocessing.Condition()
        self.work = work
        for _ in range(workers):
            multiprocessing.Process(target=self.stand, daemon=True).start()

    def add(self, job):
        with self.none_left:
            self.left.value += 1
        self.jobs.put([job])

    def wait(self):
        with self.none_left:
            while self.left.value > 0:
                self.none_left.wait()

    def stand(self):
        for (job,) in iter(self.jobs.get, None):
            try:
                self.work(job)
            except BaseException as error:
                print(f"{job!r} has failed: {error!r}")
            with self.none_left:
                self.left.value -= 1
                if self.left.value == 0:
                    self.none_left.notify_all()
