"""The likely cause of a wrong result: a read that another task's write overtook before its own task acted on it."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_concurrency._core.operations import Access
    from pytest_concurrency._core.telling.report import LaneStep, Place

    Keys = frozenset[object]


def overtaken_read(lanes: Iterable[tuple[LaneStep, tuple[Access, ...] | None]]) -> str:
    """Name a read, the write that overtook it, and the write that followed it; "" where it would be a guess.

    All three are of one thing. Where the lock of the read was given back before the write, its task may have meant
    to let others in; then the written line has to use a name that the read line has assigned.

    Args:
        lanes: Each step of a run, with what it touched; None where that is not known.
    """
    reads: list[tuple[LaneStep, int, Keys, Keys]] = []  # with its number, what it read, and the locks meanwhile
    writes: list[tuple[LaneStep, int, Keys]] = []
    held: dict[str, set[object]] = {}
    parted: set[int] = set()  # numbers of reads whose lock was given back
    for number, (step, accesses) in enumerate(lanes):
        keys = frozenset(key for key, _ in accesses or ())
        locks = held.setdefault(step.task, set())
        match step.what.partition(" ")[0]:
            case "acquire" | "try":
                locks |= keys
            case "release":
                locks -= keys
                parted |= {each[1] for each in reads if each[0].task == step.task and each[3] & keys}
            case "read":
                reads.append((step, number, keys, frozenset(locks)))
            case "write":
                mine = [each for each in reads if each[0].task == step.task and _same(each[0], step, each[2] & keys)]
                is_read_anew = any(read.place == step.place for read, *_ in mine)
                for read, began, _, _ in mine:
                    if began in parted and not _feeds(read.place, step.place):
                        continue
                    if is_read_anew and not _leads_to(read.place, step.place):
                        continue
                    since = [*takewhile(lambda each, began=began: each[1] > began, reversed(writes))]  # type: ignore[misc]
                    for other, _, theirs in reversed(since):
                        if other.task != step.task and _same(other, step, theirs & keys):
                            return _overtaken(read, other, step)
                reads = [each for each in reads if each not in mine]
                writes.append((step, number, keys))
    return ""


def _same(first: LaneStep, second: LaneStep, common: Keys) -> bool:
    return bool(common) and _part(first) == _part(second)


_ASSIGNED = re.compile(r"(?:with [^:]+:\s*)?(\w+)\s*(?::[^=]+)?=(?!=)")
_ASKS: Final = ("if ", "elif ", "while ", "assert ")


def _leads_to(read: Place, write: Place) -> bool:
    """Tell whether it may be for what a line has read that another writes, which reads it anew."""
    return read == write or read.source.startswith(_ASKS) or _feeds(read, write)


def _feeds(read: Place, write: Place) -> bool:
    """Tell whether a line uses a name that an earlier line of its function assigns."""
    found = _ASSIGNED.match(read.source)
    if found is None or (read.file, read.function) != (write.file, write.function):
        return False
    return re.search(rf"(?<![\w.]){found[1]}\b", write.source) is not None


def _name(step: LaneStep) -> str:
    return step.what.partition(" ")[2]


def _part(step: LaneStep) -> str:
    """Return what of a thing a step touches, however it names the thing."""
    return _name(step).partition(" of ")[0]


def _overtaken(read: LaneStep, other: LaneStep, write: LaneStep) -> str:
    return (
        f"{read.task} read {_name(read)} at {read.place}, {other.task} wrote it at {other.place} before "
        f"{write.task} wrote it at {write.place}: from the read to the write must be one critical section"
    )
