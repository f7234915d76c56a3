"""State that is reached by another way than the one by which it was written: seen, or nothing is proved."""

import asyncio
import builtins
import collections
import concurrent.futures
import contextlib
import contextvars
import ctypes
import dataclasses
import decimal
import functools
import heapq
import io
import itertools
import logging
import sys
import threading
import types
import typing
import weakref
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from explore.pairs import Pair, Program, tasks, threads
from programs.program import together

from pytest_concurrency import Grade, explore

PROGRAMS: dict[str, Program] = {}
OF_TASKS: dict[str, Program] = {}
"""What each thread has of its own."""
SHARED = 0


def program(make: Program) -> Program:
    """Add a program: what makes one that writes and one that reads."""
    PROGRAMS[make.__name__] = make
    return make


def of_tasks(make: Program) -> Program:
    """Add a program of which only tasks of one thread share anything."""
    OF_TASKS[make.__name__] = make
    return make


def caught(raising: Callable[[], object]) -> Callable[[], None]:
    def catch() -> None:
        with contextlib.suppress(LookupError):
            raising()

    return catch


def told(asks: Callable[[], object]) -> object:
    try:
        return asks()
    except ValueError as error:
        return type(error).__name__


def raised(error: BaseException, cause: BaseException | None = None) -> None:
    if cause is not None:
        raise error from cause
    try:
        raise KeyError
    except KeyError:
        raise error  # noqa: B904 - what it was raised beside is looked at


# -- namespaces under another name


@program
def the_namespace_of_an_object() -> Pair:
    thing = types.SimpleNamespace(x=0)
    kept = vars(thing)
    return functools.partial(kept.update, x=1), lambda: thing.x


@program
def the_namespace_of_a_class() -> Pair:
    class Thing:
        x = 0

    kept = Thing.__dict__
    return lambda: setattr(Thing, "x", 1), lambda: kept["x"]


@program
def the_namespace_of_a_module() -> Pair:
    scope = globals()
    scope["SHARED"] = 0
    return lambda: scope.update(SHARED=1), lambda: SHARED


@program
def a_module_given_a_global() -> Pair:
    module = sys.modules[__name__]
    module.SHARED = 0  # type: ignore[attr-defined] # it has one
    return lambda: setattr(module, "SHARED", 1), lambda: SHARED


@program
def a_namespace_in_a_list() -> Pair:
    thing = types.SimpleNamespace(x=0)
    kept = [vars(thing)]
    return lambda: kept[0].update(x=1), lambda: thing.x


@program
def defaults_by_keyword() -> Pair:
    def function(*, n: int = 0) -> int:
        return n

    kept: Any = function
    return lambda: kept.__kwdefaults__.update(n=1), function


@program
def keywords_of_a_partial() -> Pair:
    given = functools.partial(lambda n: n, n=0)
    return lambda: given.keywords.update(n=1), given


@program
def the_state_of_a_partial() -> Pair:
    given = functools.partial(int, "0")
    return lambda: given.__setstate__((int, ("1",), {}, None)), given  # type: ignore[attr-defined] # pickle's


# -- memory under another name


@program
def the_buffer_of_a_file_in_memory() -> Pair:
    pages = io.BytesIO(b"00")
    view = pages.getbuffer()
    return lambda: view.__setitem__(0, 49), pages.getvalue


@program
def bytes_read_into_a_view() -> Pair:
    page, source = bytearray(2), io.BytesIO(b"xy")
    view = memoryview(page)
    return lambda: source.readinto(view), lambda: page[0]


@program
def a_view_compared() -> Pair:
    page = bytearray(2)
    view = memoryview(page)
    return lambda: page.__setitem__(0, 1), lambda: view == b"\0\0"  # type: ignore[comparison-overlap] # it is


@program
def numbers_behind_a_pointer() -> Pair:
    number = ctypes.c_int(0)
    to = ctypes.pointer(number)
    return lambda: setattr(to.contents, "value", 1), lambda: number.value


@program
def an_array_over_bytes() -> Pair:
    page = bytearray(2)
    array = (ctypes.c_char * 2).from_buffer(page)
    return lambda: array.__setitem__(0, b"x"), lambda: page[0]


@program
def keys_computed_with() -> Pair:
    kept = {"a": 1}
    keys = kept.keys()
    return kept.clear, lambda: keys & {"a"}


