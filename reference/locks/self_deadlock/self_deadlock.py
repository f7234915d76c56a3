"""The librarian who waits for herself: the repaired program.

Public methods take the lock and call private ones, which expect it to be held and never take it. So
no thread asks for a lock that it has, and a plain Lock is enough; whoever breaks the rule hears of it at
the first try. `with` stands where `acquire` and `release` stood, and leaves the desk on every way out.
An RLock would have been a repair of one word, and right as well.
"""

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
            return self._is_free(book)

    def borrow(self, book: str, reader: str) -> bool:
        """Lend the book if it is free; tell whether it was."""
        with self._lock:
            return self._borrow(book, reader)

    def give_back(self, book: str) -> bool:
        """Take the book back if somebody has it; tell whether somebody had."""
        with self._lock:
            return self._lent.pop(book, None) is not None

    def books_of(self, reader: str) -> list[str]:
        """List the books that a reader has, in alphabetical order."""
        with self._lock:
            return sorted(book for book, who in self._lent.items() if who == reader)

    def swap(self, back: str, wanted: str, reader: str) -> bool:
        """Take one book back and lend another, as one step; tell whether it could be done."""
        with self._lock:
            if self._lent.get(back) != reader or not self._borrow(wanted, reader):
                return False
            del self._lent[back]
            return True

    def _is_free(self, book: str) -> bool:
        return book in self._books and book not in self._lent

    def _borrow(self, book: str, reader: str) -> bool:
        if not self._is_free(book):
            return False
        self._lent[book] = reader
        return True
