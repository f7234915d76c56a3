"""The table of what is seen: a program for each row, so that no row says more than is so."""

import array
import asyncio
import atexit
import collections
import contextlib
import decimal
import io
import itertools
import logging
import multiprocessing
import os
import queue
import random
import select
import socket
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gevent  # type: ignore[import-untyped]
import pytest

from pytest_concurrency import explore
from pytest_concurrency._core.verdict import Grade

TABLE = Path(__file__).parent.parent / "docs" / "what-is-seen.md"
COUNT = 0
SURVIVES: list[int] = []
PROGRAMS: dict[str, tuple[Callable[[], Any], set[str]]] = {}


class Box:
    n = 0


class Slotted:
    __slots__ = ("n",)

    def __init__(self) -> None:
        self.n = 0


class Proper:
    def __init__(self) -> None:
        self._n = 0

    @property
    def n(self) -> int:
        return self._n

    @n.setter
    def n(self, value: int) -> None:
        self._n = value


@dataclass
class Point:
    x: int


class Gone:
    def __init__(self, told: list[str]) -> None:
        self.told = told

    def __del__(self) -> None:
        self.told.append("gone")


def side_by_side(*bodies: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=body) for body in bodies]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def row(text: str, *outcomes: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register the program of a row, with every outcome that it can have."""

    def keep(scenario: Callable[[], Any]) -> Callable[[], Any]:
        PROGRAMS[text] = (scenario, set(outcomes))
        return scenario

    return keep


def counted(thing: Any) -> int:
    def add() -> None:
        thing.n += 1

    side_by_side(add, add)
    return int(thing.n)


@row("an attribute is read and written", "1", "2")
def attribute() -> int:
    return counted(Box())


@row("an attribute in `__slots__`", "1", "2")
def slotted() -> int:
    return counted(Slotted())


@row("a property: its code is watched like any other", "1", "2")
def proper() -> int:
    return counted(Proper())


@row("a global variable", "1", "2")
def global_variable() -> int:
    global COUNT
    COUNT = 0

    def add() -> None:
        global COUNT
        COUNT += 1

    side_by_side(add, add)
    return COUNT


@row("a closure variable", "1", "2")
def closure() -> int:
    count = 0

    def add() -> None:
        nonlocal count
        count += 1

    side_by_side(add, add)
    return count


@row("the same item of a list", "[1]", "[2]")
def same_item() -> list[int]:
    slots = [0]

    def add() -> None:
        slots[0] += 1

    side_by_side(add, add)
    return slots


@row("different items of a list: they are apart", "[1, 1]")
def other_items() -> list[int]:
    slots = [0, 0]

    def first() -> None:
        slots[0] += 1

    def second() -> None:
        slots[1] += 1

    side_by_side(first, second)
    return slots


@row("different keys of a dictionary that are there: they are apart", "{'a': 1, 'b': 1}")
def other_keys() -> dict[str, int]:
    slots = {"a": 0, "b": 0}

    def first() -> None:
        slots["a"] += 1

    def second() -> None:
        slots["b"] += 1

    side_by_side(first, second)
    return slots


@row("new keys of a dictionary: their order shows", "['a', 'b']", "['b', 'a']")
def new_keys() -> list[str]:
    slots: dict[str, int] = {}

    def first() -> None:
        slots["a"] = 1

    def second() -> None:
        slots["b"] = 1

    side_by_side(first, second)
    return list(slots)


@row("a list is read whole beside a write to an item", "[0]", "[1]")
def whole() -> list[int]:
    slots, seen = [0], []

    def write() -> None:
        slots[0] = 1

    def read() -> None:
        seen.append(sum(slots))

    side_by_side(write, read)
    return seen


@row("a list is iterated over beside an append", "[1]", "[1, 2]")
def iterated() -> list[int]:
    values, seen = [1], []

    def read() -> None:
        for each in values:
            seen.append(each)

    def write() -> None:
        values.append(2)

    side_by_side(read, write)
    return seen


@row("a generator is advanced", "[[0], [1]]", "[[1], [0]]", "[[0], ['ValueError']]", "[['ValueError'], [0]]")
def generator() -> list[list[Any]]:
    def numbers() -> Iterator[int]:
        yield from (0, 1)

    shared, told = numbers(), [[], []]  # type: ignore[var-annotated]

    def take(at: int) -> None:
        try:
            told[at].append(next(shared))
        except ValueError as error:
            told[at].append(type(error).__name__)

    side_by_side(lambda: take(0), lambda: take(1))
    return told


@row("a lock around both", "2")
def locked() -> int:
    lock, box = threading.Lock(), Box()

    def add() -> None:
        with lock:
            box.n += 1

    side_by_side(add, add)
    return box.n


@row("an event is set and awaited: one order for both", "1")
def event() -> int:
    ready, box = threading.Event(), Box()

    def write() -> None:
        box.n = 1
        ready.set()

    seen = []

    def read() -> None:
        ready.wait()
        seen.append(box.n)

    side_by_side(write, read)
    return seen[0]


@row("a condition is notified and awaited", "1")
def condition() -> int:
    ready, box = threading.Condition(), Box()

    def write() -> None:
        with ready:
            box.n = 1
            ready.notify()

    def read() -> None:
        with ready:
            while not box.n:
                ready.wait()

    side_by_side(write, read)
    return box.n


@row("a queue is filled and emptied", "[1]")
def filled() -> list[int]:
    line: queue.Queue[int] = queue.Queue()
    seen: list[int] = []

    def put() -> None:
        line.put(1)

    def get() -> None:
        seen.append(line.get())

    side_by_side(put, get)
    return seen


@row("a wait whose time-out never came")
def in_time() -> None:
    ready = threading.Event()
    side_by_side(ready.set, lambda: ready.wait(30))


@row("an import in a task: no switch inside")
def importing() -> None:
    def load() -> None:
        import colorsys  # noqa: F401

    sys.modules.pop("colorsys", None)
    side_by_side(load, load)


@row("a `__del__` that changes what others know: no switch inside")
def finaliser() -> list[str]:
    told: list[str] = []
    shelf = [Gone(told)]

    def drop() -> None:
        shelf.clear()

    def tell() -> None:
        told.append("told")

    side_by_side(drop, tell)
    return told


@row("state that survives a schedule, and lets the next go differently")
def surviving() -> int:
    box = Box()

    def look() -> None:
        if not SURVIVES:
            box.n += 1

    side_by_side(look, look)
    SURVIVES.append(1)
    return 0


@row("a wait outside the run, for a pipe of the system")
def outside() -> None:
    reader, writer = os.pipe()
    began = threading.Event()

    def read() -> None:
        began.set()
        os.read(reader, 1)
        os.close(reader)

    def write() -> None:
        began.wait()
        os.write(writer, b"x")
        os.close(writer)

    side_by_side(read, write)


@row("a set is added to and looked in", "[False, {1}]", "[True, {1}]")
def a_set() -> list[Any]:
    found: set[int] = set()
    seen = []
    side_by_side(lambda: found.add(1), lambda: seen.append(1 in found))
    return [*seen, found]


@row("a deque is appended to and popped from", "[None, 1]", "[1]")
def a_deque() -> list[Any]:
    line: collections.deque[int] = collections.deque()
    taken: list[Any] = []
    side_by_side(lambda: line.append(1), lambda: taken.append(line.pop() if line else None))
    return [*taken, *line]


@row("an f-string, a `print` to a shared stream", "['0']", "['1']")
def a_text() -> list[str]:
    box, out = Box(), io.StringIO()

    def write() -> None:
        box.n = 1

    side_by_side(write, lambda: print(f"{box.n}", end="", file=out))
    return [out.getvalue()]


@row("operators of a class that are functions in C of something else: `__len__ = words.pop`")
def a_given_operator() -> list[int]:
    words, seen = [1], list[int]()

    class Thing:
        __len__ = words.pop

    side_by_side(lambda: len(Thing()), lambda: seen.append(len(words)))
    return seen


@row("two dataclasses are compared beside a write to a field", "[False]", "[True]")
def equality() -> list[bool]:
    one, two = Point(0), Point(1)
    seen: list[bool] = []

    def move() -> None:
        one.x = 1

    side_by_side(move, lambda: seen.append(one == two))
    return seen


@row("two dataclasses are compared beside writes to two fields: no switch between the reads", "[False]", "[True]")
def equality_in_two_moments() -> list[bool]:
    one, two = Point(0), Point(0)
    seen: list[bool] = []

    def move() -> None:
        one.x, two.x = 1, 2

    side_by_side(move, lambda: seen.append(one == two))
    return seen


@row("a shared iterator of `itertools`", "[[0], [1]]", "[[1], [0]]")
def an_iterator() -> list[list[int]]:
    numbers = itertools.count()
    told: list[list[int]] = [[], []]
    side_by_side(lambda: told[0].append(next(numbers)), lambda: told[1].append(next(numbers)))
    return told


@row("a weak reference is followed beside the end of its object", "[False]", "[True]")
def a_reference() -> list[bool]:
    shelf = [Box()]
    reference, seen = weakref.ref(shelf[0]), []
    side_by_side(lambda: shelf.clear(), lambda: seen.append(reference() is None))
    return seen


@row("`threading.local`: each has its own", "[1, 1]")
def own_values() -> list[int]:
    mine, seen = threading.local(), []
    mine.n = 0

    def add() -> None:
        mine.n = getattr(mine, "n", 0) + 1
        seen.append(mine.n)

    side_by_side(add, add)
    return seen


@row("the end of a thread: a `__del__` of what a `threading.local` has kept for it takes a lock", "'ab'", "'ba'")
def the_end_of_a_thread() -> str:
    mine, lock, seen = threading.local(), threading.Lock(), []

    class Last:
        def __del__(self) -> None:
            note("a")

    def note(name: str) -> None:
        with lock:
            seen.append(name)

    side_by_side(lambda: setattr(mine, "last", Last()), lambda: note("b"))
    return "".join(seen)


@row("a semaphore with one permit around both", "2")
def permitted() -> int:
    gate, box = threading.Semaphore(1), Box()

    def add() -> None:
        with gate:
            box.n += 1

    side_by_side(add, add)
    return box.n


@row("a barrier of two", "2")
def barrier() -> int:
    gate, box = threading.Barrier(2), Box()

    def write() -> None:
        box.n = 2
        gate.wait()

    seen = []

    def read() -> None:
        gate.wait()
        seen.append(box.n)

    side_by_side(write, read)
    return seen[0]


@row("two greenlets of gevent: a step is whole, and steps take turns as gevent's loops have it", "1")
def greenlets() -> int:
    box = Box()

    def add() -> None:
        before = box.n
        gevent.sleep(0)
        box.n = before + 1

    gevent.joinall([gevent.spawn(add), gevent.spawn(add)])
    return box.n


@row("two tasks send into one socket", "b'ab'", "b'ba'")
def two_send() -> bytes:
    here, there = socket.socketpair()
    with here, there:
        side_by_side(lambda: here.send(b"a"), lambda: here.send(b"b"))
        return there.recv(2)


@row("a `recv` beside two sends: what is there is taken", "[b'a']", "[b'ab']")
def received() -> list[bytes]:
    here, there = socket.socketpair()
    got: list[bytes] = []

    def send() -> None:
        here.send(b"a")
        here.send(b"b")

    with here, there:
        side_by_side(send, lambda: got.append(there.recv(2)))
    return got


@row("`select` for two sockets beside a send to each", "[True, False]", "[False, True]", "[True, True]")
def selected() -> list[bool]:
    (a, b), (c, d) = socket.socketpair(), socket.socketpair()
    found: list[bool] = []

    def ask() -> None:
        ready, _, _ = select.select([b, d], [], [])
        found.extend([b in ready, d in ready])

    with a, b, c, d:
        side_by_side(ask, lambda: a.send(b"x"), lambda: c.send(b"x"))
    return found


@row("a `recv` with a time-out beside a sleep that is as long", "[b'x']", "['late']")
def timed() -> list[Any]:
    here, there = socket.socketpair()
    there.settimeout(1)
    got: list[Any] = []

    def receive() -> None:
        try:
            got.append(there.recv(1))
        except TimeoutError:
            got.append("late")

    def send() -> None:
        time.sleep(1)
        here.send(b"x")

    with here, there:
        side_by_side(receive, send)
    return got


@row("a `recv` from TCP: the first byte may come alone, once for each end", "[b'a', b'bc']", "[b'abc', b'']")
def in_pieces() -> list[bytes]:
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as door, socket.create_connection(door.getsockname()) as here:
        there, _ = door.accept()

        def send() -> None:
            here.send(b"abc")
            here.shutdown(socket.SHUT_WR)

        with there:
            side_by_side(send, lambda: got.extend([there.recv(9), there.recv(9)]))
    return got


@row("a client asks a server's socket for its address (`getsockname`)", "[b'x']")
def addressed() -> list[bytes]:
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            with door.accept()[0] as line:
                got.append(line.recv(1))

        def ask() -> None:
            with socket.create_connection(door.getsockname()) as client:
                client.send(b"x")

        side_by_side(serve, ask)
    return got


BEFORE = socket.socketpair()
for each_end in BEFORE:
    atexit.register(each_end.close)


@row("a socket that was made before the scenario", "[b'x']")
def made_before() -> list[bytes]:
    here, there = BEFORE
    got: list[bytes] = []
    side_by_side(lambda: got.append(there.recv(1)), lambda: here.send(b"x"))
    return got


@row("two tasks of an event loop: a step is whole, and steps take turns as CPython's do", "1")
def coroutines() -> int:
    box = Box()

    async def add() -> None:
        before = box.n
        await asyncio.sleep(0)
        box.n = before + 1

    async def both() -> None:
        await asyncio.gather(add(), add())

    asyncio.run(both())
    return box.n


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"hello\n")
    await writer.drain()
    writer.close()


def asked(read: Callable[[asyncio.StreamReader], Any]) -> bytes:
    async def main() -> bytes:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            got = await read(reader)
            writer.close()
            return bytes(got)

    return asyncio.run(main())


@row("a coroutine reads a line, all, or so many bytes from a stream", "b'hello\\n'")
def a_line_from_a_stream() -> bytes:
    return asked(asyncio.StreamReader.readline)


@row("a coroutine or greenlet reads what there is: TCP may bring less at once", "b'hello\\n'")
def what_there_is_from_a_stream() -> bytes:
    return asked(lambda reader: reader.read(100))


@row("an item of an `array.array`", "[1]", "[2]")
def an_array() -> list[int]:
    data = array.array("i", [0])

    def add() -> None:
        data[0] += 1

    side_by_side(add, add)
    return data.tolist()


@row("calls of an object of C code that is in no table: each is one step", "True", "False")
def unknown_of_c() -> bool:
    dice, first = random.Random(1), random.Random(1).random()
    told: list[float] = []
    side_by_side(lambda: told.append(dice.random()), lambda: dice.getrandbits(8))
    return told == [first]


@row("a loop over one iterator that a call gives both", "[[0, 1], []]", "[[0], [1]]", "[[1], [0]]", "[[], [0, 1]]")
def given() -> list[list[int]]:
    numbers = iter((0, 1))

    def give() -> Iterator[int]:
        return numbers

    told: list[list[int]] = [[], []]

    def take(at: int) -> None:
        for each in give():
            told[at].append(each)

    side_by_side(lambda: take(0), lambda: take(1))
    return told


@row("a list within a list is compared, or asked for its words, beside an append to it", "[True, '[[1]]']",
     "[False, '[[1, 2]]']", "[True, '[[1, 2]]']")  # fmt: skip
def within() -> list[object]:
    inner = [1]
    told: list[object] = []

    def look() -> None:
        told.append([inner] == [[1]])
        told.append(f"{[inner]}")

    side_by_side(look, lambda: inner.append(2))
    return told


@row("a logger gets a level or a handler", "11", "12")
def levelled() -> int:
    logger = logging.Logger("own", 10)
    side_by_side(lambda: logger.setLevel(logger.level + 1), lambda: logger.setLevel(logger.level + 1))
    return logger.level


@row("`contextlib.redirect_stdout` and its like, what an `ExitStack` is told to call", "[1]", "[1, 1]")
def told_to_call() -> list[int]:
    done: list[int] = []

    def once() -> None:
        if not done:
            with contextlib.ExitStack() as stack:
                stack.callback(done.append, 1)

    side_by_side(once, once)
    return done


@row("`vars()`, `globals()`, `__dict__` and their like, kept by who then starts others", "[0]", "[1]")
def a_namespace_that_is_kept() -> list[int]:
    box, seen = Box(), list[int]()
    kept = vars(box)
    side_by_side(lambda: kept.update(n=1), lambda: seen.append(box.n))
    return seen


@row("`__cause__`, `__context__`, `__traceback__` of an error that others raise", "[False]", "[True]")
def an_error_that_several_know() -> list[bool]:
    error, seen = KeyError(), list[bool]()

    def fail() -> None:
        with contextlib.suppress(KeyError):
            raise error

    side_by_side(fail, lambda: seen.append(error.__traceback__ is None))
    return seen


@row("files: two that are open may be one", "''", "'x'")
def two_files() -> str:
    seen: list[str] = []
    with tempfile.NamedTemporaryFile("w") as out, open(out.name, encoding="utf-8") as into:
        side_by_side(lambda: print("x", end="", file=out.file, flush=True), lambda: seen.append(into.read()))
    return seen[0]


@row("the context of `decimal`, where several have one", "'0.333'")
def one_context() -> str:
    own, seen = decimal.Context(prec=3), list[str]()

    def divide() -> None:
        decimal.setcontext(own)
        seen.append(str(decimal.Decimal(1) / 3))

    side_by_side(divide, lambda: own.clear_flags())
    return seen[0]


@row("memory and files that processes inherit, made before the scenario or by `os.memfd_create`", "b'1'", "b'2'")
def inherited() -> bytes:
    memory, fork = os.memfd_create("number"), multiprocessing.get_context("fork")
    os.pwrite(memory, b"0", 0)

    def add() -> None:
        os.pwrite(memory, b"%d" % (int(os.pread(memory, 1, 0)) + 1), 0)

    children = [fork.Process(target=add) for _ in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    number = os.pread(memory, 1, 0)
    os.close(memory)
    return number


def rows() -> list[tuple[str, str, str]]:
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]
    return [(what, seen, cost) for what, seen, cost in cells]


def test_every_row_has_a_program_and_every_program_a_row() -> None:
    assert {what for what, _, _ in rows()} == PROGRAMS.keys()


@pytest.mark.slow
@pytest.mark.parametrize(("what", "seen", "cost"), rows())
def test_the_row_says_what_is_so(what: str, seen: str, cost: str) -> None:
    scenario, outcomes = PROGRAMS[what]
    SURVIVES.clear()
    verdict = explore(scenario, strategy="dpor", stop_on_failure=False)
    if seen == "no":
        assert outcomes - set(verdict.outcomes), "it is seen now: mend the row"
        return
    if seen == "no proof":
        assert verdict.grade in (Grade.SAMPLED, Grade.UNCONTROLLED, Grade.UNFINISHED), verdict
        return
    assert verdict.grade is Grade.PROVED, verdict
    assert set(verdict.outcomes) == outcomes
    assert verdict.schedules <= int(cost), verdict
