"""The likely cause of a deadlock, told from how its tasks wait."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_concurrency._core.detectors.wait_graph import find_cycle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_concurrency._core.telling.report import TaskState, Waiting


def deadlock_headline(states: tuple[TaskState, ...]) -> str:
    """Say in one line who waits for ever."""
    stuck = [state.name for state in states if state.waiting is not None]
    who = ", ".join(stuck) or "the run"
    return f"deadlock: {who} {'wait' if len(stuck) > 1 else 'waits'} for ever"


def deadlock_cause(states: tuple[TaskState, ...], *, lost: str = "") -> str:
    """Name the likely cause, or nothing where it would be a guess.

    Args:
        states: How its tasks wait.
        lost: Which update was lost in the same run; it tells more than the kind of a wait does, and less than a circle.
    """
    waits = {s.name: s.waiting for s in states if s.waiting is not None}
    cycle = find_cycle({waiting.step or name: waiting.holders or _joined(waiting) for name, waiting in waits.items()})
    of_a_loop = next((each for each in waits.values() if each.step and each.step not in cycle), None)
    if of_a_loop is not None:
        text = _KEPT_BY_A_STEP if of_a_loop.holders else _BLOCKS
        return text.format(who=of_a_loop.step, holder=", ".join(of_a_loop.holders[:1]))
    if len(cycle) == 1:
        return _own(cycle[0], next(waiting for name, waiting in waits.items() if cycle[0] in (name, waiting.step)))
    if cycle:
        joins = any(_joined(waits[name]) for name in cycle if name in waits)
        advice = (
            "give back before the join what the other needs" if joins else "take these in the same order everywhere"
        )
        return f"{' waits for '.join([*cycle, cycle[0]])}: {advice}{_which(waits, cycle)}"
    if lost:
        return lost
    actions = {_WAYS.sub(r"\1", waiting.action) for waiting in waits.values()}
    if any(" was ended by " in f" {state.state}" for state in states) and any(_asks_a_pool(each) for each in actions):
        return "a worker was killed: its pool starts another one, and the job that it had is lost"
    if any(waiting.action == AT_ITS_END and waiting.target == _FEEDER for waiting in waits.values()):
        return "a process ends when all that it has put into a queue has been taken: get before the join"
    if any("not accepted yet" in waiting.target for waiting in waits.values()):
        return _NOT_ACCEPTED
    for action, text in _CAUSES:
        if any(each.endswith(action) for each in actions):
            return text
    return ""


def _own(who: str, waiting: Waiting) -> str:
    """Say what to do about somebody who waits for what he holds himself."""
    if waiting.handling:
        return f"{who} waits in a signal's handler for what it holds itself: {IN_HANDLERS}"
    if waiting.aside:
        return f"{who} {_ASIDE}"
    otherwise = "" if waiting.target.startswith("asyncio.") else "use an RLock, or "
    return f"{who} waits for what it holds itself: {otherwise}call the part that does not lock"


def _which(waits: Mapping[str, Waiting], cycle: Sequence[str]) -> str:
    """Name what the tasks of a circle wait for, where only numbers tell it apart."""
    targets = {waiting.target for name, waiting in waits.items() if {name, waiting.step} & set(cycle)}
    return f": {', '.join(sorted(targets))}" if any(_NUMBERED.search(each) for each in targets) else ""


IN_HANDLERS: Final = "let handlers take no lock: set a flag, or put what is to be done into a queue.SimpleQueue"
_ASIDE: Final = (
    "waits for what another greenlet of its own thread holds, which cannot go on meanwhile: give back before the "
    "switch what others take"
)
_NUMBERED: Final = re.compile(r"` no\. \d+$")
_KEPT_BY_A_STEP: Final = (
    "{who} lets its whole loop wait for what {holder} holds, who cannot go on to give it back: what is held across an "
    "await, or a switch of gevent, must be a lock of the loop's own"
)
_BLOCKS: Final = (
    "{who} lets its whole loop wait, so that nobody else in it goes on: wait with what is the loop's own, or in "
    "a thread of its own"
)
_NO_ITEM: Final = (
    "nobody is left who would put an item: one end marker for each consumer is missing, or the producer ended early"
)


_NOT_ACCEPTED: Final = (
    "a client waits to be accepted: who accepts must not wait for those who are there already, neither in a join nor "
    "by talking to them itself"
)


_WAYS: Final = re.compile(r"^(socket\.(?:recv|send))\w+$")
"""The ways to take something in, or to send it: `recv_into`, `sendmsg`."""


def _joined(waiting: Waiting) -> tuple[str, ...]:
    """Return whose end a task waits for."""
    for action, kind in (("Thread.join", "thread "), ("Process.join", "process "), ("", "task "), ("", "tasks ")):
        if waiting.target.startswith(kind) and action in ("", waiting.action):
            return tuple(waiting.target.removeprefix(kind).split(", "))
    return ()


def _asks_a_pool(action: str) -> bool:
    return action.startswith("Pool.") or action.endswith(("Result.get", "Result.wait"))


AT_ITS_END: Final = "the end of its process"
"""What a process waits in that has done its work: for the writer of its queue, or for its own children."""
_FEEDER: Final = "thread QueueFeederThread"

_CAUSES: Final = (
    ("call_soon_threadsafe", "from another thread, call what belongs to a loop through loop.call_soon_threadsafe"),
    ("Queue.join", "task_done was called less often than get returned an item"),
    ("Queue.get", _NO_ITEM),  # of a SimpleQueue too
    ("Queue.put", "the queue is full and nobody is left who would take an item"),
    (
        "Meeting.wait_for",
        "fewer calls are inside at once than are to meet: they are made one after the other, or under one lock",
    ),
    ("socket.accept", "nobody connects any more: who ends a server wakes it, by a shutdown of its listening socket"),
    (
        "Server.wait_closed",
        "a connection of the server is still open, and its end waits for all of them: close the writers before",
    ),
    ("socket.connect", "as many have connected as listen() lets in, and nobody accepts them"),
    ("socket.send", "the other side does not read, and there is no room for more"),
    (
        "socket.recv",
        "the other side sends nothing more and has not said so, by close or shutdown, or waits for this one to begin",
    ),
    (".select", "nobody makes any of these sockets ready, and there is no time-out"),
    ("Barrier.wait", "fewer tasks come to the barrier than it has parties"),
    ("Event.wait", "nobody is left who would set the event, or it was cleared before everybody had seen it"),
    ("Future.result", "the job that would give the result never gets a worker, or waits for this task"),
    (
        "Condition.wait",
        (
            "the notification came before the wait (lost wake-up), or nobody is left to notify: "
            "test a predicate under the lock, with wait_for"
        ),
    ),
    ("Condition.wait_for", "nobody is left who would make the predicate true and notify"),
    ("Semaphore.acquire", "nobody is left who would release it: who has a permit keeps it, or waits itself"),
    (".acquire", "a lock is kept by a task that has ended or will never release it"),
)