@program
def one_file_opened_twice() -> Pair:
    out, into = open("page", "w"), open("page")  # noqa: SIM115 - both are let go
    return lambda: (out.write("x"), print(end="", file=out, flush=True)), into.read


@program
def a_view_that_is_given_back() -> Pair:
    page = bytearray(b"1")
    view = memoryview(page)
    return view.release, lambda: told(lambda: view[0])


@program
def a_view_that_is_given_back_at_the_end_of_a_block() -> Pair:
    view = memoryview(bytearray(b"1"))

    def leave() -> None:
        with view:
            pass

    return leave, lambda: told(lambda: view[0])


@program
def bytes_after_a_constant() -> Pair:
    page = bytearray(b"1")
    return lambda: page.append(49), lambda: b"x" + page


@program
def bytes_compared_with_a_constant() -> Pair:
    page = bytearray(b"1")
    return lambda: page.append(49), lambda: b"1" == page  # noqa: SIM300 - the constant comes first


@program
def rows_twice() -> Pair:
    rows = [1]
    return rows.clear, lambda: 2 * rows


@program
def attributes_of_a_dictionary() -> Pair:
    kept = collections.OrderedDict(a=1)
    return lambda: setattr(kept, "x", 1), lambda: hasattr(kept, "x")


@program
def an_attribute_of_an_object_in_c() -> Pair:
    unpacks: Any = zlib.decompressobj()
    packed = zlib.compress(b"x")
    return lambda: unpacks.decompress(packed), lambda: unpacks.eof


# -- what iterators call, and keep


@program
def a_generator_that_nobody_watches() -> Pair:
    rows = [1, 3]
    merged = heapq.merge(rows, [2])
    return lambda: rows.__setitem__(0, 0), lambda: next(merged)


@program
def lists_that_choose() -> Pair:
    inner: list[int] = []
    chosen = itertools.compress("ab", [inner, 1])
    return lambda: inner.append(0), lambda: next(chosen)


@program
def how_much_is_left_to_walk_over() -> Pair:
    rows = [1, 2]
    walk: Any = reversed(rows)
    return rows.clear, lambda: walk.__length_hint__()


@program
def two_chains_over_one_iterator() -> Pair:
    numbers = iter([1, 2])
    one, other = itertools.chain(numbers), itertools.chain(numbers)
    return lambda: next(one), lambda: next(other)


@program
def an_iterator_of_a_method() -> Pair:
    numbers = iter([1, 2])
    walk = iter(numbers.__next__, None)
    return lambda: next(walk), lambda: next(numbers)


@program
def a_partial_called_by_a_filter() -> Pair:
    notes: list[int] = []
    walk = filter(functools.partial(notes.append), [1])
    return lambda: next(walk, None), lambda: len(notes)


@program
def attributes_given_by_a_map() -> Pair:
    thing = types.SimpleNamespace(x=0)
    return lambda: list(map(setattr, [thing], ["x"], [1])), lambda: thing.x


@program
def attributes_read_by_a_map() -> Pair:
    thing = types.SimpleNamespace(x=0)
    return lambda: setattr(thing, "x", 1), lambda: list(map(getattr, [thing], ["x"]))


@program
def lists_asked_whether_they_are_empty() -> Pair:
    inner: list[int] = []
    outer = [inner, [1]]
    return lambda: inner.append(7), lambda: len(list(filter(None, outer)))


@program
def lists_given_as_several() -> Pair:
    inner: list[int] = []
    outer = [inner, [1]]
    return lambda: inner.append(7), lambda: list(itertools.product(*outer))


@program
def the_words_of_a_counter() -> Pair:
    numbers = itertools.count()
    return lambda: next(numbers), lambda: repr(numbers)


@program
def a_factory_in_c() -> Pair:
    notes: list[int] = []
    kept = collections.defaultdict[str, object](functools.partial(notes.append, 1))
    return lambda: kept["a"], lambda: len(notes)


@program
def another_factory() -> Pair:
    kept = collections.defaultdict[str, object](int)
    return lambda: setattr(kept, "default_factory", list), lambda: kept["x"]


class Rows(list[int]):
    """A list by another name."""


def walked(rows: Any) -> Callable[[], list[Any]]:
    def walk() -> list[Any]:
        return [row for row in rows]

    return walk


@program
def a_list_of_another_type() -> Pair:
    rows = Rows()
    return lambda: rows.append(1), walked(rows)


