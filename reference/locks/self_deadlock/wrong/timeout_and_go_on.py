"""Waits a second for the lock, and goes on without it."""

import threading


class ImpatientLock:
    def __init__(self):
        self.lock = threading.Lock()
        self.mine = threading.local()

    def __enter__(self):
        self.mine.taken = [*getattr(self.mine, "taken", []), self.lock.acquire(timeout=1)]

    def __exit__(self, *error):
        if self.mine.taken.pop():
            self.lock.release()


class Library:
    def __init__(self, books):
        self._lock = ImpatientLock()
        self._books = set(books)
        self._lent = {}

    def is_free(self, book):
        with self._lock:
            return book in self._books and book not in self._lent

    def borrow(self, book, reader):
        with self._lock:
            if not self.is_free(book):
                return False
            self._lent[book] = reader
            return True

    def give_back(self, book):
        with self._lock:
            if book not in self._lent:
                return False
            del self._lent[book]
            return True

    def books_of(self, reader):
        with self._lock:
            return sorted(book for book, who in self._lent.items() if who == reader)

    def swap(self, back, wanted, reader):
        with self._lock:
            if self._lent.get(back) != reader or not self.is_free(wanted):
                return False
            self.give_back(back)
            self.borrow(wanted, reader)
            return True
