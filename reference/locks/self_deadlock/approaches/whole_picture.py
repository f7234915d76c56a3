"""No thread changes what others see: it makes a new dictionary, and puts it in place in one step."""

from threading import Condition


class Library:
    def __init__(self, books):
        self._desk = Condition()
        self._books = frozenset(books)
        self._lent = {}

    def is_free(self, book):
        return book in self._books and book not in self._lent

    def books_of(self, reader):
        lent = self._lent
        return sorted(book for book in lent if lent[book] == reader)

    def borrow(self, book, reader):
        with self._desk:
            if self.is_free(book):
                self._lent = self._lent | {book: reader}
                return True
            return False

    def give_back(self, book):
        with self._desk:
            before = self._lent
            self._lent = {title: who for title, who in before.items() if title != book}
            return book in before

    def swap(self, back, wanted, reader):
        with self._desk:
            if self._lent.get(back) != reader or not self.is_free(wanted):
                return False
            lent = self._lent | {wanted: reader}
            del lent[back]
            self._lent = lent
            return True
