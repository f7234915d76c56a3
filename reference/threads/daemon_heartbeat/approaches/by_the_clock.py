"""Subclasses; the heart beats by the clock, so that slow beats do not add up."""

import time
from itertools import count
from threading import Thread


class Heartbeat(Thread):
    def __init__(self, beat, every):
        super().__init__(daemon=True)
        self.beat, self.every = beat, every

    def run(self):
        began = time.monotonic()
        for number in count(1):
            self.beat()
            time.sleep(max(0, began + number * self.every - time.monotonic()))


class Job(Thread):
    def __init__(self, job):
        super().__init__(target=job, daemon=False)


def start_heartbeat(beat, every):
    heartbeat = Heartbeat(beat, every)
    heartbeat.start()
    return heartbeat


def start_job(job):
    thread = Job(job)
    thread.start()
    return thread
