"""Without a lock nothing hangs."""


class Library:
    def __init__(self, books):
        self._books = set(books)
        self._lent = {}

    def is_free(self, book):
        return book in self._books and book not in self._lent

    def borrow(self, book, reader):
        if not self.is_free(book):
            return False
        self._lent[book] = reader
        return True

    def give_back(self, book):
        if book not in self._lent:
            return False
        del self._lent[book]
        return True

    def books_of(self, reader):
        return sorted(book for book, who in list(self._lent.items()) if who == reader)

    def swap(self, back, wanted, reader):
        if self._lent.get(back) != reader or not self.is_free(wanted):
            return False
        self.give_back(back)
        self.borrow(wanted, reader)
        return True
