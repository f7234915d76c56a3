"""The public methods are shells around private ones that expect the lock to be held."""

from threading import RLock


class Till:
    def __init__(self, money=0):
        self._money = money
        self._lock = RLock()  # for `alone` only, whose work calls public methods

    def put(self, amount):
        with self._lock:
            self._move(amount)

    def take(self, amount):
        with self._lock:
            return self._move(-amount)

    def total(self):
        with self._lock:
            return self._money

    def exchange(self, out, back):
        with self._lock:
            return self._move(-out) and self._move(back)

    def alone(self, work):
        with self._lock:
            return work(self)

    def _move(self, amount):
        if self._money + amount < 0:
            return False
        self._money += amount
        return True
