"""Every way to touch shared state is a place where another task may come in between."""

import array
import collections
import io
import logging
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from controlled import failed, outcomes
from programs.program import Box

from pytest_concurrency import Grade, explore
from pytest_concurrency._sight.catalogue import catalogue

COUNT = 0


def together(*functions: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Shared:
    of_class = 0

    def __init__(self) -> None:
        self.n = 0
        self.items: list[int] = [0]
        self.table: dict[str, int] = {"n": 0}
        self.__private = 0

    def add_private(self) -> None:
        self.__private += 1

    def private(self) -> int:
        return self.__private


class Slots:
    __slots__ = ("n",)

    def __init__(self) -> None:
        self.n = 0


def twice(add: Callable[[Any], None], look: Callable[[Any], object], make: Callable[[], Any]) -> set[str]:
    """Return all outcomes of two tasks that do the same to one object."""

    def scenario() -> object:
        thing = make()
        together(lambda: add(thing), lambda: add(thing))
        return look(thing)

    return outcomes(scenario)


def add_attribute(s: Shared) -> None:
    s.n += 1


def add_attribute_in_two_steps(s: Shared) -> None:
    n = s.n
    s.n = n + 1


def add_by_setattr(s: Shared) -> None:
    setattr(s, "n", getattr(s, "n") + 1)  # noqa: B009, B010 - both ways are to be seen


def add_item(s: Shared) -> None:
    s.items[0] += 1


def add_entry(s: Shared) -> None:
    s.table["n"] += 1


def add_entry_by_methods(s: Shared) -> None:
    s.table.update(n=s.table.get("n", 0) + 1)


def add_slice(s: Shared) -> None:
    s.items[0:1] = [s.items[0] + 1]


def add_private(s: Shared) -> None:
    s.add_private()


def add_to_class(_: Shared) -> None:
    Shared.of_class += 1


def add_by_unpacking(s: Shared) -> None:
    (n,) = s.items
    s.items[0] = n + 1


def add_by_iterating(s: Shared) -> None:
    for n in s.items:
        s.items[0] = n + 1


def add_by_spreading(s: Shared) -> None:
    s.items = [*s.items, 1]


def add_by_concatenating(s: Shared) -> None:
    s.items = s.items + [1]


def add_by_builtin(s: Shared) -> None:
    s.items[0] = max(s.items) + 1


def add_by_comprehension(s: Shared) -> None:
    s.items = [n for n in s.items] + [1]


def add_by_generator(s: Shared) -> None:
    s.items = list(n for n in s.items) + [1]  # noqa: C400


def add_by_length(s: Shared) -> None:
    s.n = len(s.items)
    s.items.append(1)


@pytest.mark.parametrize(
    "add",
    [
        add_attribute,
        add_attribute_in_two_steps,
        add_by_setattr,
        add_item,
        add_entry,
        add_entry_by_methods,
        add_slice,
        add_private,
        add_by_unpacking,
        add_by_iterating,
        add_by_builtin,
    ],
)
def test_a_read_and_a_write_can_come_apart(add: Callable[[Any], None]) -> None:
    found = twice(add, lambda s: s.n or s.items[0] or s.table["n"] or s.private(), Shared)
    assert found == {"1", "2"}


@pytest.mark.parametrize("add", [add_by_spreading, add_by_concatenating, add_by_comprehension, add_by_generator])
def test_a_container_that_is_replaced_can_be_lost(add: Callable[[Any], None]) -> None:
    assert twice(add, lambda s: len(s.items), Shared) == {"2", "3"}


def test_slots() -> None:
    def add(s: Slots) -> None:
        s.n += 1

    assert twice(add, lambda s: s.n, Slots) == {"1", "2"}


def test_an_attribute_of_a_class() -> None:
    def scenario() -> int:
        Shared.of_class = 0
        together(*[lambda: add_to_class(Shared())] * 2)
        return Shared.of_class

    assert outcomes(scenario) == {"1", "2"}


def test_a_global() -> None:
    def add() -> None:
        global COUNT
        COUNT += 1

    def scenario() -> int:
        global COUNT
        COUNT = 0
        together(add, add)
        return COUNT

    assert outcomes(scenario) == {"1", "2"}


def test_a_closure_variable() -> None:
    def scenario() -> int:
        n = 0

        def add() -> None:
            nonlocal n
            n += 1

        together(add, add)
        return n

    assert outcomes(scenario) == {"1", "2"}


@pytest.mark.slow
def test_a_closure_variable_under_a_lock_is_right() -> None:
    """On Python 3.11 a tracer that comes back late would write an old value over the new one."""

    def scenario() -> int:
        n, lock = 0, threading.Lock()

        def add() -> None:
            nonlocal n
            for _ in range(2):
                with lock:
                    n += 1

        together(add, add)
        return n

    for strategy in ("random", "pct", "dfs"):
        verdict = explore(scenario, strategy=strategy, schedules=300)
        assert set(verdict.outcomes) == {"4"}, strategy


def test_the_textbook_decrement_of_a_closure_variable_is_found() -> None:
    def scenario() -> None:
        n = 0

        def take() -> None:
            nonlocal n
            n -= 1

        together(take, take)
        assert n == -2

    assert failed(scenario).schedules <= 20


CHECK_THEN_ACT: dict[str, tuple[Callable[[], Any], Callable[[Any], None], set[str]]] = {
    "in a dict": (dict, lambda d: d.update(a=d.get("a", 0) + 1) if "a" not in d else None, {"1", "2"}),
    "a set": (set, lambda s: s.add(len(s)), {"1", "2"}),
    "a deque": (deque, lambda d: d.append(1) if not d else None, {"1", "2"}),
    "a list's length": (list, lambda x: x.append(1) if len(x) < 1 else None, {"1", "2"}),
    "a list's truth": (list, lambda x: x.append(1) if not x else None, {"1", "2"}),
    "a comparison": (list, lambda x: x.append(1) if x == [] else None, {"1", "2"}),
    "a sorted copy": (list, lambda x: x.append(1) if not sorted(x) else None, {"1", "2"}),
    "any": (list, lambda x: x.append(1) if not any(x) else None, {"1", "2"}),
    "a bytearray": (bytearray, lambda b: b.append(1) if not b else None, {"1", "2"}),
    "an array": (lambda: array.array("i"), lambda a: a.append(1) if not a else None, {"1", "2"}),
    "an ordered dict": (
        collections.OrderedDict,
        lambda d: d.update(a=1) if "a" not in d else d.update(b=1),
        {"1", "2"},
    ),
    "a format": (list, lambda x: x.append(1) if f"{x}" == "[]" else None, {"1", "2"}),
}


@pytest.mark.parametrize("name", CHECK_THEN_ACT)
def test_a_check_and_an_act_can_come_apart(name: str) -> None:
    make, act, expected = CHECK_THEN_ACT[name]
    assert twice(act, size, make) == expected


def size(thing: Any) -> int:
    return int(sum(thing.values())) if isinstance(thing, dict) else len(thing)


def test_in_place_operators_on_containers() -> None:
    def scenario() -> str:
        box = Box()
        items = box.items

        def extend() -> None:
            nonlocal items
            items += [1]

        def look() -> None:
            box.first = list(items)

        together(extend, look)
        return str(box.first)

    assert outcomes(scenario) == {"'[]'", "'[1]'"}


def test_a_step_of_an_iteration() -> None:
    def scenario() -> str:
        items, seen = [1, 2], []

        def read() -> None:
            for item in items:
                seen.append(item)

        together(read, lambda: items.append(3))
        return str(seen)

    assert outcomes(scenario) == {"'[1, 2]'", "'[1, 2, 3]'"}


def test_a_dict_that_changes_while_it_is_iterated() -> None:
    def scenario() -> None:
        table = {1: 1, 2: 2}

        def read() -> None:
            for _ in table.items():
                pass

        def write() -> None:
            table[3] = 3

        together(read, write)

    text = str(failed(scenario))
    assert "dictionary changed size during iteration" in text


def test_a_generator_that_two_tasks_share() -> None:
    def scenario() -> None:
        def numbers() -> Iterator[int]:
            box = Box()
            while box.x < 3:
                box.x += 1
                yield box.x

        shared = numbers()

        def read() -> None:
            for _ in shared:
                pass

        together(read, read)

    assert "generator already executing" in str(failed(scenario))


def test_an_iterator_that_two_tasks_share() -> None:
    def scenario() -> str:
        shared, got = iter([1, 2]), Box()

        def read() -> None:
            got.items.append(next(shared))

        together(read, read)
        return str(got.items)

    assert outcomes(scenario) == {"'[1, 2]'", "'[2, 1]'"}


def test_a_method_of_a_c_object() -> None:
    def scenario() -> str:
        text = io.StringIO()
        together(lambda: text.write("a"), lambda: text.write("b"))
        return text.getvalue()

    assert outcomes(scenario) == {"'ab'", "'ba'"}


def test_the_effect_belongs_to_the_call_and_not_to_the_look_up() -> None:
    def scenario() -> str:
        items: list[str] = []
        order = Box()

        def slow() -> str:
            order.items.append(1)
            return "slow"

        together(lambda: items.append(slow()), lambda: items.append("fast"))
        return " ".join(items)

    assert outcomes(scenario) == {"'slow fast'", "'fast slow'"}


def test_state_that_is_not_shared_offers_nothing() -> None:
    def scenario() -> None:
        def work() -> None:
            mine = Box()
            for _ in range(5):
                mine.x += 1
                mine.items.append(mine.x)

        together(work, work)

    few = explore(scenario, strategy="dpor", watch=["programs.program"])
    assert few.grade is Grade.PROVED
    assert few.schedules <= 5
    assert explore(scenario, strategy="dpor").grade is Grade.SAMPLED  # nobody sees what Box's own code does


# -- where no switch is ever chosen


def quiet(act: Callable[[Box], None]) -> set[str]:
    """Return the outcomes of a read and a write inside something quiet, against a write."""

    def scenario() -> int:
        box = Box()

        def write() -> None:
            box.x = 100

        together(lambda: act(box), write)
        return box.x

    return set(explore(scenario, strategy="random", schedules=300).outcomes)


def add_one(box: Box) -> None:
    n = box.x
    box.x = n + 1


@pytest.mark.slow
def test_outside_of_them_it_would_be_seen() -> None:
    assert quiet(add_one) == {"1", "100", "101"}


@pytest.mark.slow
def test_never_inside_a_log_handler() -> None:
    class Handler(logging.Handler):
        def __init__(self, box: Box) -> None:
            super().__init__()
            self.box = box

        def emit(self, record: logging.LogRecord) -> None:
            add_one(self.box)

    def act(box: Box) -> None:
        logger = logging.Logger("own")
        logger.addHandler(Handler(box))
        logger.error("x")

    assert quiet(act) == {"100", "101"}


@pytest.mark.slow
def test_never_inside_del() -> None:
    class Closing:
        def __init__(self, box: Box) -> None:
            self.box = box

        def __del__(self) -> None:
            n = self.box.x
            self.box.x = n + 1

    def act(box: Box) -> None:
        Closing(box)

    assert quiet(act) == {"100", "101"}


@pytest.mark.slow
def test_never_inside_repr() -> None:
    class Shown:
        def __init__(self, box: Box) -> None:
            self.box = box

        def __repr__(self) -> str:
            n = self.box.x
            self.box.x = n + 1
            return "shown"

    def act(box: Box) -> None:
        assert repr(Shown(box)) == "shown"

    assert quiet(act) == {"100", "101"}


@pytest.mark.slow
def test_never_inside_an_import(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lazily_imported.py").write_text("import holder\nholder.add_one(holder.box)\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    holder: Any = type(sys)("holder")
    holder.add_one = add_one
    monkeypatch.setitem(sys.modules, "holder", holder)

    def act(box: Box) -> None:
        holder.box = box
        sys.modules.pop("lazily_imported", None)
        import lazily_imported  # type: ignore[import-not-found] # noqa: F401

    assert quiet(act) <= {"100", "101"}
    sys.modules.pop("lazily_imported", None)


def test_the_words_of_the_sites() -> None:
    words = {site.what for site in catalogue.table(add_slice.__code__).values()}
    assert {"read items", "read item", "write item"} <= words
    assert "write n" in {site.what for site in catalogue.table(add_attribute.__code__).values()}
    assert [site.what for site in catalogue.table(add_private.__code__).values()]


def test_private_names_are_sites_too() -> None:
    words = {site.what for site in catalogue.table(Shared.add_private.__code__).values()}
    assert {"read _Shared__private", "write _Shared__private"} <= words
    assert not {"read __private", "write __private"} & words
