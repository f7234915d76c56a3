"""Who hears of a run: what is told, and how several hear of it."""

from __future__ import annotations

from dataclasses import dataclass
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._engine.resource import Resource
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.site import Site, Touched


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a kind of concurrency has seen go wrong though nothing fails.

    Attributes:
        habit: The oracle whose concern it is.
        who: The task, or the thing, that it is about.
        what: What it did, as the rest of a sentence.
        place: Where, as `file:line  source`; "" where that is not known.
        more: Further lines that show it.
        count: How much of it, where more is worse.
    """

    habit: str
    who: str
    what: str
    place: str
    more: tuple[str, ...] = ()
    count: int = 0


class Listener:
    """Hears of one run; each method is called before what it tells is done, by the task itself.

    Attributes:
        hears_notices: Whether `noticed` does anything: a kind looks only then.
    """

    hears_notices = False

    def reach(self, task: Task, op: Operation, frame: FrameType | None) -> None:
        """Hear of an operation."""

    def block(self, task: Task, target: object, frame: FrameType | None) -> None:
        """Hear that a task begins to wait."""

    def takes_again(self, task: Task, thing: Resource) -> None:
        """Hear that a task takes once more what it has already, for which it neither waits nor can be left."""

    def does(self, task: Task, op: Operation) -> None:
        """Hear, after the fact, that a task goes on with an operation that it had announced."""

    def access(self, task: Task, site: Site, accesses: Any, frame: FrameType) -> None:
        """Hear of an access of watched code; `accesses` is None where they are unknown."""

    def accessed(self, task: Task, site: Site, touched: Touched, accesses: Any, frame: FrameType) -> None:
        """Hear that a known access happens now: nobody else comes before it any more."""

    def entered(self, task: Task, code: CodeType) -> None:
        """Hear that a task has entered one of the functions that the settings name."""

    def started(self, task: Task, frame: FrameType | None) -> None:
        """Hear of a new task."""

    def took_part(self, task: Task) -> None:
        """Hear of a new task that lives in the thread of another: what it does is told of that one."""

    def stepping(self, task: Task, part: Task) -> None:
        """Hear that a thread begins a step of one who lives in it."""

    def stepped(self, task: Task, part: Task, *, ended: bool) -> None:
        """Hear, after the fact, of a step; `ended` if there is no further one."""

    def noticed(self, notice: Notice) -> None:
        """Hear what a kind has seen; it may be in the midst of anything, and nothing may be raised."""

    def adopted(self, double: Resource) -> None:
        """Hear of a lock or queue that takes part from now on."""

    def fires(self, early: bool) -> None:  # noqa: FBT001
        """Hear that time passes to the next deadline; `early` when somebody could run."""

    def returned(self) -> None:
        """Hear that the scenario has returned and its threads may still run."""

    def over(self) -> None:
        """Hear that the run is over, before anything of it is taken down."""

    def answered(self, task: Task, thing: Any, frame: FrameType, method: str, *, gave_up: bool) -> None:
        """Hear, after the fact, what a wait that may be given up has answered; `frame` called it."""

    def asked(self, task: Task, thing: Any) -> None:
        """Hear that a task looks whether a thread has ended, or whether an event is set."""


_TOLD: Final = {name: value for name, value in vars(Listener).items() if isinstance(value, FunctionType)}
_SILENT: Final = frozenset(_TOLD.values())


class All(Listener):
    """Passes everything on to several listeners, in their order."""

    def __init__(self, listeners: list[Listener]) -> None:
        self.hears_notices = any(type(each).noticed is not Listener.noticed for each in listeners)
        for name in _TOLD:
            setattr(self, name, _each([getattr(each, name) for each in listeners]))


def _each(calls: list[Callable[..., None]]) -> Callable[..., None]:
    ours = [call for call in calls if getattr(call, "__func__", None) not in _SILENT]
    if len(ours) == 1:
        return ours[0]

    def pass_on(*args: Any, **named: Any) -> None:
        for call in ours:
            call(*args, **named)

    return pass_on
