"""What objects of C keep: attributes that their methods change too, and the streams that they were given."""

import contextlib
import csv
import decimal
import io
import threading
import types
import typing
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from programs.program import together

from pytest_concurrency import Grade, explore

Program = Callable[[], tuple[Callable[[], object], Callable[[], object]]]
PROGRAMS: dict[str, Program] = {}


def program(make: Program) -> Program:
    """Add a program: what makes one that writes and one that reads."""
    PROGRAMS[make.__name__] = make
    return make


@program
def an_attribute_that_a_method_reads() -> Any:
    context = decimal.Context(prec=3)
    return lambda: setattr(context, "prec", 2), lambda: context.divide(decimal.Decimal(1), decimal.Decimal(3))


@program
def what_is_found_by_code_in_c() -> Any:
    context = decimal.Context(prec=3)
    return (
        lambda: context.divide(decimal.Decimal(1), decimal.Decimal(3)),
        lambda: bool(context.flags[decimal.Inexact]),
    )


@program
def where_a_generator_stands() -> Any:
    def numbers() -> Any:
        yield 1
        yield 2

    here = numbers()
    return lambda: next(here), lambda: here.gi_frame and here.gi_frame.f_lineno


@program
def the_stream_of_a_writer() -> Any:
    stream = io.StringIO()
    writer = csv.writer(stream)
    return lambda: writer.writerow([1]), stream.getvalue


@program
def the_stream_below_a_stream() -> Any:
    below = io.BytesIO()
    above = io.TextIOWrapper(below, write_through=True)
    return lambda: above.write("x"), below.getvalue


@program
def namespaces_that_are_compared() -> Any:
    one, other = types.SimpleNamespace(z=0), types.SimpleNamespace(z=1)
    return lambda: setattr(one, "z", 1), lambda: one == other


@program
def notes_of_an_error() -> Any:
    error = ValueError()
    return lambda: error.add_note("x"), lambda: hasattr(error, "__notes__")


@program
def what_a_proxy_stands_for() -> Any:
    class Thing:
        z = 0

    thing = Thing()
    proxy = weakref.proxy(thing)
    return lambda: setattr(proxy, "z", 1), lambda: (thing.z, thing)[0]


@program
def what_a_proxy_shows() -> Any:
    rows = type("Rows", (list,), {})([0])
    proxy: Any = weakref.proxy(rows)
    return lambda: rows.__setitem__(0, 1), lambda: (proxy[0], rows)[0]


@program
def how_large_stacks_are() -> Any:
    threading.stack_size(0)
    return lambda: threading.stack_size(1 << 20), lambda: threading.stack_size(0)


@program
def bytes_that_are_joined() -> Any:
    piece = bytearray(b"a")
    return lambda: piece.extend(b"b"), lambda: b"".join([piece])


@program
def digits_in_bytes() -> Any:
    digits = bytearray(b"1")
    return lambda: digits.extend(b"2"), lambda: int(digits)


@pytest.mark.parametrize("make", PROGRAMS.values(), ids=PROGRAMS)
def test_both_are_seen(make: Program) -> None:
    def scenario() -> list[object]:
        write, read = make()
        seen: list[object] = []
        together(write, lambda: seen.append(read()))
        return seen

    verdict = explore(scenario, strategy="dpor", stop_on_failure=False)
    assert len(verdict.outcomes) == 2, verdict


def test_what_typing_finds_in_a_function_is_no_proof() -> None:
    def scenario() -> list[int]:
        def function() -> None:
            """Be annotated while somebody looks."""

        seen: list[int] = []
        together(
            lambda: function.__annotations__.__setitem__("a", int),
            lambda: seen.append(len(typing.get_type_hints(function))),
        )
        return seen

    verdict = explore(scenario, strategy="dpor", stop_on_failure=False)
    assert verdict.grade is Grade.SAMPLED, verdict


def test_what_is_closed_by_a_method_of_another_is_no_proof() -> None:
    def scenario() -> list[list[int]]:
        rows, seen = [1], list[list[int]]()

        def close() -> None:
            with contextlib.closing(types.SimpleNamespace(close=rows.pop)):
                pass

        together(close, lambda: seen.append(list(rows)))
        return seen

    verdict = explore(scenario, strategy="dpor", stop_on_failure=False)
    assert verdict.grade is Grade.SAMPLED, verdict


def test_writers_with_streams_of_their_own_do_not_meet() -> None:
    def scenario() -> list[str]:
        streams = io.StringIO(), io.StringIO()
        first, second = map(csv.writer, streams)
        together(lambda: first.writerow([1]), lambda: second.writerow([2]))
        return [each.getvalue() for each in streams]

    verdict = explore(scenario, strategy="dpor")
    assert verdict.grade is Grade.PROVED, verdict
    assert verdict.schedules <= 2  # once more where streams that two tasks touch are told
    assert "the only interleaving" in verdict.reason
