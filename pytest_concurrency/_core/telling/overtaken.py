"""The likely cause of a wrong result: a read that another task's write overtook before its own task acted on it."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_concurrency._core.operations import Access
    from pytest_concurrency._core.telling.report import LaneStep

    Keys = frozenset[object]


def overtaken_read(lanes: Iterable[tuple[LaneStep, tuple[Access, ...] | None]]) -> str:
    """Name a read, the write that overtook it, and the write that followed it; "" where it would be a guess.

    All three are of one thing. A read under a lock that was given back before the write is no such read: its
    task may have meant to let others in.

    Args:
        lanes: Each step of a run, with what it touched; None where that is not known.
    """
    reads: list[tuple[LaneStep, int, Keys, Keys]] = []  # with its number, what it read, and the locks meanwhile
    writes: list[tuple[LaneStep, int, Keys]] = []
    held: dict[str, set[object]] = {}
    for number, (step, accesses) in enumerate(lanes):
        keys = frozenset(key for key, _ in accesses or ())
        locks = held.setdefault(step.task, set())
        match step.what.partition(" ")[0]:
            case "acquire" | "try":
                locks |= keys
            case "release":
                locks -= keys
                reads = [each for each in reads if each[0].task != step.task or not each[3] & keys]
            case "read":
                reads.append((step, number, keys, frozenset(locks)))
            case "write":
                mine = [each for each in reads if each[0].task == step.task and _same(each[0], step, each[2] & keys)]
                for read, began, _, _ in mine:
                    since = [*takewhile(lambda each, began=began: each[1] > began, reversed(writes))]  # type: ignore[misc]
                    for other, _, theirs in reversed(since):
                        if other.task != step.task and _same(other, step, theirs & keys):
                            return _overtaken(read, other, step)
                reads = [each for each in reads if each not in mine]
                writes.append((step, number, keys))
    return ""


def _same(first: LaneStep, second: LaneStep, common: Keys) -> bool:
    return bool(common) and _name(first) == _name(second)


def _name(step: LaneStep) -> str:
    return step.what.partition(" ")[2]


def _overtaken(read: LaneStep, other: LaneStep, write: LaneStep) -> str:
    return (
        f"{read.task} read {_name(read)} at {read.place}, {other.task} wrote it at {other.place} before "
        f"{write.task} wrote it at {write.place}: from the read to the write must be one critical section"
    )
