"""Orders of locks that could become deadlocks, and those that could not."""

import pytest

from pytest_concurrency._core.detectors.lock_order import Held, LockOrder


def taken(order: LockOrder, thread: str, *locks: tuple[int, str]) -> None:
    """Let a thread take locks (number, class), each while it holds those before it."""
    held: list[Held] = []
    for number, kind in locks:
        lock = Held(number, kind, f"{thread} takes {number}")
        order.took(thread, held, lock)
        held.append(lock)


A, B, C = (1, "a"), (2, "b"), (3, "c")


def places(order: LockOrder) -> list[list[object]]:
    return [[w.first.place for w in way] + [w.second.place for w in way] for way in order.inversions()]


def test_two_threads_with_two_orders_and_all_four_places() -> None:
    order = LockOrder()
    taken(order, "T", A, B)
    taken(order, "U", B, A)
    assert places(order) == [["T takes 1", "U takes 2", "T takes 2", "U takes 1"]]


def test_one_order_is_none_too_many() -> None:
    order = LockOrder()
    taken(order, "T", A, B)
    taken(order, "U", A, B)
    assert order.inversions() == []


def test_one_thread_alone_cannot_meet_itself() -> None:
    order = LockOrder()
    taken(order, "T", A, B)
    taken(order, "T", B, A)
    assert order.inversions() == []


def test_a_gate_lock_keeps_them_apart() -> None:
    order = LockOrder()
    gate = (9, "gate")
    taken(order, "T", gate, A, B)
    taken(order, "U", gate, B, A)
    assert order.inversions() == []


def test_two_gates_of_one_class_are_not_one_gate() -> None:
    order = LockOrder()
    taken(order, "T", (8, "gate"), A, B)
    taken(order, "U", (9, "gate"), B, A)
    assert len(order.inversions()) == 1


@pytest.mark.parametrize("length", [3, 5, 12])
def test_a_cycle_of_any_length(length: int) -> None:
    order = LockOrder()
    for n in range(length):
        taken(order, f"T{n}", (n + 1, f"class {n}"), ((n + 1) % length + 1, f"class {(n + 1) % length}"))
    (way,) = order.inversions()
    assert len(way) == length


def test_a_cycle_needs_as_many_threads_as_orders() -> None:
    order = LockOrder()
    taken(order, "T", A, B)
    taken(order, "T", B, C)
    taken(order, "U", C, A)
    assert order.inversions() == []


def test_classes_and_not_single_locks_are_compared() -> None:
    order = LockOrder()
    taken(order, "T", (1, "account"), (2, "log"))
    taken(order, "U", (4, "log"), (3, "account"))
    assert len(order.inversions()) == 1


def test_locks_of_one_class_are_compared_one_by_one() -> None:
    order = LockOrder()
    taken(order, "T", (1, "account"), (2, "account"))
    taken(order, "U", (2, "account"), (3, "account"))
    assert order.inversions() == []
    taken(order, "V", (3, "account"), (1, "account"))
    assert [len(way) for way in order.inversions()] == [3]
