"""Make a failing schedule smaller: drop what the failure does not need."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")

FEW: Final = 12
"""So many items or fewer are also tried without two of them: a switch and the one that undoes it."""


def shrink(items: Sequence[Item], still_fails: Callable[[tuple[Item, ...]], bool], attempts: int) -> tuple[Item, ...]:
    """Return a subsequence that still fails and from which no single item can be dropped.

    Halves are tried before single items (delta debugging, Zeller and Hildebrandt 2002), and where
    few are left, pairs after them. The result is minimal unless `attempts` calls of
    `still_fails` were not enough.
    """
    left = [attempts]

    def fails(candidate: tuple[Item, ...]) -> bool:
        left[0] -= 1
        return still_fails(candidate)

    kept = _without_parts(tuple(items), fails, left)
    while len(kept) <= FEW and left[0] > 0:
        smaller = _without_a_pair(kept, fails, left)
        if smaller is None:
            break
        kept = _without_parts(smaller, fails, left)
    return kept


def _without_parts(
    kept: tuple[Item, ...], fails: Callable[[tuple[Item, ...]], bool], left: list[int]
) -> tuple[Item, ...]:
    size = len(kept)
    while size and left[0] > 0:
        at, dropped = 0, False
        while at < len(kept) and left[0] > 0:
            candidate = kept[:at] + kept[at + size :]
            if fails(candidate):
                kept, dropped = candidate, True
            else:
                at += size
        if size > 1:
            size = min(size // 2, max(len(kept), 1))
        elif not dropped:
            break
    return kept


def _without_a_pair(
    kept: tuple[Item, ...], fails: Callable[[tuple[Item, ...]], bool], left: list[int]
) -> tuple[Item, ...] | None:
    for first, second in combinations(range(len(kept)), 2):
        candidate = kept[:first] + kept[first + 1 : second] + kept[second + 1 :]
        if left[0] > 0 and fails(candidate):
            return candidate
    return None
