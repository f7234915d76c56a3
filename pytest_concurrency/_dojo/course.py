"""Where to go in the curriculum: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_concurrency._dojo.states import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pytest_concurrency._katas.index import Kata

UNDER_WAY = (State.BEGUN, State.RED, State.AMBER, State.HUNG)


def suggest(katas: Sequence[Kata], states: Mapping[str, State], last: Mapping[str, datetime]) -> Kata | None:
    """Return the kata to work on: the one worked on last and not green, else the first that is open.

    Args:
        katas: all, in the order of learning.
        states: where each stands.
        last: when each was run for the last time, if it was.
    """
    begun = [kata for kata in katas if states[kata.name] in UNDER_WAY]
    if begun:
        return max(begun, key=lambda kata: (kata.name in last, last.get(kata.name), -katas.index(kata)))
    return following(katas, states)


def following(katas: Sequence[Kata], states: Mapping[str, State], than: str = "") -> Kata | None:
    """Return the first kata that is not green and whose `requires` all are; `than` is passed over."""
    waiting = [kata for kata in katas if states[kata.name] is not State.GREEN and kata.name != than]
    ready = [kata for kata in waiting if not unmet(kata, states)]
    return next(iter(ready or waiting), None)


def unmet(kata: Kata, states: Mapping[str, State]) -> list[str]:
    """Name what should be green before a kata, and is not."""
    return [name for name in kata.requires if states[name] is not State.GREEN]
