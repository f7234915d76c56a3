"""Greenlets of gevent that are joined with a deadline, and looked after until the end of a test."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._runtimes.greenlets import telling
from pytest_concurrency._runtimes.joining import counts, is_a, present_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_concurrency._core.telling.report import Place, TaskState
    from pytest_concurrency._runtimes.joining import Joinable, Origins
    from pytest_concurrency._sight.watching import Watch

GRACE: Final = 1.0  # seconds that a greenlet gets to end


class JoinedGreenlet:
    """A greenlet of gevent, joined while the others go on."""

    def __init__(self, greenlet: Any, watch: Watch, made: Place | None = None) -> None:
        self.name = str(greenlet.name)
        self.made: Place | None = telling.made(greenlet) or made
        self._greenlet = greenlet
        self._watch = watch

    def wait(self, seconds: float | None) -> bool:
        """Let the loop run until it has ended, at most so long."""
        self._greenlet.join(seconds)
        return bool(self._greenlet.ready())

    def errors(self, *, check: bool = True) -> list[BaseException]:
        """Return what it raised; to be killed is no error."""
        error = self._greenlet.exception
        return [] if error is None else [error]

    def states(self) -> list[TaskState]:
        """Return in which call it waits."""
        return [telling.state(self._greenlet, self._watch)]

    def clean_up(self) -> str:
        """Kill it."""
        self._greenlet.kill(timeout=GRACE)
        return f"{self.name} was killed" if self._greenlet.ready() else f"{self.name} does not let itself be killed"


class JoinedGroup:
    """A `Group` or `Pool` of gevent: it has ended when nobody is in it."""

    def __init__(self, group: Any, watch: Watch, made: Place | None) -> None:
        kind = type(group).__name__
        name, found = telling.made_by_caller(group, sys._getframe(1), watch)
        self.name = f"{kind} `{name}`" if name else kind
        self.made = found or made
        self._group = group
        self._watch = watch
        self._members = self._inside()

    def _inside(self) -> list[Any]:
        return _in_order(each for each in list(self._group) if is_a(each, "gevent", "Greenlet"))

    def wait(self, seconds: float | None) -> bool:
        """Let the loop run until all have ended, those too who come meanwhile, at most so long."""
        kind = sys.modules["gevent"].Greenlet
        kind.add_spawn_callback(self._comes)
        try:
            return bool(self._group.join(seconds))
        finally:
            kind.remove_spawn_callback(self._comes)

    def _comes(self, greenlet: Any) -> None:
        """Know somebody who is started, if he is in the group: it forgets him when he ends."""
        if greenlet in self._group:
            self._members.append(greenlet)

    def errors(self, *, check: bool = True) -> list[BaseException]:
        """Return what those raised who were in it."""
        return [error for each in self._members if (error := each.exception) is not None]

    def states(self) -> list[TaskState]:
        """Return where those are who have not ended."""
        return [telling.state(each, self._watch) for each in self._inside()]

    def clean_up(self) -> str:
        """Kill them."""
        self._group.kill(timeout=GRACE)
        return f"who was left in the {self.name} was killed"


def _in_order(greenlets: Iterable[Any]) -> list[Any]:
    """Put greenlets in the order of their start, as far as that is known: a group is a set."""
    task = here.task
    if task is None:
        return sorted(greenlets, key=lambda each: int(each.minimal_ident))
    numbers = {id(getattr(part, "greenlet", None)): part.id for part in task.run.tasks}
    return sorted(greenlets, key=lambda each: numbers.get(id(each), len(numbers)))


class Started:
    """The greenlets that a guard has started.

    Args:
        origins: Where they are started.
    """

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self._greenlets: list[Any] = []

    def start(self, call: Callable[..., Any], args: tuple[Any, ...], name: str) -> Any:
        """Start a greenlet in the hub of the calling thread, and give it a name that no other one has."""
        self._greenlets = [each for each in self._greenlets if each.failed_unseen() or telling.may_go_on(each)]
        free = next(each for each in _names(name) if each not in self._taken())
        greenlet = _kept()(free, call, args)
        self._origins.note(greenlet)
        self._greenlets.append(greenlet)
        greenlet.start()
        return greenlet

    def _taken(self) -> set[str]:
        return {each.name for each in self._greenlets if telling.may_go_on(each)}

    def errors(self) -> list[BaseException]:
        """Return, once, what greenlets have raised at which nobody has looked."""
        return [each.exception for each in self._greenlets if each.failed_unseen()]


def _names(name: str) -> Iterator[str]:
    """Yield a name, and what the second, the third … is called that would have it."""
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1


@functools.cache
def _kept() -> Any:
    """Return the class of a greenlet that knows whether anybody has looked at what it raised."""
    base: Any = sys.modules["gevent"].Greenlet
    to_main: tuple[type[BaseException], ...] = sys.modules["gevent.hub"].Hub.SYSTEM_ERROR

    class Greenlet(base):  # type: ignore[misc] # untyped
        __module__, __qualname__ = base.__module__, base.__qualname__  # as `repr` shows it

        def __init__(self, name: str, call: Callable[..., Any], args: tuple[Any, ...]) -> None:
            super().__init__(call, *args)
            self.name = name
            self.seen = False
            self._of_run = present_run()

        @property
        def exception(self) -> Any:
            self.seen = self.seen or bool(self.ready())
            return base.exception.__get__(self)

        @property
        def exc_info(self) -> Any:
            self.seen = self.seen or bool(self.ready())
            return base.exc_info.__get__(self)

        def failed_unseen(self) -> bool:
            """Tell whether it has raised what nobody has seen; some errors gevent raises in the main greenlet."""
            error = base.exception.__get__(self)
            untold = error is not None and not self.seen and not isinstance(error, (*to_main, Unwind))
            return untold and counts(self._of_run)

    return Greenlet


def joinable(thing: Any, watch: Watch, made: Place | None) -> Joinable | None:
    """Wrap a greenlet, or a group of them; None for anything else."""
    if is_a(thing, "gevent", "Greenlet"):
        return JoinedGreenlet(thing, watch, made)
    return JoinedGroup(thing, watch, made) if is_a(thing, "gevent.pool", "Group") else None
