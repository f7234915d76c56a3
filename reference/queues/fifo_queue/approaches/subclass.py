"""A box that is a queue."""

import contextlib
import queue


class Mailbox(queue.Queue):
    post = queue.Queue.put
    take = queue.Queue.get

    def post_within(self, letter, seconds, wait=True):
        with contextlib.suppress(queue.Full):
            self.put(letter, wait, seconds)
            return True
        return False

    def post_now(self, letter):
        return self.post_within(letter, None, wait=False)

    def take_within(self, seconds, default=None):
        with contextlib.suppress(queue.Empty):
            return self.get(True, seconds)
        return default

    def take_now(self, default=None):
        with contextlib.suppress(queue.Empty):
            return self.get(False)
        return default

    def take_all(self):
        with self.mutex:
            letters = list(self.queue)
            self.queue.clear()
            self.not_full.notify_all()
        return letters