@program
def a_walk_over_an_array_in_c() -> Pair:
    numbers = (ctypes.c_int * 1)()
    return lambda: numbers.__setitem__(0, 1), walked(numbers)


@program
def a_walk_over_several_dictionaries() -> Pair:
    below: dict[str, int] = {}
    chain = collections.ChainMap({}, below)
    return lambda: below.update(a=1), walked(chain)


@program
def the_order_of_an_ordered_dictionary() -> Pair:
    kept = collections.OrderedDict(a=1, b=2)
    return lambda: kept.move_to_end("a"), lambda: [*kept.items()]


# -- calls that the source does not show as such


@program
def a_decorator_in_c() -> Pair:
    made: list[object] = []

    def decorate() -> None:
        @made.append
        def function() -> None:
            """Be kept."""

    return decorate, lambda: len(made)


@program
def a_decorator_that_is_given_something() -> Pair:
    made: dict[str, object] = {}

    def decorate() -> None:
        @functools.partial(made.__setitem__, "k")
        def function() -> None:
            """Be kept."""

    return decorate, lambda: len(made)


@program
def what_a_dataclass_calls() -> Pair:
    ids = itertools.count()

    @dataclasses.dataclass
    class Thing:
        number: int = dataclasses.field(default_factory=ids.__next__)

    return Thing, lambda: Thing().number


@program
def a_list_in_a_text() -> Pair:
    rows, text = [0], "%s"
    return lambda: rows.append(1), lambda: text % (rows,)


@program
def a_list_in_a_list_compared_by_name() -> Pair:
    inner: list[int] = []
    rows = [inner]
    return lambda: inner.append(1), lambda: rows.__eq__([[]])


@program
def an_iterator_that_is_joined() -> Pair:
    letters = iter("ab")
    return lambda: next(letters, None), lambda: "".join(letters)


@program
def a_class_made_of_a_dictionary() -> Pair:
    space = {"x": 0}
    return lambda: space.update(x=1), lambda: type("Made", (), space).x  # type: ignore[attr-defined] # it is given one


@program
def a_type_known_by_attributes() -> Pair:
    @typing.runtime_checkable
    class HasX(typing.Protocol):
        x: int

    thing = types.SimpleNamespace()
    return lambda: setattr(thing, "x", 1), lambda: isinstance(thing, HasX)


@program
def what_closing_closes() -> Pair:
    page = io.BytesIO()

    def close() -> None:
        with contextlib.closing(page):
            pass

    return close, lambda: page.closed


@program
def a_module_put_among_the_others() -> Pair:
    sys.modules.pop("elsewhere", None)

    def asks() -> str:
        try:
            import elsewhere  # type: ignore[import-not-found] # not yet
        except ImportError:
            return "none"
        return str(elsewhere.__name__)

    return lambda: sys.modules.__setitem__("elsewhere", types), asks


# -- logs


def log_into(stream: io.StringIO) -> logging.Logger:
    logger = logging.Logger("into")
    logger.addHandler(logging.StreamHandler(stream))
    return logger


def logs(logger: logging.Logger, page: io.StringIO, *words: object) -> Callable[[], str]:
    def log() -> str:
        logger.error("%s", *words)
        return page.getvalue()

    return log


@program
def what_is_logged() -> Pair:
    page = io.StringIO()
    logger = log_into(page)
    return lambda: logger.warning("a"), page.getvalue


@program
def the_level_of_a_logger() -> Pair:
    logger = logging.Logger("asked")
    return lambda: setattr(logger, "level", 100), lambda: logger.isEnabledFor(30)


@program
def handlers_that_are_taken_away() -> Pair:
    page = io.StringIO()
    logger = log_into(page)
    return logger.handlers.clear, logs(logger, page, "a")


@program
def a_list_in_a_log() -> Pair:
    page, rows = io.StringIO(), list[int]()
    logger = log_into(page)
    return lambda: rows.append(1), logs(logger, page, rows)


# -- what is changed by no access


@program
def the_cause_of_an_error() -> Pair:
    error = KeyError()
    return caught(lambda: raised(error, IndexError())), lambda: error.__cause__ is None


@program
def the_context_of_an_error() -> Pair:
    error = IndexError()
    return caught(lambda: raised(error)), lambda: error.__context__ is None


