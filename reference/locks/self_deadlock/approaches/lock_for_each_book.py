"""A desk for each book: who swaps needs two, who lists all of them, and everybody takes them in the same order."""

import contextlib
import threading


class Library:
    def __init__(self, books):
        self._lent = dict.fromkeys(sorted(books))
        self._desks = {book: threading.Lock() for book in self._lent}

    @contextlib.contextmanager
    def _at(self, *books):
        with contextlib.ExitStack() as stack:
            for book in sorted(books):
                stack.enter_context(self._desks[book])
            yield

    def is_free(self, book):
        if book not in self._desks:
            return False
        with self._at(book):
            return self._lent[book] is None

    def borrow(self, book, reader):
        if book not in self._desks:
            return False
        with self._at(book):
            if self._lent[book] is not None:
                return False
            self._lent[book] = reader
            return True

    def give_back(self, book):
        if book not in self._desks:
            return False
        with self._at(book):
            reader, self._lent[book] = self._lent[book], None
            return reader is not None

    def books_of(self, reader):
        with self._at(*self._desks):
            return [book for book, who in self._lent.items() if who == reader]

    def swap(self, back, wanted, reader):
        if back == wanted or not self._desks.keys() >= {back, wanted}:
            return False
        with self._at(back, wanted):
            if self._lent[back] != reader or self._lent[wanted] is not None:
                return False
            self._lent[back], self._lent[wanted] = None, reader
            return True
