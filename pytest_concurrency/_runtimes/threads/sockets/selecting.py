"""Waits for several sockets: `select.select`, `poll` and `epoll`, and the selectors that are built on them."""

from __future__ import annotations

import functools
import itertools
import select
import selectors
import sys
from typing import TYPE_CHECKING, Any, Final, Self

from pytest_concurrency._core.clock import to_ns
from pytest_concurrency._core.operations import READ, WRITE
from pytest_concurrency._core.verbs import operation
from pytest_concurrency._engine.current import here
from pytest_concurrency._machine.pipes import is_ready
from pytest_concurrency._runtimes.threads.sockets import servers
from pytest_concurrency._runtimes.threads.sockets.asked import Room, spins
from pytest_concurrency._runtimes.threads.sockets.book import is_aside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import FrameType

    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.threads.sockets.book import Book
    from pytest_concurrency._runtimes.threads.sockets.ends import End
    from pytest_concurrency._sight.watching import Watch

CLASSES: Final = ("SelectSelector", "PollSelector", "EpollSelector", "KqueueSelector", "_PollLikeSelector")
IN_VAIN: Final = 50
"""So often in a row something may be ready, and its task does nothing with any socket."""
LEFT_ALONE: Final = object()
"""What a wait answers that is not ours to control."""
_ENDLESS: Final = (
    "what nobody takes is ready for ever, and a socket can be written to nearly always: ask for writing only while "
    "there is something to send, and unregister what has ended"
)

Wanted = tuple[int, bool, bool]
"""A descriptor, and whether one waits to read there, and to write."""


