"""The likely cause of a wrong result: a read that another task's write overtook before its own task acted on it."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from pytest_concurrency._core.telling.checks import assigned, is_answered_otherwise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_concurrency._core.operations import Access
    from pytest_concurrency._core.telling.report import LaneStep, Place

    Keys = frozenset[object]
    Decides = Callable[[str, Place, Place], bool]
    Read = tuple[LaneStep, int, Keys, Keys]
    Write = tuple[LaneStep, int, Keys]


def overtaken_read(
    lanes: Iterable[tuple[LaneStep, tuple[Access, ...] | None]], decides: Decides = lambda _name, _read, _write: False
) -> str:
    """Name a read, the write that overtook it, and the write that followed it; "" where it would be a guess.

    All three are of one thing. Where the lock of the read was given back before the write, its task may have meant
    to let others in; then the written line has to use a name that the read line has assigned, or such a name has
    decided that it is written, and would be false where it was true after what the other wrote.

    Args:
        lanes: Each step of a run, with what it touched; None where that is not known.
        decides: Whether a name that one line assigns decides that another is gone through.
    """
    reads: list[Read] = []  # with its number, what it read, and the locks meanwhile
    writes: list[Write] = []
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
                told = _told(step, keys, mine, writes, parted, decides)
                if told:
                    return told
                reads = [each for each in reads if each not in mine]
                writes.append((step, number, keys))
    return ""


def _told(
    write: LaneStep, keys: Keys, mine: list[Read], writes: list[Write], parted: set[int], decides: Decides
) -> str:
    """Name which of the reads of a task was overtaken before it wrote; "" where none was."""
    is_read_anew = any(read.place == write.place for read, *_ in mine)
    for read, began, _, _ in mine:
        since = [*takewhile(lambda each, began=began: each[1] > began, reversed(writes))]  # type: ignore[misc]
        others = [each for each, _, theirs in since if _overtakes(each, write, theirs & keys)]
        if not others:
            continue
        is_last = all(each[0].place == write.place for each in mine if each[1] > began)
        if is_last and _is_decided(read, others[0], write, decides):
            return _overtaken(read, others[0], write)
        if began in parted and not _feeds(read.place, write.place):
            continue
        if not is_read_anew or _leads_to(read.place, write.place):
            return _overtaken(read, others[-1], write)
    return ""


def _overtakes(other: LaneStep, step: LaneStep, common: Keys) -> bool:
    return other.task != step.task and _same(other, step, common)


def _is_decided(read: LaneStep, other: LaneStep, write: LaneStep, decides: Decides) -> bool:
    """Tell whether a task wrote because of what it had read, and would not have for what another wrote meanwhile."""
    name = assigned(read.place.source)
    return (
        bool(name)
        and is_answered_otherwise(read.place.source, _name(read), read.value, other.value)
        and decides(name, read.place, write.place)
    )


def _same(first: LaneStep, second: LaneStep, common: Keys) -> bool:
    return bool(common) and _part(first) == _part(second)


_ASKS: Final = ("if ", "elif ", "while ", "assert ")


def _leads_to(read: Place, write: Place) -> bool:
    """Tell whether it may be for what a line has read that another writes, which reads it anew."""
    return read == write or read.source.startswith(_ASKS) or _feeds(read, write)


def _feeds(read: Place, write: Place) -> bool:
    """Tell whether a line uses a name that an earlier line of its function assigns."""
    name = assigned(read.source)
    if not name or (read.file, read.function) != (write.file, write.function):
        return False
    return re.search(rf"(?<![\w.]){name}\b", write.source) is not None


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
