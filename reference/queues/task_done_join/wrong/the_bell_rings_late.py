# wrong: counts under a lock, and sets the event behind it; a job that is added in between counts as done
import queue
import threading


class Workshop:
    def __init__(self, workers, work):
        self.failures, self.work, self.jobs = [], work, queue.SimpleQueue()
        self.open, self.lock, self.done = 0, threading.Lock(), threading.Event()
        self.done.set()
        self.threads = [threading.Thread(target=self.run) for _ in range(workers)]
        for thread in self.threads:
            thread.start()

    def run(self):
        while letter := self.jobs.get():
            try:
                self.work(*letter)
            except Exception as error:
                self.failures.append((letter[0], error))
            with self.lock:
                self.open -= 1
                nothing = not self.open
            if nothing:
                self.done.set()

    def add(self, job):
        with self.lock:
            self.open += 1
        self.done.clear()
        self.jobs.put((job,))

    def wait(self):
        self.done.wait()

    def close(self):
        self.wait()
        for _ in self.threads:
            self.jobs.put(())
        for thread in self.threads:
            thread.join()
