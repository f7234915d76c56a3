"""More that shows only to who looks closely: views, shadows, stars, finalisers, what a queue holds."""

import contextlib
import copy
import gc
import io
import logging
import operator
import os
import pickle
import queue
import sys
import threading
from collections import ChainMap, UserDict, deque
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from programs.program import together

from pytest_concurrency import explore
from pytest_concurrency._core.strategies.dpor import Dpor
from pytest_concurrency._machine import real

Read = Callable[[], Any]


def torn(write_one: Callable[[], Any], write_other: Callable[[], Any], read_one: Read, read_other: Read) -> None:
    """Two writes that are to be seen together or not at all: another task reads the one before and the other after."""
    before, seen = (read_one(), read_other()), []

    def write() -> None:
        write_one()
        write_other()

    def read() -> None:
        first = read_one()
        seen.append((first, read_other()))

    together(write, read)
    after = (read_one(), read_other())
    assert seen[0] in (before, after), seen


class Pair:
    """Two numbers that belong together."""

    shared = 0

    def __init__(self) -> None:
        self.left = self.right = 0


class Lower(Pair):
    """What shadows an attribute of the class above."""

    def told(self) -> str:
        return "lower"


def set_pair(pair: Any) -> tuple[Callable[[], Any], Callable[[], Any]]:
    def left() -> None:
        pair.left = 1

    def right() -> None:
        pair.right = 1

    return left, right


def formatted() -> None:
    pair = Pair()

    def words() -> str:
        return "{0.left}{0.right}".format(pair)  # noqa: UP032 # a method of text that looks into an object

    torn(*set_pair(pair), words, words)


def copied() -> None:
    pair = Pair()
    torn(*set_pair(pair), lambda: vars(copy.copy(pair)), lambda: None)


def pickled() -> None:
    pair = Pair()
    torn(*set_pair(pair), lambda: vars(pickle.loads(pickle.dumps(pair))), lambda: None)


def by_an_attrgetter() -> None:
    pair = Pair()
    torn(*set_pair(pair), lambda: operator.attrgetter("left", "right")(pair), lambda: None)


def in_a_user_dict() -> None:
    known: UserDict[str, int] = UserDict()

    def first() -> None:
        known["a"] = 1

    def second() -> None:
        known["b"] = 1

    torn(first, second, lambda: "a" in known, lambda: "b" in known)


def in_a_chain() -> None:
    known: ChainMap[str, int] = ChainMap({}, {})

    def first() -> None:
        known["a"] = 1

    def second() -> None:
        known["b"] = 1

    torn(first, second, lambda: "a" in known, lambda: "b" in known)


def in_the_environment() -> None:
    names = "PYTEST_CONCURRENCY_A", "PYTEST_CONCURRENCY_B"
    for name in names:
        os.environ.pop(name, None)

    def first() -> None:
        os.environ[names[0]] = "1"

    def second() -> None:
        os.environ[names[1]] = "1"

    torn(first, second, lambda: names[0] in os.environ, lambda: names[1] in os.environ)


def by_a_kept_view() -> None:
    known: dict[str, int] = {}
    keys = known.keys()
    torn(lambda: known.update(a=1), lambda: known.update(b=1), lambda: len(keys), lambda: len(keys))


def in_a_kept_view() -> None:
    known: dict[str, int] = {}
    keys = known.keys()
    torn(lambda: known.update(a=1), lambda: known.update(b=1), lambda: "a" in keys, lambda: "b" in keys)


def listed_from_a_kept_view() -> None:
    known: dict[str, int] = {}
    items = known.items()
    torn(lambda: known.update(a=1), lambda: known.update(b=1), lambda: list(items), lambda: list(items))


def written_through_a_memoryview() -> None:
    data = bytearray(2)
    view = memoryview(data)

    def first() -> None:
        view[0] = 1

    def second() -> None:
        view[1] = 1

    torn(first, second, lambda: data[0], lambda: data[1])


def read_through_a_memoryview() -> None:
    data = bytearray(2)
    view = memoryview(data)

    def first() -> None:
        data[0] = 1

    def second() -> None:
        data[1] = 1

    torn(first, second, lambda: view[0], lambda: view[1])


def waiters_of_a_condition() -> None:
    condition, seen = threading.Condition(), []

    def wait() -> None:
        with condition:
            condition.wait(1)

    def count() -> None:
        waiters: deque[Any] = condition._waiters  # type: ignore[attr-defined]
        first = len(waiters)
        seen.append((first, len(condition._waiters)))  # type: ignore[attr-defined]

    together(wait, count)
    assert seen != [(0, 1)]


def value_of_a_semaphore() -> None:
    permits = threading.Semaphore(2)
    torn(permits.acquire, permits.acquire, lambda: permits._value, lambda: permits._value)


def tasks_of_a_queue() -> None:
    jobs: queue.Queue[int] = queue.Queue()
    torn(lambda: jobs.put(1), lambda: jobs.put(2), lambda: jobs.unfinished_tasks, lambda: jobs.unfinished_tasks)