@program
def the_traceback_of_an_error() -> Pair:
    error = IndexError()
    return caught(lambda: raised(error, KeyError())), lambda: error.__traceback__ is None


@program
def a_finaliser_given_to_a_reference() -> Pair:
    class Thing:
        """Dies while somebody looks."""

    notes: list[int] = []
    kept = [Thing()]
    weakref.finalize(kept[0], notes.append, 1)
    return kept.clear, lambda: len(notes)


@program
def a_callback_of_a_reference() -> Pair:
    class Thing:
        """Dies while somebody looks."""

    notes: list[object] = []
    kept = [Thing()]
    notes.append(weakref.ref(kept[0], notes.append))
    return kept.clear, lambda: len(notes)


@program
def a_callback_of_a_future() -> Pair:
    done: list[object] = []
    future = concurrent.futures.Future[int]()
    future.add_done_callback(done.append)
    return lambda: future.set_result(1), lambda: len(done)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("make", PROGRAMS.values(), ids=PROGRAMS)
def test_threads_see_both_or_nothing_is_proved(make: Program) -> None:
    verdict = explore(threads(make), strategy="dpor", stop_on_failure=False)
    assert verdict.grade is Grade.SAMPLED or len(verdict.outcomes) == 2, verdict


@of_tasks
def a_local_of_the_thread() -> Pair:
    own = threading.local()
    own.x = 0
    return lambda: setattr(own, "x", 1), lambda: own.x


@of_tasks
def the_precision_of_decimals() -> Pair:
    context = decimal.getcontext()
    context.prec = 28
    return lambda: setattr(context, "prec", 3), lambda: str(decimal.Decimal(1) / 3)


@of_tasks
def a_name_among_the_builtins() -> Pair:
    builtins.shared = 0  # type: ignore[attr-defined] # it is given one
    return lambda: setattr(builtins, "shared", 1), lambda: shared  # type: ignore[name-defined] # noqa: F821


@of_tasks
def a_finaliser() -> Pair:
    class Thing:
        def __del__(self) -> None:
            notes.append(1)

    notes: list[int] = []
    kept = [Thing()]
    return kept.clear, lambda: len(notes)


@of_tasks
def variables_of_a_context() -> Pair:
    variable = contextvars.ContextVar[int]("variable")
    context = contextvars.copy_context()
    return lambda: context.run(variable.set, 1), lambda: variable in context


@of_tasks
def the_inside_of_a_queue() -> Pair:
    queue = asyncio.Queue[int]()
    inside: Any = queue._queue  # type: ignore[attr-defined] # private
    return lambda: queue.put_nowait(1), lambda: len(inside)


@of_tasks
def the_namespace_of_an_event() -> Pair:
    event = asyncio.Event()
    inside = vars(event)
    return event.set, lambda: inside["_value"]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="steps are learnt from Python 3.12 on; before, all are tried")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("make", (PROGRAMS | OF_TASKS).values(), ids=PROGRAMS | OF_TASKS)
def test_tasks_see_both(make: Program) -> None:
    verdict = explore(tasks(make), strategy="dpor", order="any", stop_on_failure=False)
    assert len(verdict.outcomes) == 2, verdict


def test_what_is_looked_at_when_all_is_over_costs_no_proof() -> None:
    def scenario() -> dict[str, int]:
        thing = types.SimpleNamespace(x=0, y=0)
        together(lambda: setattr(thing, "x", 1), lambda: setattr(thing, "y", 1))
        return vars(thing)

    assert explore(scenario, strategy="dpor").grade is Grade.PROVED


def test_names_of_the_user_cost_no_proof() -> None:
    class Thing:
        def __init__(self) -> None:
            self.keywords = {"n": 0}

        def finalize(self) -> int:
            return self.keywords["n"]

    def scenario() -> int:
        thing = Thing()
        before = thing.finalize()
        together(lambda: thing.keywords.update(n=1), lambda: None)
        return before + thing.finalize()

    assert explore(scenario, strategy="dpor").grade is Grade.PROVED


def test_iterators_that_only_look_cost_no_proof() -> None:
    def scenario() -> list[Any]:
        rows, seen = ["1", "10"], list[Any]()
        together(
            lambda: seen.append(list(map(int, rows))),
            lambda: seen.append([*filter(None, rows), *map(len, rows)]),
        )
        return seen

    assert explore(scenario, strategy="dpor").grade is Grade.PROVED
