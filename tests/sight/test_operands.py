"""What an instruction is about to work on is found on the stack of its frame, on every Python that is supported."""

import dis
import functools
import json
import queue
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from controlled import TESTS

from pytest_concurrency._sight import events
from pytest_concurrency._sight.catalogue import catalogue
from pytest_concurrency._sight.operands import Operands, depths
from pytest_concurrency._sight.site import Site
from pytest_concurrency._sight.watching import Watch


@functools.cache
def codes() -> list[types.CodeType]:
    """Code of the standard library, from the top of some modules down to their innermost functions."""
    found = list[types.CodeType]()
    for module in (json.decoder, queue, dis, functools, types):
        todo = [compile(Path(str(module.__file__)).read_bytes(), "file", "exec")]
        while todo:
            found.append(todo.pop())
            todo += [each for each in found[-1].co_consts if isinstance(each, types.CodeType)]
    return found


def test_no_stack_is_deeper_than_its_code_says_and_none_is_below_its_bottom() -> None:
    for code in codes():
        found = depths(code)
        assert min(found.values()) >= 0, code
        assert max(found.values()) <= code.co_stacksize, code


def test_a_handler_begins_at_the_depth_that_the_table_of_exceptions_says() -> None:
    assert len(codes()) > 100
    for code in codes():
        found = depths(code)
        for entry in dis.Bytecode(code).exception_entries:  # type: ignore[attr-defined] # not in the stubs
            reached = {found[each] for each in found if entry.start <= each < entry.end and found[each] < entry.depth}
            assert not reached or sys.version_info >= (3, 15), code  # it covers what follows a return, too


ONE, TWO, TABLE = [1], [2], {"a": 1}


def give(thing: Any) -> Any:
    return thing


def joined() -> list[int]:
    return give(ONE) + give(TWO)  # type: ignore[no-any-return] # lists


def compared() -> bool:
    return give(ONE) == give(TWO)  # type: ignore[no-any-return] # lists


def looked_in() -> bool:
    return give(ONE) in give(TWO)


def in_a_handler() -> list[int]:
    try:
        raise ValueError
    except ValueError:
        with open(__file__, encoding="utf-8"):
            return give(ONE) + give(TWO)  # type: ignore[no-any-return] # lists


def deep() -> list[Any]:
    return [0, (0, {0: give(ONE) + give(TWO)})]


def in_a_generator() -> Iterator[Any]:
    yield 0
    yield (0, give(ONE) + give(TWO))


def started() -> list[Any]:
    return list(in_a_generator())


def called() -> int:
    return len(give(ONE))


def named() -> Any:
    return sorted(give(ONE), key=give(TWO[0]).__add__)


@pytest.mark.parametrize(
    ("function", "opname", "wanted"),
    [(joined, "BINARY_OP", [TWO, ONE]), (compared, "COMPARE_OP", [TWO, ONE]), (looked_in, "CONTAINS_OP", [TWO, ONE]),
     (in_a_handler, "BINARY_OP", [TWO, ONE]), (deep, "BINARY_OP", [TWO, ONE]), (started, "BINARY_OP", [TWO, ONE])],
)  # fmt: skip
def test_both_sides_of_an_operator_are_found(function: Callable[[], Any], opname: str, wanted: list[Any]) -> None:
    code = in_a_generator.__code__ if function is started else function.__code__
    assert seen_at(function, code, opname, 2) == wanted


def test_arguments_are_found_the_first_one_deepest() -> None:
    assert seen_at(called, called.__code__, "CALL", 1) == [ONE]
    opname = "CALL_KW" if "CALL_KW" in dis.opmap else "CALL"
    assert ONE in seen_at(named, named.__code__, opname, 3)


def seen_at(function: Callable[[], Any], code: types.CodeType, opname: str, count: int) -> list[Any]:
    """Run a function and return what lies on top of its stack, at the last instruction of a name."""
    instruction = [each for each in dis.get_instructions(code) if each.opname == opname][-1]
    operands = Operands(code, "")
    assert operands.are_seen
    wanted = [operands.at(instruction, below) for below in range(count)]
    seen = list[Any]()

    def at_site(_site: Site, frame: FrameType) -> None:
        if frame.f_code is code and frame.f_lasti == instruction.offset:
            seen[:] = [each(frame) for each in wanted]

    heard = events.Instructions(Watch([TESTS]), at_site)
    assert instruction.offset in catalogue.table(code)
    heard.start()
    heard.enter_thread()
    try:
        function()
    finally:
        heard.leave_thread()
        heard.stop()
    return seen
