"""Two operations conflict when their order can matter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_concurrency._core.operations import BEGIN, READ, TIME_PASSES, WRITE, Operation, conflict

READ_A: Operation = ("read", (("a", READ),))
WRITE_A: Operation = ("write", (("a", WRITE),))
READ_B: Operation = ("read", (("b", READ),))
WRITE_B: Operation = ("write", (("b", WRITE),))
BOTH: Operation = ("call", (("a", READ), ("b", WRITE)))
UNKNOWN: Operation = ("call", None)


@pytest.mark.parametrize(
    ("first", "second", "matters"),
    [
        (READ_A, READ_A, False),
        (READ_A, WRITE_A, True),
        (WRITE_A, WRITE_A, True),
        (WRITE_A, WRITE_B, False),
        (READ_A, WRITE_B, False),
        (BOTH, READ_A, False),
        (BOTH, WRITE_A, True),
        (BOTH, READ_B, True),
        (UNKNOWN, READ_A, True),
        (UNKNOWN, UNKNOWN, True),
        (UNKNOWN, BEGIN, False),
        (BEGIN, BEGIN, False),
        (BEGIN, WRITE_A, False),
        (TIME_PASSES, TIME_PASSES, True),
        (TIME_PASSES, WRITE_A, False),
    ],
)
def test_conflict(first: Operation, second: Operation, matters: object) -> None:
    assert conflict(first, second) is matters
    assert conflict(second, first) is matters


accesses = st.none() | st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([READ, WRITE])), max_size=3).map(
    tuple
)


@pytest.mark.slow
@given(accesses, accesses)
def test_conflict_is_symmetric_and_needs_a_write_to_a_common_thing(first: object, second: object) -> None:
    one: Operation = ("x", first)  # type: ignore[assignment] # hypothesis knows no precise type here
    two: Operation = ("y", second)  # type: ignore[assignment]
    assert conflict(one, two) is conflict(two, one)
    if one[1] is not None and two[1] is not None:
        assert conflict(one, two) is any(a == b and WRITE in (m, n) for a, m in one[1] for b, n in two[1])
