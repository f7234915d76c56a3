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
    """

    action: str
    target: str
    made: Place | None = None
    holders: tuple[str, ...] = ()
    taken: Place | None = None


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
    """

    headline: str
    error: tuple[str, ...] = ()
    tasks: tuple[TaskState, ...] = ()
    columns: tuple[str, ...] = ()
    lanes: tuple[LaneStep, ...] = ()
    replay: str = ""
    cause: str = ""
    notes: tuple[str, ...] = field(default=())
