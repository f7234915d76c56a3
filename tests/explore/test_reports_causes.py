"""Two critical sections that ought to be one: the check in one, in another what it allows."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from controlled import failed


class Shop:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.left = 1
        self.sign: str | None = None
        self.hung = 0

    def sell(self) -> None:
        with self.lock:
            is_there = self.left > 0
        if is_there:
            with self.lock:
                self.left -= 1

    def sell_early(self) -> None:
        with self.lock:
            gone = self.left <= 0
        if gone:
            return
        with self.lock:
            self.left = self.left - 1

    def hang(self) -> None:
        with self.lock:
            missing = self.sign is None
        if missing:
            with self.lock:
                self.sign = "open"
                self.hung += 1

    def sell_after_a_second_look(self) -> None:
        with self.lock:
            is_there = self.left > -1
        if is_there:
            with self.lock:
                if self.left > -1:
                    self.left -= 1

    def sell_and_look(self) -> None:
        with self.lock:
            is_there = self.left > 0
        with self.lock:
            self.left -= 1
        assert is_there or self.left < 0

    def sell_the_many(self) -> None:
        with self.lock:
            is_there = self.left > -5
        if is_there:
            with self.lock:
                self.left -= 1


def told(how: Callable[[Shop], None], holds: Callable[[Shop], bool]) -> str:
    def scenario() -> None:
        shop = Shop()
        threads = [threading.Thread(target=how, args=(shop,), name=name) for name in "AB"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert holds(shop)

    error: Any = failed(scenario).error
    return str(error.report.cause)


@pytest.mark.parametrize(
    ("how", "holds", "name"),
    [
        (Shop.sell, lambda shop: shop.left == 0, "left"),
        (Shop.sell_early, lambda shop: shop.left == 0, "left"),
        (Shop.hang, lambda shop: shop.hung == 1, "sign"),
    ],
)
def test_a_check_that_another_has_overtaken_is_the_likely_cause(
    how: Callable[[Shop], None], holds: Callable[[Shop], bool], name: str
) -> None:
    cause = told(how, holds)
    assert f" read {name} at " in cause
    assert cause.endswith(": from the read to the write must be one critical section")


@pytest.mark.parametrize("how", [Shop.sell_after_a_second_look, Shop.sell_and_look, Shop.sell_the_many])
def test_a_check_that_has_another_answer_for_nobody_is_none(how: Callable[[Shop], None]) -> None:
    assert told(how, lambda shop: shop.left > 0) == ""
