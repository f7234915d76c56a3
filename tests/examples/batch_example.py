import gevent
from gevent.lock import BoundedSemaphore


class Batch:
    def __init__(self, send):
        self.send, self.lock = send, BoundedSemaphore(1)

    def flush(self, items):
        self.lock.acquire()
        self.send(items)
        self.lock.release()


def test_a_failed_batch_does_not_stop_the_next():
    def send(items):
        if not items:
            raise ValueError("nothing to send")

    batch = Batch(send)
    gevent.joinall([gevent.spawn(batch.flush, []), gevent.spawn(batch.flush, ["a"])])
