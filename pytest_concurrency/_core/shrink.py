"""Make a failing schedule smaller: drop what the failure does not need."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")


def shrink(items: Sequence[Item], still_fails: Callable[[tuple[Item, ...]], bool], attempts: int) -> tuple[Item, ...]:
    """Return a subsequence that still fails and from which no single item can be dropped.

    Halves are tried before single items (delta debugging, Zeller and Hildebrandt 2002). The
    result is minimal unless `attempts` calls of `still_fails` were not enough.
    """
    kept = tuple(items)
    size = len(kept)
    while size and attempts > 0:
        at, dropped = 0, False
        while at < len(kept) and attempts > 0:
            candidate = kept[:at] + kept[at + size :]
            attempts -= 1
            if still_fails(candidate):
                kept, dropped = candidate, True
            else:
                at += size
        if size > 1:
            size = min(size // 2, max(len(kept), 1))
        elif not dropped:
            break
    return kept
