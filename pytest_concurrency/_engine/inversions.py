"""Locks that are taken in different orders, as a person reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.telling.report import Place
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_concurrency._core.detectors.lock_order import Witness


@dataclass(frozen=True, slots=True)
class TakenInOrder:
    """A thread that took one lock, and another while it held the first."""

    thread: str
    first: str
    first_at: Place
    second: str
    second_at: Place

    def __str__(self) -> str:
        return f"{self.thread} takes {self.first} at {self.first_at}, then {self.second} at {self.second_at}"


@dataclass(frozen=True, slots=True)
class Inversion:
    """Locks that threads take in different orders: one day they will wait for each other.

    Attributes:
        orders: One entry for each thread of the cycle; each begins with the lock that the one
            before ends with.
        made: The locks and where they are made, in the order of the cycle.
    """

    orders: tuple[TakenInOrder, ...]
    made: tuple[tuple[str, Place | None], ...]

    def __str__(self) -> str:
        names = [name if place is None else f"{name} (made at {place})" for name, place in self.made]
        text = f"{', '.join(names[:-1])} and {names[-1]} are taken in different orders"
        return "\n  ".join([text, *map(str, self.orders)])

    def __repr__(self) -> str:
        return f"<Inversion: {'; '.join(map(str, self.orders))}>"


def told(witnesses: tuple[Witness, ...], known: Mapping[Any, tuple[str, Place | None]]) -> Inversion:
    """Put a cycle of orders into words; `known` has the name and the place of each class of locks."""
    made = tuple(known[each.first.kind] for each in witnesses)
    names = [name for name, _ in made]
    if len(set(made)) < len(made):
        names = [f"{name} no. {number}" for number, name in enumerate(names, 1)]
    orders = []
    for number, each in enumerate(witnesses):
        thread: Any = each.thread
        first, second = names[number], names[(number + 1) % len(names)]
        orders.append(TakenInOrder(thread[1], first, _place(each.first.place), second, _place(each.second.place)))
    return Inversion(tuple(orders), tuple((name, place) for name, (_, place) in zip(names, made, strict=True)))


def _place(place: Any) -> Place:
    code, line = place
    return stacks.place_of(code, line) if line else Place("unknown", 0)