def flag_of_an_event() -> None:
    event = threading.Event()
    torn(event.set, event.set, lambda: event._flag, lambda: (event._flag, 0)[1])  # type: ignore[attr-defined]
    assert event.is_set()
    event.clear()
    seen: list[tuple[bool, bool]] = []

    def look() -> None:
        first = event._flag  # type: ignore[attr-defined]
        seen.append((first, event._flag))  # type: ignore[attr-defined]

    together(event.set, look)
    assert seen != [(False, True)]


def counted_threads() -> None:
    seen: list[int] = []

    def count() -> None:
        seen.append(threading.active_count())

    together(count, count)
    assert len(set(seen)) == 1


def shadowed_in_a_subclass() -> None:
    Pair.shared = 0
    if "shared" in vars(Lower):
        del Lower.shared

    def lower() -> None:
        Lower.shared = 1

    torn(lower, lambda: None, lambda: Lower.shared, lambda: Lower.shared)
    seen: list[tuple[int, int]] = []
    del Lower.shared

    def read() -> None:
        first = Lower.shared
        seen.append((first, Lower().shared))

    together(lower, read)
    assert seen != [(0, 1)]


def another_method_of_one_instance() -> None:
    thing, seen = Lower(), []

    def swap() -> None:
        thing.told = lambda: "own"  # type: ignore[method-assign]

    def ask() -> None:
        first = thing.told()
        seen.append((first, thing.told()))

    together(swap, ask)
    assert seen != [("lower", "own")]


def passed_with_a_star() -> None:
    items: list[int] = []

    def count(*given: int) -> int:
        return len(given)

    torn(lambda: items.append(1), lambda: items.append(2), lambda: count(*items), lambda: count(*items))


def passed_with_a_star_from_a_call() -> None:
    items: list[int] = []

    def get() -> list[int]:
        return items

    def count(*given: int) -> int:
        return len(given)

    torn(lambda: items.append(1), lambda: items.append(2), lambda: count(*get()), lambda: count(*get()))


def counted_of_a_call() -> None:
    items: list[int] = []

    def get() -> list[int]:
        return items

    torn(lambda: items.append(1), lambda: items.append(2), lambda: len(get()), lambda: len(get()))


def found_in_a_call() -> None:
    items: list[int] = []

    def get() -> list[int]:
        return items

    torn(lambda: items.append(1), lambda: items.append(2), lambda: 1 in get(), lambda: 2 in get())


def tested_by_an_and() -> None:
    items: list[int] = []
    torn(lambda: items.append(1), lambda: None, lambda: items and 1, lambda: items and 1)
    items.clear()
    seen: list[tuple[object, object]] = []

    def look() -> None:
        first = items and 1
        seen.append((first, items and 1))

    together(lambda: items.append(1), look)
    assert seen != [([], 1)]


def tested_of_a_call() -> None:
    items, seen = list[int](), list[tuple[object, object]]()

    def get() -> list[int]:
        return items

    def look() -> None:
        first = get() or 0
        seen.append((first, bool(get())))

    together(lambda: items.append(1), look)
    assert seen != [(0, True)]


def asked_of_a_call() -> None:
    items, seen = list[int](), list[bool]()

    def get() -> list[int]:
        return items

    def look() -> None:
        if get():
            seen.append(True)
        seen.append(len(items) > 0)

    together(lambda: items.append(1), look)
    assert seen != [True]


def set_in_what_a_call_gives() -> None:
    pair, seen = Pair(), list[tuple[object, object]]()

    def get() -> Pair:
        return pair

    def write() -> None:
        setattr(get(), "left", "right")  # noqa: B010 # a text that could be taken for the name
        setattr(get(), "right", "left")  # noqa: B010

    def read() -> None:
        left = pair.left
        seen.append((left, pair.right))

    together(write, read)
    assert seen != [(0, "left")]


def counted_by_a_finaliser() -> None:
    class Ending:
        ended = 0

        def __del__(self) -> None:
            Ending.ended += 1

    def end() -> None:
        Ending()

    together(end, end)
    gc.collect()
    assert Ending.ended == 2


def imported_late() -> None:
    sys.modules.pop("colorsys", None)
    seen: list[tuple[bool, bool]] = []

    def use() -> None:
        import colorsys  # noqa: F401

    def look() -> None:
        first = "colorsys" in sys.modules
        seen.append((first, "colorsys" in sys.modules))

    together(use, look)
    assert seen != [(False, True)]


def deleted() -> None:
    known = {"a": 1, "b": 1}

    def first() -> None:
        del known["a"]

    def second() -> None:
        del known["b"]

    torn(first, second, lambda: len(known), lambda: len(known))


def traced_by_itself() -> None:
    pair, seen = Pair(), []

    def write() -> None:
        pair.left = 1
        pair.right = 1

    def read() -> None:
        sys.settrace(None)
        left = pair.left
        seen.append((left, pair.right))

    together(write, read)
    assert seen != [(0, 1)]


