"""Tiny programs over shared data, with every outcome that they can have.

The outcomes are worked out by hand for steps as fine as the design has them: each access to an
attribute, an item, a slice, a global or a closure variable, each iteration step and each call of a
C function on a mutable object (making an iterator included) is one step, and nothing else is.
"""

import threading

from .program import Box, Program, Scenario, together

_number = 0


def attribute_twice() -> object:
    """Two in-place additions."""
    shared = Box()

    def work() -> None:
        shared.x += 1

    together(work, work)
    return shared.x


def attribute_three_times() -> object:
    """Three in-place additions."""
    shared = Box()

    def work() -> None:
        shared.x += 1

    together(work, work, work)
    return shared.x


def add_and_double() -> object:
    """Two updates that do not commute, of a closure variable."""
    number = 1

    def add() -> None:
        nonlocal number
        number += 3

    def double() -> None:
        nonlocal number
        number *= 2

    together(add, double)
    return number


def global_twice() -> object:
    """Two in-place additions to a global."""
    global _number
    _number = 0

    def work() -> None:
        global _number
        _number += 1

    together(work, work)
    return _number


def store_buffer() -> object:
    """Each writes its own and reads the other's: not both can see nothing."""
    shared, got = Box(), Box()

    def one() -> None:
        shared.x = 1
        got.first = shared.y

    def other() -> None:
        shared.y = 1
        got.second = shared.x

    together(one, other)
    return got.first, got.second


def message_passing() -> object:
    """Whoever sees the second write sees the first."""
    shared, got = Box(), Box()

    def write() -> None:
        shared.x = 1
        shared.y = 1

    def read() -> None:
        got.first = shared.y
        got.second = shared.x

    together(write, read)
    return got.first, got.second


def independent() -> object:
    """Nothing in common: one outcome."""
    shared = Box()

    def one() -> None:
        shared.x = 1
        shared.x += 1

    def other() -> None:
        shared.y = 1
        shared.y += 1

    together(one, other)
    return shared.x, shared.y


def swap_twice() -> object:
    """Two swaps by unpacking: swapped twice, once, or one value is lost."""
    shared = Box(x=1, y=2)

    def work() -> None:
        shared.x, shared.y = shared.y, shared.x

    together(work, work)
    return shared.x, shared.y


def attribute_deleted() -> object:
    """Asked and then read, while another task deletes it."""
    shared, got = Box(x=1), Box()

    def read() -> None:
        if hasattr(shared, "x"):
            try:
                got.first = shared.x
            except AttributeError:
                got.first = "gone"

    def delete() -> None:
        del shared.x

    together(read, delete)
    return got.first


def three_writers() -> object:
    """The last of three writes stays; a fourth task is not needed to tell."""
    shared = Box()

    def write(number: int) -> None:
        shared.x = number

    together(lambda: write(1), lambda: write(2), lambda: write(3))
    return shared.x


def chain_of_three() -> object:
    """Each copies what the one before it has written."""
    shared = Box()
    cells = [0, 0]

    def first() -> None:
        shared.x = 1

    def second() -> None:
        cells[0] = shared.x

    def third() -> None:
        cells[1] = cells[0]

    together(first, second, third)
    return tuple(cells)


def starter_writes_too() -> object:
    """The main thread goes on after `start`."""
    shared, got = Box(x=1), Box()

    def work() -> None:
        got.first = shared.x

    worker = threading.Thread(target=work)
    worker.start()
    shared.x = 2
    worker.join()
    return got.first


def _small(scenario: Scenario, threads: int, *outcomes: object) -> Program:
    return Program(scenario.__name__, scenario, threads, "small", outcomes=outcomes)


PROGRAMS = (
    _small(attribute_twice, 2, 1, 2),
    _small(attribute_three_times, 3, 1, 2, 3),
    _small(add_and_double, 2, 8, 5, 4, 2),
    _small(global_twice, 2, 1, 2),
    _small(store_buffer, 2, (0, 1), (1, 0), (1, 1)),
    _small(message_passing, 2, (0, 0), (0, 1), (1, 1)),
    _small(independent, 2, (2, 2)),
    _small(swap_twice, 2, (1, 2), (2, 1), (2, 2)),
    _small(attribute_deleted, 2, None, 1, "gone"),
    _small(three_writers, 3, 1, 2, 3),
    _small(chain_of_three, 3, (0, 0), (1, 0), (1, 1)),
    _small(starter_writes_too, 1, 1, 2),
)
