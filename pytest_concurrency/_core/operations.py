"""What a strategy sees of a run: numbers of tasks and the operation each is about to do.

These records are made once per yield point, so they are plain tuples and not classes.
"""

from __future__ import annotations

from typing import Final, Self

Access = tuple[object, int]
"""(key of what is touched, and how: one of the modes below)."""

Operation = tuple[str, tuple[Access, ...] | None]
"""(kind, accesses): what a task does next; accesses None means "effect unknown"."""

READ: Final = 0
WRITE: Final = 1
READ_PART: Final = 2
WRITE_PART: Final = 3
"""Of the whole, what an access to one of its parts does; a second access says which part, and reads or writes it."""
TIME: Final = -1
"""The number that stands for "time passes" among the runnable tasks (`clock="any"`)."""

BEGIN: Final[Operation] = ("begin", ())
TIME_PASSES: Final[Operation] = ("time passes", (("time", WRITE),))


class Said(str):
    """What a step on files is called: equal to another one by what it does, since a name may be made up in each run.

    Attributes:
        verb: What it does, without the names.
        does: What tells it from others: the verb, and which names they are, in the order in which the run met them.
    """

    __slots__ = ("does", "verb")
    verb: str
    does: tuple[object, ...]

    def __new__(cls, text: str, verb: str, *which: object) -> Self:
        """Make it of what a report says, and of what is the same in another run."""
        said = super().__new__(cls, text)
        said.verb, said.does = verb, (verb, *which)
        return said

    def __eq__(self, other: object) -> bool:
        return self.does == other.does if type(other) is Said else NotImplemented

    def __hash__(self) -> int:
        return hash(self.does)


def known_as(op: Operation) -> str:
    """Return what is done, in whichever run: what a replay knows it by."""
    return op[0].verb if type(op[0]) is Said else op[0]


class Controlled:
    """Marks what has yield points of its own: whoever watches code does not look inside it."""

    __slots__ = ()


SET: Final = 4
CLEAR: Final = 5
AWAIT: Final = 6
PASSES: Final = 7
"""What an operation on the lock of an event is about; one that only passes by (its release) is in nobody's way."""


def conflict(first: Operation, second: Operation) -> bool:
    """Tell whether the order of two operations can matter.

    It can when both touch the same thing and one of them writes, or when the effect of one is
    unknown (then it conflicts with everything that touches anything).
    """
    left, right = first[1], second[1]
    if left is None:
        return right is None or bool(right)
    if right is None:
        return bool(left)
    for key, mode in left:
        for other, other_mode in right:
            if (mode or other_mode) and key == other and ((mode | other_mode) < READ_PART or clash(mode, other_mode)):
                return True
    return False


def writes(mode: int) -> bool:
    """Tell whether a way to touch something may change it."""
    return mode not in (READ, READ_PART)


def clash(mode: int, other: int) -> bool:
    """Tell whether two ways to touch the same thing are in each other's way: two parts are not."""
    ways = (mode, other)
    if PASSES in ways:
        return False
    if AWAIT in ways:
        return WRITE in ways or SET in ways or CLEAR in ways
    return WRITE in ways or mode + other == READ + WRITE_PART or max(ways) >= SET
