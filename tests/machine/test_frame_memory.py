"""What stands in a frame is known on every Python that we support."""

import sys
from collections.abc import Callable, Iterator
from types import FrameType

from pytest_concurrency._machine import frame_memory


def find(frame: FrameType, number: int) -> object:
    assert frame_memory.is_known()
    return frame_memory.reader(number, "nothing")(frame)


def number_of(frame: FrameType, name: str) -> int:
    """Where the variables of a frame stand: its own, those of them that others share, those of others."""
    code = frame.f_code
    own = [each for each in code.co_cellvars if each not in code.co_varnames]
    return [*code.co_varnames, *own, *code.co_freevars].index(name)


def test_it_is_the_cell_of_the_closure() -> None:
    def make(value: int) -> Callable[[], object]:
        def get() -> object:
            frame = sys._getframe()
            return find(frame, number_of(frame, "value")), value

        return get

    first, second = make(1), make(2)
    assert first() == (first.__closure__[0], 1)  # type: ignore[index] # it has one
    assert second() == (second.__closure__[0], 2)  # type: ignore[index]


def test_it_is_found_in_the_function_that_owns_the_variable_and_in_a_generator() -> None:
    def owner(value: int) -> tuple[object, tuple[object, int]]:
        frame = sys._getframe()

        def steps() -> Iterator[tuple[object, int]]:
            inner = sys._getframe()
            yield find(inner, number_of(inner, "value")), value

        return find(frame, number_of(frame, "value")), next(steps())

    own, (seen, value) = owner(3)
    assert own is seen
    assert value == 3


def test_what_is_no_cell_is_the_value() -> None:
    value = 1
    frame = sys._getframe()
    assert find(frame, number_of(frame, "value")) == 1
    assert value == 1


def test_a_variable_that_has_no_value_yet_is_nothing() -> None:
    frame = sys._getframe()
    assert find(frame, number_of(frame, "value")) == "nothing"
    value = 1
    assert find(frame, number_of(frame, "value")) == value
