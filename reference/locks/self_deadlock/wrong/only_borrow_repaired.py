"""Repairs borrow, and leaves swap as it was."""

import threading


class Library:
    def __init__(self, books):
        self._lock = threading.Lock()
        self._books = set(books)
        self._lent = {}

    def is_free(self, book):
        with self._lock:
            return book in self._books and book not in self._lent

    def borrow(self, book, reader):
        with self._lock:
            if not (book in self._books and book not in self._lent):
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
