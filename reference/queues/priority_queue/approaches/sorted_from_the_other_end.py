"""No heap and no number: a list kept in order, the most urgent last; newcomers are put in left of their equals."""

import threading
from bisect import insort_left


class WaitingRoom:
    def __init__(self):
        self.came = threading.Condition()
        self.there = []

    def arrive(self, urgency, patient):
        with self.came:
            insort_left(self.there, (urgency, patient), key=lambda entry: -entry[0])
            self.came.notify()

    def call(self):
        return self.call_within(None)

    def call_within(self, seconds, default=None):
        with self.came:
            if not self.came.wait_for(lambda: self.there, seconds):
                return default
            return self.there.pop()[1]
