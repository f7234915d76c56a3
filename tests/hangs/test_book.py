"""The book in which plain tests stand: who a thread is."""

import threading
from collections.abc import Callable

import pytest

from pytest_concurrency._hangs import book
from pytest_concurrency._machine import real


def in_a_thread(function: Callable[[], object]) -> list[object]:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found


def test_a_thread_is_one_whoever_asks() -> None:
    def asks() -> tuple[bool, int]:
        return book.mine.mark is book.mine.mark, book.mine.mark - threading.get_ident()

    assert in_a_thread(asks) == [(True, 0)]


def test_a_finaliser_may_ask_in_the_midst_of_the_first_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[book.Mark] = []

    def get_ident() -> int:
        if not asked:
            asked.append(book.Mark(0))
            asked[0] = book.mine.mark  # as a finaliser does that takes a lock
        return threading.get_ident()

    def asks() -> bool:
        del book.mine.mark  # of the start of the thread
        monkeypatch.setattr(real, "get_ident", get_ident)
        try:
            return book.mine.mark is asked[0]
        finally:
            monkeypatch.undo()

    assert in_a_thread(asks) == [True]
