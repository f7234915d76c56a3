"""What each kind of operation means, in one table: who asks about a verb asks here.

An operation is a pair (kind, accesses); its kind is a verb, in watched code with what it is about. A
verb that stands in no row is taken for everything that could make a verdict too strong: it conflicts with all that
touches anything, and orders whatever it touches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_concurrency._core.operations import Access, Operation


@dataclass(frozen=True, slots=True)
class Verb:
    """One row.

    Attributes:
        name: An operation's kind, or its first word.
        gives: What it touches is ordered before whoever takes it later (a release).
        takes: It comes after whoever gave what it touches (an acquire).
        waits: It may have to wait until another has acted.
        asks: It is a question, or an attempt that does not wait.
        ends: A wait that it ends cannot come before it: these verbs, never reversed.
        forced: It follows from what its task did before, so that sampling need not choose it.
        is_sync: It belongs to an object of synchronisation, a task or time, and not to watched state.
        told: Whether a busy wait is seen by it.
        is_silent: Nothing happens there: it is only a place to be left.
    """

    name: str
    gives: bool = False
    takes: bool = False
    waits: bool = False
    asks: bool = False
    ends: tuple[str, ...] = ()
    forced: bool = False
    is_sync: bool = True
    told: bool = False
    is_silent: bool = False


TABLE: Final = (
    # locks, and what the standard library builds from them
    Verb("acquire", takes=True, waits=True, told=True),
    Verb("release", gives=True, ends=("acquire",), forced=True, told=True),
    Verb("try", takes=True, asks=True, told=True),
    Verb("look", takes=True, asks=True, forced=True, told=True),
    Verb("notify", takes=True),
    # semaphores of which several may be had, and pipes, between processes
    Verb("take from", takes=True, waits=True, told=True),
    Verb("give to", gives=True, told=True),
    Verb("poll", takes=True, waits=True, told=True),
    Verb("close", gives=True, ends=("get",), told=True),
    # sockets: whatever is sent can be taken in other pieces, so that no order of the two says nothing
    Verb("bind", gives=True),
    Verb("listen", gives=True, told=True),
    Verb("connect", gives=True, takes=True, told=True),
    Verb("accept", takes=True, waits=True, told=True),
    Verb("send", gives=True, told=True),
    Verb("recv", takes=True, waits=True, told=True),
    Verb("select", takes=True, waits=True, told=True),
    Verb("shutdown", gives=True, told=True),
    # queues
    Verb("put", gives=True, ends=("get",), told=True),
    Verb("get", takes=True, waits=True, ends=("put",), told=True),
    # tasks
    Verb("begin", forced=True),
    Verb("start", told=True),
    Verb("started", is_silent=True),
    Verb("end", ends=("join",), forced=True, told=True),
    Verb("join", takes=True, waits=True, forced=True, told=True),
    Verb("the end of the run"),
    # time
    Verb("sleep", told=True),
    Verb("time passes"),
    # event loops
    Verb("step"),
    Verb("step to be told"),
    Verb("wait in the loop", takes=True, waits=True, forced=True, is_silent=True),
    Verb("call_soon_threadsafe", gives=True),
    # calls of a program whose answers are compared with those of an order: when each begins and ends
    Verb("calls", is_sync=False),
    Verb("returns", is_sync=False),
    # places without an effect
    Verb("enter"),
    Verb("line", is_silent=True),
    Verb("pick"),
    # watched code: what it touches stands in the accesses
    *(
        Verb(name, is_sync=False)
        for name in ("read", "write", "call", "next", "iterate", "yield", "compare", "compute", "unpack", "format",
                     "test", "look in", "import")
    ),
    # files between processes
    *(
        Verb(name, is_sync=False)
        for name in ("open", "seek", "truncate", "stat", "list", "make", "remove", "rename", "link")
    ),
)  # fmt: skip

ROWS: Final = {verb.name: verb for verb in TABLE}
STRANGE: Final = Verb("", gives=True, takes=True, told=True)
"""What a verb counts as that stands in no row."""


_WATCHED: Final = {verb.name: verb for verb in TABLE if not verb.is_sync}


def verb_of(kind: str) -> Verb:
    """Return the row of an operation's kind: by all of it, and of watched code by its first word."""
    found = ROWS.get(kind)
    return _WATCHED.get(kind.partition(" ")[0], STRANGE) if found is None else found


def verb_in(what: str) -> Verb:
    """Return the row of what a step says it does: a kind, with the object behind it where that is known."""
    words = what.split(" ")
    names = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    return next((ROWS[name] for name in names if name in ROWS), verb_of(what))


def operation(kind: str, accesses: tuple[Access, ...]) -> Operation:
    """Make an operation; of one that stands in no row the effect is unknown."""
    return (kind, None if verb_of(kind) is STRANGE else accesses)


def named(verbs: Iterable[Verb]) -> frozenset[str]:
    """Return the names of some rows."""
    return frozenset(verb.name for verb in verbs)


GIVES: Final = named(verb for verb in TABLE if verb.gives)
TAKES: Final = named(verb for verb in TABLE if verb.takes)
WAITS: Final = named(verb for verb in TABLE if verb.waits)
FORCED: Final = named(verb for verb in TABLE if verb.forced)
SILENT: Final = named(verb for verb in TABLE if verb.is_silent)
TOLD: Final = named(verb for verb in TABLE if verb.told)
UNTOLD: Final = "step to be told"
"""A step of an event loop whose effect the strategy learns when it is over."""
STEPS: Final = frozenset({"step", UNTOLD})
NEVER_REVERSED: Final = frozenset((verb.name, later) for verb in TABLE for later in verb.ends)