class Selecting:
    """What stands in for the waits.

    Args:
        room: The sockets of the present run.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self._servers = servers.Servers(room)
        self._select: Any = select.select
        self._makers: dict[str, Any] = {name: getattr(select, name, None) for name in ("poll", "epoll")}
        self._real = {
            name: vars(kind)["select"]
            for name in CLASSES
            if (kind := getattr(selectors, name, None)) is not None and "select" in vars(kind)
        }

    def install(self, patches: Patches, watch: Watch) -> None:
        """Put them in place, also of what watched modules have imported."""
        self._servers.install(patches)
        for name, real in self._real.items():
            kind = getattr(selectors, name)
            patches.set(kind, "select", self._of_selector(real, vars(kind)["select"]))
        swap: dict[int, Any] = {id(self._select): self._several}
        swap |= {id(made): self._making(made) for made in self._makers.values() if made is not None}
        for space in (vars(select), *(vars(module) for module in watch.modules())):
            for name, value in list(space.items()):
                if id(value) in swap:
                    patches.set(space, name, swap[id(value)])

    # -- each kind of wait

    def _of_selector(self, real: Callable[..., Any], before: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(before)
        def select(selector: Any, timeout: float | None = None) -> Any:
            frame = sys._getframe(1)
            book = self._book(frame)
            if book is None:
                return before(selector, timeout)
            keys = list((selector.get_map() or {}).values())
            wanted = [(key.fd, bool(key.events & 1), bool(key.events & 2)) for key in keys]
            kind = next(each.__name__ for each in type(selector).__mro__ if each.__module__ == "selectors")
            wait = Wait(book, selector, kind, wanted, functools.partial(real, selector, 0), frame)
            server = servers.serving(frame)
            is_told = server is not None and self._servers.knows(server)
            found = wait.serves(server) if is_told else wait.until(timeout)
            return before(selector, timeout) if found is LEFT_ALONE else found

        return select

    def _several(self, rlist: Any, wlist: Any, xlist: Any, timeout: float | None = None, /) -> Any:
        frame = sys._getframe(1)
        book = self._book(frame)
        if book is None or not _is_limit(timeout):
            return self._select(rlist, wlist, xlist, timeout)
        try:
            lists = [list(each) for each in (rlist, wlist, xlist)]
            handles = [[_handle(each) for each in every] for every in lists]
        except (AttributeError, TypeError, ValueError):
            return self._select(rlist, wlist, xlist, timeout)  # raises what it should
        wanted = [(each, each in handles[0], each in handles[1]) for each in dict.fromkeys(itertools.chain(*handles))]

        def look() -> Any:
            found = self._select(*lists, 0)
            return found if any(found) else ()

        found = Wait(book, None, "select", wanted, look, frame).until(timeout)
        if found is LEFT_ALONE:
            return self._select(*lists, timeout)
        return found or ([], [], [])

    def _making(self, original: Any) -> Callable[..., Any]:
        @functools.wraps(original)
        def make(*args: Any, **kwargs: Any) -> Any:
            made = original(*args, **kwargs)
            frame = sys._getframe(1)
            return made if self._book(frame) is None else Polled(made, original.__name__, self._book)

        if hasattr(original, "fromfd"):  # for what somebody else has filled: that is left alone
            make.fromfd = original.fromfd  # type: ignore[attr-defined] # of a class that a function stands for
        return make

    def _book(self, frame: FrameType) -> Book | None:
        """Return the book of the task that waits; None where it is left alone."""
        task = here.task
        if task is None or task.run.stopping or is_aside(frame):
            return None
        return self._room.of(task)


class Polled:
    """A `select.poll` or `select.epoll` under control; whatever else it can, the real one does."""

    def __init__(self, made: Any, kind: str, book: Callable[[FrameType], Book | None]) -> None:
        self._made, self._kind, self._book = made, kind, book
        self._masks: dict[int, int] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)

    def __enter__(self) -> Self:
        self._made.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._made.__exit__(*exc)

    def register(self, fd: Any, *mask: Any, **more: Any) -> None:
        self._made.register(fd, *mask, **more)
        given: Any = (*mask, *more.values())
        self._masks[_handle(fd)] = given[0] if given else select.POLLIN | select.POLLOUT

    def modify(self, fd: Any, eventmask: int) -> None:
        self._made.modify(fd, eventmask)
        self._masks[_handle(fd)] = eventmask

    def unregister(self, fd: Any) -> None:
        self._made.unregister(fd)
        self._masks.pop(_handle(fd), None)

    def poll(self, timeout: float | None = None, *args: Any, **kwargs: Any) -> Any:
        frame = sys._getframe(1)
        book = self._book(frame)
        if book is None:
            return self._made.poll(timeout, *args, **kwargs)
        masks = self._masks.items()
        wanted = [(each, bool(mask & select.POLLIN), bool(mask & select.POLLOUT)) for each, mask in masks]
        look = functools.partial(self._made.poll, 0, *args, **kwargs)
        has = None
        if hasattr(self._made, "fileno"):
            has = functools.partial(is_ready, self._made.fileno())  # what is told once is not asked for
        limit = None if timeout is None or timeout < 0 else timeout / (1000 if self._kind == "poll" else 1)
        found = Wait(book, self, self._kind, wanted, look, frame, has).until(limit)
        return self._made.poll(timeout, *args, **kwargs) if found is LEFT_ALONE else found


class Wait:
    """One wait for several sockets.

    Args:
        book: Whose sockets they are.
        thing: The selector; None for a function.
        kind: What a report calls it.
        wanted: What is waited for.
        look: Answers at once what is ready.
        frame: Who waits.
        has: Tells whether anything is ready; `look` does, if not given.
    """

    def __init__(
        self,
        book: Book,
        thing: Any,
        kind: str,
        wanted: Iterable[Wanted],
        look: Callable[[], Any],
        frame: FrameType,
        has: Callable[[], bool] | None = None,
    ) -> None:
        task: Any = here.task
        self._book, self._task, self._look, self._frame = book, task, look, frame
        self._has = has or (lambda: bool(look()))
        self._kind, self._thing = kind, thing
        self._ends: dict[End, tuple[bool, bool]] = {}
        self._is_ours = True
        for handle, reads, writes in wanted:
            end = book.end_of(handle)
            if end is None:
                self._is_ours = False
            else:
                self._ends[end] = (reads, writes)

    def until(self, timeout: float | None) -> Any:
        """Return what is ready, as soon as there is anything, or what was when time is up."""
        if not self._is_ours:
            return LEFT_ALONE
        run, op = self._book.run, self._op()
        if timeout is not None and timeout <= 0:
            self._task.waits(self._spot)
            run.reach(self._task, op)
            self._task.waits(None)
            return self._look()
        return self._stands(op, None if timeout is None else to_ns(timeout), self._has)

    def serves(self, server: Any) -> Any:
        """Return what is ready for a server that looks now and then whether it is to end: here it is told."""
        if not self._is_ours:
            return LEFT_ALONE
        its = self._book.spot_of(self._book.run.serial(server), "server")
        kind, accesses = self._op()
        op = operation(kind, (*(accesses or ()), (its.key, READ)))
        return self._stands(op, None, lambda: servers.is_to_end(server) or self._has())

    def _op(self) -> Any:
        """Return the operation; where its task stands in line is known from now on."""
        book, task, thing = self._book, self._task, self._thing
        self._spot = book.spot_of(("select", task.id) if thing is None else book.run.serial(thing), self._kind)
        book.is_used_by(self._spot, task.id)
        touched = [(self._spot.key, WRITE)]
        for end, (reads, writes) in self._ends.items():
            touched += end.looks(reads=reads, writes=writes)  # type: ignore[arg-type] # keys of spots
        return operation("select", tuple(dict.fromkeys(touched)))

    def _stands(self, op: Any, timeout_ns: int | None, has: Callable[[], bool]) -> Any:
        task = self._task
        self._spot.is_called(_called(self._kind, self._ends))
        if not self._book.lines.stand(task, self._spot, op, "select", timeout_ns, has) and not task.timed_out:
            return LEFT_ALONE
        found = self._look()
        if found and self._book.selects_again(task.id) > IN_VAIN:
            spins(task, "is told again and again what is ready, and does nothing with it", _ENDLESS, self._frame)
        return found


def _called(kind: str, ends: Mapping[End, Any]) -> str:
    names = ", ".join(end.called() for end in ends)
    return f"{kind} for {names}" if names else f"{kind} for nothing"


def _is_limit(timeout: Any) -> bool:
    return timeout is None or (isinstance(timeout, (int, float)) and timeout >= 0)


def _handle(thing: Any) -> int:
    return thing if isinstance(thing, int) else int(thing.fileno())
