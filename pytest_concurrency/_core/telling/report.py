"""The values that a failure report is made of."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """A line of source, as a reader wants to see it.

    Attributes:
        file: Path relative to the root directory where that is possible, with forward slashes.
        line: Line number in the file, from 1.
        function: Qualified name of the function, without `<locals>` noise.
        source: The stripped text of the line, or "" where there is none.
    """

    file: str
    line: int
    function: str = ""
    source: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a task is waiting for at the end of a run.

    Attributes:
        action: The call the user wrote, for example `Lock.acquire` or `Queue.get`.
        target: The object in the user's words, for example "Lock `first`".
        made: Where the object was made.
        holders: Names of the tasks that hold it; empty where nobody can.
        taken: Where the holder took it, if that is known.
        step: Which task, or greenlet, waits there of the loop that the thread runs, for what one of that loop holds, or
            what nobody holds while others of the loop are left.
        handling: Whether it does so in a signal's handler.
        aside: Whether another greenlet of its own thread has taken it, which cannot go on meanwhile.
    """

    action: str
    target: str
    made: Place | None = None
    holders: tuple[str, ...] = ()
    taken: Place | None = None
    step: str = ""
    handling: bool = False
    aside: bool = False


@dataclass(frozen=True, slots=True)
class TaskState:
    """One task in a report: its name, how it ended, or where it waits and for what.

    Attributes:
        place: Where it is in the user's own code.
        stack: From where `place` was called, innermost first, where that is worth telling.
        inside: Where it is in the code of others, if `place` has called that.
    """

    name: str
    state: str
    place: Place | None = None
    waiting: Waiting | None = None
    stack: tuple[Place, ...] = ()
    inside: Place | None = None


@dataclass(frozen=True, slots=True)
class LaneStep:
    """One step of the interleaving: who did what where, and the value it read or wrote."""

    task: str
    place: Place
    what: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who has what, and who waits, when a step has been done.

    Attributes:
        holds: (task, what it holds), in the order in which the things were made.
        waits: (task, what it waits for), in the order of the tasks' start.
    """

    holds: tuple[tuple[str, str], ...] = ()
    waits: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class HandOver:
    """Two steps of different tasks of which the later one takes what the earlier one gave: a lock, an item.

    Attributes:
        giver: Number of the step that gives, from 0.
        taker: Number of the step that takes.
        what: What the taker does.
    """

    giver: int
    taker: int
    what: str


@dataclass(frozen=True, slots=True)
class Source:
    """Lines of a file around those that the steps name.

    Attributes:
        file: As in `Place`.
        lines: (number, text without its end), in order; numbers are missing where nothing happened.
    """

    file: str
    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """What can be drawn beside the interleaving.

    Attributes:
        standings: One for each step.
        hand_overs: In the order of the steps that take.
        sources: One for each file, in the order of the steps.
    """

    standings: tuple[Standing, ...]
    hand_overs: tuple[HandOver, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a verdict tells its reader.

    Attributes:
        headline: What happened and to whom, one line.
        error: The error of the scenario as text lines (type, message, where), if there was one.
        tasks: One entry per task.
        columns: Names of the tasks, in the order of their start.
        lanes: The interleaving, in order.
        replay: The command that shows it again, or "".
        cause: The likely cause, or "".
        notes: Anything else worth a line.
        picture: What can be drawn beside the lanes; None where nobody asked for it.
    """

    headline: str
    error: tuple[str, ...] = ()
    tasks: tuple[TaskState, ...] = ()
    columns: tuple[str, ...] = ()
    lanes: tuple[LaneStep, ...] = ()
    replay: str = ""
    cause: str = ""
    notes: tuple[str, ...] = field(default=())
    picture: Picture | None = None
