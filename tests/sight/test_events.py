"""What the interpreter tells: instructions, lines, entries and calls, in the way that this Python has."""

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import Any

import pytest
from controlled import TESTS, run

from pytest_concurrency._sight import events
from pytest_concurrency._sight.catalogue import catalogue
from pytest_concurrency._sight.site import Site
from pytest_concurrency._sight.watching import Watch

BY_MONITORING = pytest.mark.skipif(
    sys.version_info < (3, 12), reason="Python 3.11 has no sys.monitoring: its events come from a trace function"
)
BY_TRACING = pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="from Python 3.12 on the events come from sys.monitoring"
)


class Counter:
    n = 0


def add(counter: Counter) -> None:
    found = counter.n
    counter.n = found + 1


def fail() -> None:
    raise LookupError


def line_of(function: Callable[..., Any], number: int) -> int:
    return function.__code__.co_firstlineno + number


def is_add(code: CodeType) -> bool:
    return code is add.__code__


@pytest.fixture
def heard() -> Iterator[contextlib.ExitStack]:
    """What hears until it is closed."""
    with contextlib.ExitStack() as stack:
        yield stack


def begin(heard: contextlib.ExitStack, hears: Any) -> None:
    heard.callback(hears.stop)
    hears.start()


def test_the_instructions_of_watched_code_that_have_a_site_are_told(heard: contextlib.ExitStack) -> None:
    told: list[tuple[str, CodeType, int]] = []

    def at_site(site: Site, frame: FrameType) -> None:
        told.append((site.what, frame.f_code, frame.f_lineno))

    instructions = events.Instructions(Watch([TESTS]), at_site)
    begin(heard, instructions)
    add(Counter())
    heard.close()
    add(Counter())
    code = add.__code__
    assert [each for each in told if each[1] is code] == [
        ("read n", code, line_of(add, 1)),
        ("compute +", code, line_of(add, 2)),
        ("write n", code, line_of(add, 2)),
    ]
    assert instructions.saw_watched


def test_code_that_is_not_watched_tells_nothing(heard: contextlib.ExitStack) -> None:
    told: list[Site] = []
    instructions = events.Instructions(Watch([]), lambda site, _frame: told.append(site))
    begin(heard, instructions)
    add(Counter())
    heard.close()
    assert not told
    assert not instructions.saw_watched


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="sys.monitoring costs nothing where nothing is watched")
def test_what_is_hushed_hears_nothing_until_it_hears_again(heard: contextlib.ExitStack) -> None:
    told: list[str] = []

    def at_site(site: Site, frame: FrameType) -> None:
        told.append(site.what)

    instructions = events.Instructions(Watch([TESTS]), at_site)
    begin(heard, instructions)
    hushed = instructions.hush()
    assert instructions.hush() is None, "it is hushed already"
    add(Counter())
    assert not told
    instructions.hear_again(None)  # of who was not heard
    add(Counter())
    assert not told
    instructions.hear_again(hushed)
    add(Counter())
    assert told == ["read n", "compute +", "write n"]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="sys.monitoring costs nothing where nothing is watched")
def test_a_tracer_that_was_there_before_is_not_hushed(heard: contextlib.ExitStack) -> None:
    told: list[str] = []
    names: list[str] = []
    before = sys.gettrace()
    heard.callback(sys.settrace, before)
    sys.settrace(lambda frame, _event, _arg: names.append(frame.f_code.co_name))
    instructions = events.Instructions(Watch([TESTS]), lambda site, _frame: told.append(site.what))
    begin(heard, instructions)
    assert instructions.hush() is None
    add(Counter())
    assert "add" in names
    assert told == ["read n", "compute +", "write n"]


def test_a_thread_that_is_entered_is_heard_too(heard: contextlib.ExitStack) -> None:
    told: list[str] = []

    def at_site(site: Site, frame: FrameType) -> None:
        if frame.f_code is add.__code__:
            told.append(site.what)

    instructions = events.Instructions(Watch([TESTS]), at_site)
    begin(heard, instructions)

    def body() -> None:
        instructions.enter_thread()
        add(Counter())
        instructions.leave_thread()

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    heard.close()
    assert told == ["read n", "compute +", "write n"]


def test_the_lines_that_are_wanted_are_told(heard: contextlib.ExitStack) -> None:
    told: list[int] = []
    counter = Counter()
    wanted = frozenset({line_of(add, 2)})
    begin(heard, events.Lines(lambda code: wanted if is_add(code) else frozenset(), lambda: told.append(counter.n)))
    for _ in range(2):
        add(counter)
    heard.close()
    add(counter)
    assert told == [0, 1]


