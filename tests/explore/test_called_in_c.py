"""Functions in C that are called by something else than a call in the source: seen, or nothing is proved."""

import contextvars
import queue
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from explore.pairs import Pair, Program, tasks, threads

from pytest_concurrency import Grade, explore

PROGRAMS: dict[str, Program] = {}
OF_THREADS: dict[str, Program] = {}


def program(make: Program) -> Program:
    PROGRAMS[make.__name__] = make
    return make


def of_threads(make: Program) -> Program:
    """Add a program that waits where tasks of a loop must not."""
    OF_THREADS[make.__name__] = make
    return make


@program
def a_size() -> Pair:
    words = [1]

    class Thing:
        __len__ = words.pop

    return lambda: len(Thing()), lambda: len(words)


@program
def a_sum() -> Pair:
    words: list[object] = []

    class Thing:
        __add__ = words.append

    return lambda: Thing() + 1, lambda: len(words)


@program
def an_item() -> Pair:
    words = {"a": 1}

    class Thing:
        __getitem__ = words.pop

    return lambda: Thing()["a"], lambda: len(words)


@program
def an_absolute_value() -> Pair:
    words = [1]

    class Thing:
        __abs__ = words.pop

    return lambda: abs(Thing()), lambda: len(words)


@program
def a_manager() -> Pair:
    words: list[object] = []

    class Thing:
        __enter__ = words.clear
        __exit__ = words.append

    def write() -> None:
        try:
            with Thing():  # type: ignore[call-arg] # it takes one
                pass
        except TypeError:
            words.append(1)

    return write, lambda: len(words)


WORDS: list[object] = []


class Kept:
    """Its operator was there before the scenario."""

    __neg__ = WORDS.append


@program
def an_operator_that_was_there_before() -> Pair:
    WORDS.clear()

    def write() -> None:
        try:
            -Kept()  # type: ignore[call-arg] # it takes one
        except TypeError:
            WORDS.append(1)

    return write, lambda: len(WORDS)


@program
def an_unpacked_iterator() -> Pair:
    rows = [1]
    walk = iter(rows)
    return lambda: rows.append(2), lambda: number_of(*walk)


def number_of(*given: object) -> int:
    return len(given)


@program
def the_context_of_a_function() -> Pair:
    words: list[object] = []
    context = contextvars.copy_context()
    return lambda: context.run(words.append, 1), lambda: len(words)


@program
def a_function_of_a_database() -> Pair:
    words: list[object] = []
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.create_function("note", 1, words.append)
    return lambda: connection.execute("select note(1)").fetchall(), lambda: len(words)


@program
def a_stream_that_is_printed_to() -> Pair:
    words: list[object] = []

    class Stream:
        write = words.append

    stream: Any = Stream()
    return lambda: print("a", file=stream), lambda: len(words)


@of_threads
def the_action_of_a_barrier() -> Pair:
    words: list[object] = []
    barrier = threading.Barrier(1, action=partial(words.append, 1))
    return barrier.wait, lambda: len(words)


@of_threads
def what_each_thread_of_a_pool_does_first() -> Pair:
    words: list[object] = []

    def write() -> None:
        with ThreadPoolExecutor(1, initializer=words.append, initargs=(1,)) as pool:
            pool.submit(int).result()

    return write, lambda: len(words)


@of_threads
def arguments_of_a_thread_that_change() -> Pair:
    arguments, seen = [1], list[object]()

    def write() -> None:
        thread = threading.Thread(target=seen.append, args=arguments)
        arguments[0] = 2
        thread.start()
        thread.join()

    def read() -> object:
        arguments[0] = 3
        return list(seen)

    return write, read


@of_threads
def the_run_of_a_class_of_threads() -> Pair:
    words = [1]

    class Clearing(threading.Thread):
        run = words.clear

    def write() -> None:
        thread = Clearing()
        thread.start()
        thread.join()

    return write, lambda: len(words)


@of_threads
def a_target_that_is_called_directly() -> Pair:
    words: list[object] = []
    thread = threading.Thread(target=words.append, args=(1,))
    return thread.run, lambda: len(words)


@of_threads
def items_that_a_queue_compares() -> Pair:
    @dataclass(order=True)
    class Item:
        x: int

    waiting, item = queue.PriorityQueue[Item](), Item(2)
    waiting.put(item)

    def read() -> int:
        waiting.put(Item(1))
        return waiting.get().x

    return lambda: setattr(item, "x", 0), read


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("make", (PROGRAMS | OF_THREADS).values(), ids=PROGRAMS | OF_THREADS)
def test_threads_see_both_or_nothing_is_proved(make: Program) -> None:
    verdict = explore(threads(make), strategy="dpor", stop_on_failure=False)
    assert verdict.grade is Grade.SAMPLED or len(verdict.outcomes) > 1, verdict


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("make", PROGRAMS.values(), ids=PROGRAMS)
def test_tasks_see_both_or_nothing_is_proved(make: Program) -> None:
    verdict = explore(tasks(make), strategy="dpor", order="any", stop_on_failure=False)
    assert verdict.grade is Grade.SAMPLED or len(verdict.outcomes) > 1, verdict
