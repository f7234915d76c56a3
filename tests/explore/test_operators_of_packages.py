"""Objects of installed packages whose operators nobody watches, as arrays are: one with a constant is no access."""

import dataclasses
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

class View:
    __slots__ = ("shown",)

    def __init__(self, shown):
        self.shown = shown

    def __eq__(self, other):
        return self.shown[0] == other

    def __add__(self, other):
        return self.shown[0] + other

    __radd__ = __add__

    def __neg__(self):
        return -self.shown[0]

    def __bool__(self):
        return bool(self.shown[0])

    def __getitem__(self, key):
        return self.shown[key]

    def __setitem__(self, key, value):
        self.shown[key] = value

    def __iter__(self):
        return iter(list(self.shown))

    def __int__(self):
        return self.shown[0]

    def __call__(self):
        return self.shown[0]

    first = property(lambda self: self.shown[0], lambda self, value: self.shown.__setitem__(0, value))

class Proxy:
    __slots__ = ("_of",)

    def __init__(self, of):
        self._of = of

    def __eq__(self, other):
        return self._of == other

    def __getattr__(self, name):
        return getattr(self._of, name)

    __dict__ = property(lambda self: self._of.__dict__)
"""


def package() -> dict[str, Any]:
    """Make what a package holds that is installed, and so not watched."""
    space: dict[str, Any] = {"__name__": "tables.table"}
    exec(compile(TABLE, f"{site.getsitepackages()[0]}/tables/table.py", "exec"), space)  # ours
    return space


def table() -> Any:
    """Make a table of a package."""
    return package()["Table"]()


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


LOOKS: list[Callable[[Any], object]] = [
    lambda view: bool(view),
    lambda view: not view,
    lambda view: view == 0,
    lambda view: view != 1,
    lambda view: view + 1,
    lambda view: 1 + view,
    lambda view: -view,
    lambda view: [view] == [0],
    lambda view: view[0],
    lambda view: view.first,
    lambda view: list(view),
    lambda view: [*view],
    lambda view: [each for each in view],
    lambda view: (lambda first: first)(*view),
    lambda view: sum(view),
    lambda view: int(view),
    lambda view: view(),
]


@pytest.mark.parametrize(
    "write",
    [
        lambda _view, shown: shown.__setitem__(0, 1),
        lambda view, _shown: view.__setitem__(0, 1),
        lambda view, _shown: setattr(view, "first", 1),
    ],
    ids=["what is shown", "item of the view", "attribute of the view"],
)
@pytest.mark.parametrize("look", LOOKS, ids=map(str, range(len(LOOKS))))
def test_what_a_view_shows_may_be_changed_without_the_view(
    look: Callable[[Any], object], write: Callable[[Any, list[int]], None]
) -> None:
    def scenario() -> list[object]:
        shown, seen = [0], list[object]()
        view = package()["View"](shown)
        together(lambda: write(view, shown), lambda: seen.append(look(view)))
        return seen

    verdict = explore(scenario, strategy="dpor", schedules=500, stop_on_failure=False)
    assert verdict.grade is Grade.SAMPLED, verdict
    assert len(verdict.outcomes) == 2, verdict


def test_the_attributes_of_another_are_shown_by_a_proxy() -> None:
    class Shared:
        n = 0

    def scenario() -> list[object]:
        shared, seen = Shared(), list[object]()
        proxy = package()["Proxy"](shared)
        together(lambda: setattr(shared, "n", 1), lambda: seen.append(proxy.n))
        return seen

    verdict = explore(scenario, strategy="dpor", schedules=500, stop_on_failure=False)
    assert verdict.grade is Grade.SAMPLED, verdict
    assert len(verdict.outcomes) == 2, verdict


def test_what_a_dataclass_of_the_users_has_of_dataclasses_costs_no_proof() -> None:
    @dataclasses.dataclass(order=True)
    class Point:
        x: int = 0

    def scenario() -> list[object]:
        points, seen = [Point(), Point()], list[object]()
        together(lambda: seen.append(points[0].x), lambda: seen.append(points[1].x))
        return seen

    verdict = explore(scenario, strategy="dpor", schedules=500, stop_on_failure=False)
    assert verdict.grade is Grade.PROVED, verdict


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
