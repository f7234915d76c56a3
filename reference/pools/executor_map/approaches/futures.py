"""`submit` and the order of a list; the iterators are classes."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice


class Values:
    def __init__(self, experts):
        self.pool = ThreadPoolExecutor(experts)
        self.futures = []

    def __iter__(self):
        return self

    def hand_in(self, *call):
        self.futures.append(self.pool.submit(*call))

    def give(self, seconds=None):
        if not self.futures:
            self.close()
            raise StopIteration
        try:
            return self.futures.pop(0).result(seconds)
        except BaseException:
            self.leave()
            raise

    def leave(self):
        self.futures.clear()
        self.pool.shutdown(wait=False, cancel_futures=True)

    def close(self):
        self.futures.clear()
        self.pool.shutdown(cancel_futures=True)


class AsTheyCome(Values):
    def __init__(self, value_of, experts, rows, seconds):
        super().__init__(experts)
        self.until = None if seconds is None else time.monotonic() + seconds
        for row in rows:
            self.hand_in(value_of, *row)
        self.pool.shutdown(wait=False)

    def __next__(self):
        return self.give(None if self.until is None else max(0, self.until - time.monotonic()))


class Stream(Values):
    def __init__(self, value_of, experts, stamps, ahead):
        super().__init__(experts)
        self.value_of, self.stamps, self.ahead, self.over = value_of, iter(stamps), ahead, False

    def __next__(self):
        if not self.over:
            for stamp in islice(self.stamps, self.ahead - len(self.futures)):
                self.hand_in(self.value_of, stamp)
        return self.give()

    def leave(self):
        self.close()

    def close(self):
        self.over = True
        super().close()


def appraise(value_of, experts, *columns):
    values = AsTheyCome(value_of, experts, zip(*columns), None)
    try:
        return list(values)
    finally:
        values.close()


def as_they_come(value_of, experts, *columns, seconds=None):
    return AsTheyCome(value_of, experts, zip(*columns), seconds)


def stream(value_of, experts, stamps, ahead):
    return Stream(value_of, experts, stamps, ahead)
