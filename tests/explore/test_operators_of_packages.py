"""Objects of installed packages whose operators nobody watches, as arrays are: one with a constant is no access."""

import site
from collections.abc import Callable
from typing import Any

import pytest
from programs.program import together

from pytest_concurrency import Grade, explore
from pytest_concurrency._sight.instructions import _numbers_of

TABLE = """
class Table:
    def __init__(self):
        self.n = 0

    def __setitem__(self, key, value):
        self.n = value

    def __add__(self, other):
        return self.n + other

    __radd__ = __add__

    def __eq__(self, other):
        return self.n == other

    def __iadd__(self, other):
        self.n += other
        return self

    def __neg__(self):
        return -self.n
"""


def table() -> Any:
    """Make a table of a package that is installed, and so not watched."""
    space: dict[str, Any] = {}
    exec(compile(TABLE, f"{site.getsitepackages()[0]}/tables/table.py", "exec"), space)  # ours
    return space["Table"]()


def write_attribute(it: Any) -> None:
    it.n = 1


def write_item(it: Any) -> None:
    it[0] = 1


def add_to_it(it: Any) -> None:
    it += 1


@pytest.mark.parametrize("write", [write_attribute, write_item, add_to_it])
@pytest.mark.parametrize(
    "read",
    [lambda it: it + 1, lambda it: 1 + it, lambda it: it == 0, lambda it: it != 1, lambda it: -it, lambda it: it.n],
    ids=["added to", "added", "compared", "compared otherwise", "negative", "attribute"],
)
def test_both_outcomes_are_seen_and_nothing_is_proved(
    write: Callable[[Any], None], read: Callable[[Any], object]
) -> None:
    def scenario() -> list[object]:
        it, seen = table(), list[object]()
        together(lambda: write(it), lambda: seen.append(read(it)))
        return seen

    verdict = explore(scenario, strategy="dpor", schedules=500, stop_on_failure=False)
    assert verdict.grade is Grade.SAMPLED, verdict
    assert len(verdict.outcomes) == 2, verdict


def test_a_counter_of_the_frame_costs_nothing() -> None:
    def counts(upto: int, other: float) -> float:
        number = 0
        half = 0.5
        text = ""
        while number < upto:
            number += 1
        half = 1.5
        text += str(number)
        other += 1
        return half + other

    assert _numbers_of(counts.__code__) == {"number", "half"}
