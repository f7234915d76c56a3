"""The librarian who waits for herself: this program hangs. Repair it; README.md says what it should do."""

import threading
from collections.abc import Iterable


class Library:
    """Books, each of which one reader at a time can have."""

    def __init__(self, books: Iterable[str]) -> None:
        """Begin with all books in the shelves."""
        self._lock = threading.Lock()
        self._books = set(books)
        self._lent: dict[str, str] = {}  # book: reader

    def is_free(self, book: str) -> bool:
        """Tell whether the book can be borrowed."""
        with self._lock:
            return book in self._books and book not in self._lent

    def borrow(self, book: str, reader: str) -> bool:
        """Lend the book if it is free; tell whether it was."""
        with self._lock:
            if not self.is_free(book):
                return False
            self._lent[book] = reader
            return True

    def give_back(self, book: str) -> bool:
        """Take the book back if somebody has it; tell whether somebody had."""
        self._lock.acquire()
        if book not in self._lent:
            return False
        del self._lent[book]
        self._lock.release()
        return True

    def books_of(self, reader: str) -> list[str]:
        """List the books that a reader has, in alphabetical order."""
        with self._lock:
            return sorted(book for book, who in self._lent.items() if who == reader)

    def swap(self, back: str, wanted: str, reader: str) -> bool:
        """Take one book back and lend another, as one step; tell whether it could be done."""
        with self._lock:
            if self._lent.get(back) != reader or not self.is_free(wanted):
                return False
            self.give_back(back)
            self.borrow(wanted, reader)
            return True