def test_the_functions_that_are_wanted_tell_when_they_begin(heard: contextlib.ExitStack) -> None:
    told: list[CodeType] = []
    begin(heard, events.Entries(is_add, told.append))
    threads = [threading.Thread(target=add, args=(Counter(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    add(Counter())
    heard.close()
    add(Counter())
    assert told == [add.__code__] * 3


def test_what_the_answer_to_an_entry_raises_the_function_raises(heard: contextlib.ExitStack) -> None:
    def refuse(_code: CodeType) -> None:
        raise KeyError("no entry")

    counter = Counter()
    begin(heard, events.Entries(is_add, refuse))
    with pytest.raises(KeyError, match="no entry"):
        add(counter)
    assert counter.n == 0


def test_calls_are_told_when_they_begin_and_however_they_end(heard: contextlib.ExitStack) -> None:
    told: list[str] = []
    for function in (add, fail):
        begin(heard, events.Calls(function.__code__, lambda: told.append("in"), lambda: told.append("out")))
        add(Counter())
        with pytest.raises(LookupError):
            fail()
        heard.close()
        add(Counter())
        assert told == ["in", "out"]
        told.clear()


def test_what_others_write_meanwhile_is_not_undone(heard: contextlib.ExitStack) -> None:
    n = 0

    def write(number: int) -> None:
        nonlocal n
        n = number

    def look() -> int:
        return n

    def at_site(_site: Site, frame: FrameType) -> None:
        if frame.f_code is look.__code__:
            assert frame.f_locals["n"] == n
            write(5)

    wanted = frozenset({line_of(look, 1)})
    begin(heard, events.Lines(lambda code: wanted if code is look.__code__ else frozenset(), lambda: write(4)))
    assert look() == 4
    heard.close()
    begin(heard, events.Instructions(Watch([TESTS]), at_site))
    assert look() == 5


def test_each_can_be_stopped_that_was_not_started() -> None:
    for hears in each_kind():
        hears.stop()


def each_kind() -> list[Any]:
    """One of each, with answers that nobody asks for."""
    return [
        events.Instructions(Watch([]), lambda _site, _frame: None),
        events.Lines(lambda _code: frozenset(), lambda: None),
        events.Entries(lambda _code: False, lambda _code: None),
        events.Calls(add.__code__, lambda: None, lambda: None),
    ]


# -- tracers of others, until Python 3.11 is dropped


@BY_TRACING
def test_a_tracer_that_was_there_goes_on(heard: contextlib.ExitStack) -> None:
    seen: list[str] = []

    def tracer(frame: FrameType, event: str, _arg: object) -> Any:
        if frame.f_code is add.__code__:
            seen.append(event)
        return tracer

    lines = frozenset({line_of(add, 1)})
    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        for hears in (
            events.Instructions(Watch([TESTS]), lambda _site, _frame: None),
            events.Lines(lambda code: lines if is_add(code) else frozenset(), lambda: None),
            events.Entries(is_add, lambda _code: None),
        ):
            begin(heard, hears)
            add(Counter())
            heard.close()
            assert seen == ["call", "line", "line", "return"]
            seen.clear()
            assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)


@BY_TRACING
def test_a_tracer_that_puts_itself_in_place_does_not_push_others_out(heard: contextlib.ExitStack) -> None:
    told: list[str] = []

    def jealous(_frame: FrameType, _event: str, _arg: object) -> None:
        sys.settrace(jealous)  # as one written in C does

    lines = frozenset({line_of(add, 1)})
    before = sys.gettrace()
    sys.settrace(jealous)
    try:
        for hears in (
            events.Instructions(Watch([TESTS]), lambda site, _frame: told.append(site.what)),
            events.Lines(lambda code: lines if is_add(code) else frozenset(), lambda: told.append("line")),
            events.Entries(is_add, lambda _code: told.append("entry")),
        ):
            begin(heard, hears)
            told.clear()
            for _ in range(2):
                add(Counter())
            heard.close()
            assert told in (["read n", "compute +", "write n"] * 2, ["line"] * 2, ["entry"] * 2)
    finally:
        sys.settrace(before)


# -- the callbacks, called directly: no tool sees inside them


@BY_MONITORING
def test_an_instruction_without_a_site_is_not_asked_about_again() -> None:
    told: list[tuple[Site, FrameType]] = []
    from pytest_concurrency._sight import events_monitoring

    on_instruction = events_monitoring.instruction_callback(lambda *each: told.append(each))
    table = catalogue.table(add.__code__)
    offset, site = next(iter(table.items()))
    assert on_instruction(add.__code__, -2) is sys.monitoring.DISABLE
    assert on_instruction(fail.__code__, offset) is sys.monitoring.DISABLE
    assert not told
    assert on_instruction(add.__code__, offset) is None  # heard again
    assert told == [(site, sys._getframe())]


@BY_MONITORING
def test_code_is_heard_if_it_is_watched_and_touches_anything() -> None:
    instruction = sys.monitoring.events.INSTRUCTION

    def untouching() -> None: ...

    instructions = events.Instructions(Watch([TESTS]), lambda _site, _frame: None)
    instructions.start()
    try:
        tool = instructions.number
        for code in (add.__code__, untouching.__code__, threading.Thread.start.__code__):
            assert instructions.hear(code) is sys.monitoring.DISABLE
        assert sys.monitoring.get_local_events(tool, add.__code__) & instruction
        assert not sys.monitoring.get_local_events(tool, untouching.__code__)
        assert not sys.monitoring.get_local_events(tool, threading.Thread.start.__code__)
    finally:
        instructions.stop()
    assert sys.monitoring.get_tool(tool) is None


@pytest.fixture
def no_free_number() -> Iterator[None]:
    taken = [tool for tool in range(6) if sys.monitoring.get_tool(tool) is None]
    for tool in taken:
        sys.monitoring.use_tool_id(tool, "a test")
    yield
    for tool in taken:
        sys.monitoring.free_tool_id(tool)


@BY_MONITORING
@pytest.mark.usefixtures("no_free_number")
def test_without_a_free_tool_number_it_says_so() -> None:
    with pytest.raises(
        RuntimeError, match=r"one sys\.monitoring tool of \(4, 3\) must be free, got \['a test', 'a test'\]"
    ):
        run(int)


@BY_MONITORING
@pytest.mark.usefixtures("no_free_number")
def test_nobody_hears_without_a_number() -> None:
    for hears in each_kind():
        with pytest.raises(RuntimeError, match=r"one sys\.monitoring tool of \(.*\) must be free, got \[.*'a test'"):
            hears.start()
        hears.stop()


@BY_MONITORING
def test_all_kinds_are_heard_at_the_same_time(heard: contextlib.ExitStack) -> None:
    for hears in each_kind():
        begin(heard, hears)