def profiled_by_itself() -> None:
    pair, seen = Pair(), []

    def write() -> None:
        pair.left = 1
        pair.right = 1

    def read() -> None:
        sys.setprofile(lambda *_: None)
        left = pair.left
        seen.append((left, pair.right))
        sys.setprofile(None)

    together(write, read)
    assert seen != [(0, 1)]


def a_level_that_is_raised() -> None:
    logger = logging.Logger("own")
    logger.setLevel(10)

    def louder() -> None:
        logger.setLevel(logger.level + 1)

    together(louder, louder)
    assert logger.level == 12


def a_handler_that_is_missing() -> None:
    logger = logging.Logger("own")

    def configure() -> None:
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())

    together(configure, configure)
    assert len(logger.handlers) == 1


def an_output_that_is_redirected() -> None:
    before = sys.stdout

    def redirect() -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            pass

    together(redirect, redirect)
    after, sys.stdout = sys.stdout, before
    assert after is before


def done_by_a_stack() -> None:
    done: list[int] = []

    def once() -> None:
        if not done:
            with contextlib.ExitStack() as stack:
                stack.callback(done.append, 1)

    together(once, once)
    assert done == [1]


def entered_by_a_stack() -> None:
    before = sys.stdout

    def redirect() -> None:
        with contextlib.ExitStack() as stack:
            stack.enter_context(contextlib.redirect_stdout(io.StringIO()))

    together(redirect, redirect)
    after, sys.stdout = sys.stdout, before
    assert after is before


WRONG = [
    formatted, copied, pickled, by_an_attrgetter, in_a_user_dict, in_a_chain, in_the_environment, by_a_kept_view,
    in_a_kept_view, listed_from_a_kept_view, written_through_a_memoryview, read_through_a_memoryview,
    waiters_of_a_condition, value_of_a_semaphore, tasks_of_a_queue, flag_of_an_event, counted_threads,
    shadowed_in_a_subclass, another_method_of_one_instance, passed_with_a_star, passed_with_a_star_from_a_call,
    counted_of_a_call, found_in_a_call, tested_by_an_and, tested_of_a_call, asked_of_a_call, set_in_what_a_call_gives,
    counted_by_a_finaliser, imported_late, deleted, traced_by_itself, profiled_by_itself,
    a_level_that_is_raised, a_handler_that_is_missing, an_output_that_is_redirected, done_by_a_stack,
    entered_by_a_stack,
]  # fmt: skip


@pytest.mark.parametrize("scenario", WRONG, ids=lambda each: each.__name__)
def test_it_is_not_proved(scenario: Callable[[], Any]) -> None:
    verdict = explore(scenario, strategy="dpor", schedules=200, seconds=5)
    assert verdict.grade in ("failed", "sampled"), str(verdict)


def quiet_names() -> str:
    return threading.current_thread().name


def own_views() -> int:
    known = {"a": 1}
    return len(known.keys()) + len(memoryview(b"a"))


def words_of_numbers() -> str:
    return "{}".format(1) + "%s %d" % ("a", 1)  # noqa: UP031, UP032 # as it is written here matters


def own_answers() -> int:
    items = [1]

    def is_full() -> bool:
        return len(items) > 3

    def pick() -> int | None:
        return items[0] if is_full() else None

    return 1 if is_full() or (pick() and not is_full()) else 2


def own_star() -> int:
    items = [1, 2]
    return max(*items)


def loaded_long_ago() -> object:
    import threading

    return threading


@pytest.mark.parametrize(
    "work",
    [quiet_names, own_views, words_of_numbers, own_star, own_answers, loaded_long_ago],
    ids=lambda each: each.__name__,
)
def test_what_is_quiet_or_ones_own_is_proved(work: Callable[[], Any]) -> None:
    verdict = explore(lambda: together(work, work), strategy="dpor", schedules=200)
    assert verdict.grade == "proved", str(verdict)


def test_taking_a_lock_that_is_no_double_is_a_place_to_switch() -> None:
    lock = real.allocate_lock()

    def work() -> None:
        with lock:
            pass

    search = Dpor()
    explore(lambda: together(work, work), strategy=search)
    assert search.completed == 2


def test_a_manager_whose_code_is_not_watched_is_no_proof() -> None:
    space: dict[str, Any] = {}
    text = (
        "class Count:\n    def __init__(self):\n        self.n = 0\n"
        "    def __enter__(self):\n        self.n += 1\n    def __exit__(self, *_):\n        pass\n"
    )
    exec(compile(text, "/somewhere/else.py", "exec"), space)
    count = space["Count"]()

    def enter() -> None:
        with count:
            pass

    verdict = explore(lambda: together(enter, enter), strategy="dpor")
    assert verdict.grade == "sampled", str(verdict)


def test_managers_that_touch_only_themselves_are_proved() -> None:
    @contextlib.contextmanager
    def nothing() -> Iterator[None]:
        yield

    def work() -> None:
        with nothing(), contextlib.suppress(KeyError), contextlib.ExitStack() as stack, threading.Lock():
            stack.callback(quiet_names)

    verdict = explore(lambda: together(work, work), strategy="dpor")
    assert verdict.grade == "proved", str(verdict)
