"""What a class has or has not: others see it through instances, subclasses, `super()`, operators and calls."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from pytest_concurrency import Grade, explore


class Tree:
    """Three classes, one below the other, made anew for each schedule."""

    def __init__(self) -> None:
        self.A: Any = type("A", (), {})
        self.B: Any = type("B", (self.A,), {"asks": lambda this: hasattr(super(self.B, this), "z")})
        self.C: Any = type("C", (self.B,), {})
        self.Meta: Any = type("Meta", (type,), {})
        self.M: Any = self.Meta("M", (), {})
        self.c = self.C()


def of_nothing(_: Tree) -> None:
    """Begin with the classes as they are."""


def with_one_above(tree: Tree) -> None:
    tree.A.z = 0


def with_both(tree: Tree) -> None:
    tree.A.z, tree.B.z = 0, 1


def a_value(tree: Tree) -> None:
    tree.A.z = 1


def a_value_between(tree: Tree) -> None:
    tree.B.z = 1


def a_method(tree: Tree) -> None:
    tree.A.z = lambda _: 1


def a_property(tree: Tree) -> None:
    tree.A.z = property(lambda _: 1)


def by_name(tree: Tree) -> None:
    setattr(tree.A, "z", 1)  # noqa: B010


def of_its_kind(tree: Tree) -> None:
    tree.Meta.z = 1


def taken_away(tree: Tree) -> None:
    del tree.B.z


def asked_of_the_instance(tree: Tree) -> Any:
    return hasattr(tree.c, "z")


def asked_of_the_class(tree: Tree) -> Any:
    return hasattr(tree.C, "z")


def asked_of_a_super(tree: Tree) -> Any:
    return tree.c.asks()


def asked_of_one_with_a_kind(tree: Tree) -> Any:
    return hasattr(tree.M, "z")


def read_from_the_instance(tree: Tree) -> Any:
    return tree.c.z


def read_from_the_class(tree: Tree) -> Any:
    return tree.C.z


def read_if_there(tree: Tree) -> Any:
    try:
        return type(tree.C.z).__name__
    except AttributeError:
        return None


@pytest.mark.parametrize(
    ("given", "write", "read"),
    [
        *[
            (of_nothing, write, read)
            for write in (a_value, a_value_between, a_method, a_property, by_name)
            for read in (asked_of_the_instance, asked_of_the_class, asked_of_a_super, read_if_there)
            if (write, read) != (a_value_between, asked_of_a_super)
        ],
        (of_nothing, of_its_kind, asked_of_one_with_a_kind),
        (with_one_above, a_value_between, read_from_the_instance),
        (with_one_above, a_value_between, read_from_the_class),
        (with_both, taken_away, read_from_the_instance),
        (with_both, taken_away, read_from_the_class),
    ],
    ids=lambda each: each.__name__,
)
def test_both_are_seen(
    given: Callable[[Tree], None], write: Callable[[Tree], None], read: Callable[[Tree], Any]
) -> None:
    def scenario() -> Any:
        tree, seen = Tree(), []
        given(tree)
        together(lambda: write(tree), lambda: seen.append(read(tree)))
        return seen

    verdict = explore(scenario, strategy="dpor", stop_on_failure=False)
    assert len(verdict.outcomes) == 2, verdict


def together(*functions: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=each) for each in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_an_attribute_of_a_bound_method_is_that_of_its_function() -> None:
    def scenario() -> Any:
        class A:
            def told(self) -> None:
                """Have attributes, as functions do."""

        def write() -> None:
            A.told.z = 1  # type: ignore[attr-defined]

        a, seen = A(), list[bool]()
        together(write, lambda: seen.append(hasattr(a.told, "z")))
        return seen

    verdict = explore(scenario, strategy="dpor", stop_on_failure=False)
    assert len(verdict.outcomes) == 2, verdict


def becomes_callable(tree: Tree) -> None:
    tree.A.__call__ = lambda _: 1


def has_a_size(tree: Tree) -> None:
    tree.A.__len__ = lambda _: 0


def contains_all(tree: Tree) -> None:
    tree.A.__contains__ = lambda _, __: True


def has_other_bases(tree: Tree) -> None:
    tree.B.__bases__ = (type("Other", (), {"z": 1}),)


def is_another(tree: Tree) -> None:
    tree.c.__class__ = type("Other", (tree.C,), {"z": 1})


def has_a_name(tree: Tree) -> None:
    tree.A.__qualname__ = "Other"


def has_a_subclass(tree: Tree) -> None:
    type("Other", (tree.A,), {})


@pytest.mark.parametrize(
    ("write", "read"),
    [
        (becomes_callable, lambda tree: callable(tree.c)),
        (has_a_size, lambda tree: bool(tree.c)),
        (contains_all, lambda tree: 1 in tree.c),
        (has_other_bases, lambda tree: hasattr(tree.C, "z")),
        (is_another, lambda tree: hasattr(tree.c, "z")),
        (has_a_name, lambda tree: repr(tree.A)),
        (has_a_subclass, lambda tree: len(tree.A.__subclasses__())),
    ],
    ids=lambda each: each.__name__,
)
def test_what_changes_how_operators_work_is_no_proof(
    write: Callable[[Tree], None], read: Callable[[Tree], Any]
) -> None:
    def scenario() -> Any:
        tree, seen = Tree(), list[str]()

        def look() -> None:
            try:
                seen.append(str(read(tree)))
            except TypeError as error:
                seen.append(str(error))

        together(lambda: write(tree), look)
        return seen

    verdict = explore(scenario, strategy="dpor", stop_on_failure=False)
    assert verdict.grade is not Grade.PROVED, verdict


def test_a_class_that_counts_is_proved() -> None:
    def scenario() -> int:
        class Counter:
            lock = threading.Lock()

            @classmethod
            def count(cls) -> None:
                with cls.lock:
                    cls.made = getattr(cls, "made", 0) + 1  # type: ignore[attr-defined]

        together(Counter.count, Counter.count)
        return int(Counter.made)  # type: ignore[attr-defined]

    verdict = explore(scenario, strategy="dpor", stop_on_failure=False)
    assert verdict.grade is Grade.PROVED, verdict
    assert set(verdict.outcomes) == {"2"}
