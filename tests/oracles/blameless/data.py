"""Data that threads share rightly."""

import collections
import contextvars
import functools
import itertools
import logging
import threading
import weakref
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

from .corpus import Box, together


def counter_under_a_lock() -> None:
    lock, box = threading.Lock(), Box()

    def add() -> None:
        with lock:
            box.n += 1

    together(add, add)
    assert box.n == 2


def the_same_flag_from_both() -> None:
    box = Box(found=False)

    def find() -> None:
        box.found = True

    together(find, find)
    assert box.found


def atomic_appends_returned() -> list[int]:
    seen: list[int] = []
    together(lambda: seen.append(1), lambda: seen.append(2))
    assert sorted(seen) == [1, 2]
    return seen


def setdefault_is_one_step() -> None:
    shelf: dict[str, list[int]] = {}
    together(lambda: shelf.setdefault("a", []).append(1), lambda: shelf.setdefault("a", []).append(2))
    assert sorted(shelf["a"]) == [1, 2]


def double_checked_under_a_lock() -> None:
    lock, box, made = threading.Lock(), Box(one=None), []

    def get() -> Any:
        if box.one is None:
            with lock:
                if box.one is None:
                    made.append(1)
                    box.one = object()
        return box.one

    together(get, get)
    assert made == [1]


def snapshot_swapped_whole() -> None:
    box = Box(rates=MappingProxyType({"a": 1, "b": 1}))

    def update() -> None:
        box.rates = MappingProxyType({"a": 2, "b": 2})

    def read() -> None:
        rates = box.rates
        assert rates["a"] == rates["b"]

    together(update, read)


def length_beside_a_whole_replacement() -> None:
    box = Box(items=[1, 2])

    def replace() -> None:
        box.items = [1, 2, 3]

    def count() -> None:
        assert len(box.items) in (2, 3)

    together(replace, count)


def a_slot_for_each() -> None:
    squares = [0, 0, 0]

    def square(at: int) -> None:
        squares[at] = at * at

    together(*(functools.partial(square, at) for at in range(3)))
    assert squares == [0, 1, 4]


def a_key_for_each() -> None:
    found: dict[str, int] = {}

    def look(name: str) -> None:
        found[name] = len(name)

    together(lambda: look("a"), lambda: look("bb"))
    assert found == {"a": 1, "bb": 2}


def an_attribute_for_each() -> None:
    box = Box(left=0, right=0)

    def one() -> None:
        box.left += 1

    def two() -> None:
        box.right += 1

    together(one, two)
    assert (box.left, box.right) == (1, 1)


def numbers_from_one_count() -> None:
    numbers, mine = itertools.count(), [[], []]  # type: ignore[var-annotated]
    together(lambda: mine[0].append(next(numbers)), lambda: mine[1].append(next(numbers)))
    assert sorted([*mine[0], *mine[1]]) == [0, 1]


def jobs_popped_until_there_are_none() -> None:
    jobs, done = [1, 2, 3], []

    def work() -> None:
        while True:
            try:
                job = jobs.pop()
            except IndexError:
                return
            done.append(job)

    together(work, work)
    assert sorted(done) == [1, 2, 3]


def a_deque_at_both_ends() -> None:
    line = collections.deque([1, 2, 3])
    taken: list[int] = []
    together(lambda: taken.append(line.popleft()), lambda: taken.append(line.pop()))
    assert sorted([*taken, *line]) == [1, 2, 3]


def a_set_of_what_was_seen() -> None:
    seen: set[int] = set()
    together(lambda: seen.add(1), lambda: seen.add(2))
    assert seen == {1, 2}


def each_its_own_local() -> None:
    own = threading.local()

    def work() -> None:
        own.n = 0
        for _ in range(2):
            own.n += 1
        assert own.n == 2

    together(work, work)


def each_its_own_context() -> None:
    user: contextvars.ContextVar[str] = contextvars.ContextVar("user", default="nobody")

    def work(name: str) -> None:
        user.set(name)
        assert user.get() == name

    together(lambda: contextvars.copy_context().run(work, "ann"), lambda: contextvars.copy_context().run(work, "ben"))


def locals_of_separate_calls() -> None:
    def work() -> None:
        count = 0

        def add() -> None:
            nonlocal count
            count += 1

        add()
        add()
        assert count == 2

    together(work, work)


def set_before_the_start_read_after_the_join() -> None:
    box = Box(given=3)

    def work() -> None:
        box.taken = box.given + 1

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert box.taken == 4


def a_list_copied_on_write() -> None:
    lock, box = threading.Lock(), Box(listeners=())

    def subscribe(name: str) -> None:
        with lock:
            box.listeners = (*box.listeners, name)

    def tell() -> None:
        for name in box.listeners:
            assert name in "ab"

    together(lambda: subscribe("a"), lambda: subscribe("b"), tell)
    assert set(box.listeners) == {"a", "b"}


def a_generator_under_a_lock() -> None:
    def numbers() -> Iterator[int]:
        yield from range(4)

    lock, shared, mine = threading.Lock(), numbers(), []

    def take() -> None:
        with lock:
            mine.append(next(shared))

    together(take, take)
    assert mine == [0, 1]


def a_memo_under_a_lock() -> None:
    lock, memo, calls = threading.Lock(), {}, []

    def squared(n: int) -> int:
        with lock:
            if n not in memo:
                calls.append(n)
                memo[n] = n * n
            return memo[n]

    together(lambda: squared(3), lambda: squared(3))
    assert (memo, calls) == ({3: 9}, [3])


def a_cache_that_may_compute_twice() -> None:
    @functools.lru_cache
    def squared(n: int) -> int:
        return n * n

    together(lambda: squared(3), lambda: squared(3))
    assert squared(3) == 9


def a_weak_set_under_a_lock() -> None:
    lock, known, kept = threading.Lock(), weakref.WeakSet(), [Box(), Box()]  # type: ignore[var-annotated]

    def add(at: int) -> None:
        with lock:
            known.add(kept[at])

    together(lambda: add(0), lambda: add(1))
    assert len(known) == 2


def a_stack_that_is_a_monitor() -> None:
    class Stack:
        def __init__(self) -> None:
            self._lock = threading.RLock()
            self._items: list[int] = []

        def push(self, item: int) -> None:
            with self._lock:
                self._items.append(item)

        def pop(self) -> int | None:
            with self._lock:
                return self._items.pop() if self._items else None

        def swap(self) -> None:
            with self._lock:
                one, two = self.pop(), self.pop()
                for each in (one, two):
                    if each is not None:
                        self.push(each)

    stack = Stack()
    together(lambda: stack.push(1), stack.swap, lambda: stack.push(2))
    assert sorted([stack.pop() or 0, stack.pop() or 0]) == [1, 2]


def a_log_from_both() -> None:
    logger = logging.getLogger("blameless")
    together(lambda: logger.debug("one"), lambda: logger.debug("two"))


def an_error_that_the_thread_catches() -> None:
    caught: list[str] = []

    def deep() -> None:
        def again() -> None:
            again()

        try:
            again()
        except RecursionError as error:
            caught.append(type(error).__name__)

    together(deep, lambda: None)
    assert caught == ["RecursionError"]


def a_result_that_cannot_be_shown() -> object:
    class Shy:
        def __repr__(self) -> str:
            raise ValueError("no")

    box = Box()
    together(lambda: setattr(box, "left", 1), lambda: setattr(box, "right", 2))
    return Shy()
