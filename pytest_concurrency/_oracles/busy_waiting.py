"""Busy waiting: who asks in a loop, told by turning what a run does into questions and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.detectors.busy import BusyWaiting
from pytest_concurrency._core.oracles import Found
from pytest_concurrency._engine.listener import Listener
from pytest_concurrency._engine.task import Sleep
from pytest_concurrency._oracles.loop_index import loop_index
from pytest_concurrency._oracles.oracle import Oracle, early_deadlines
from pytest_concurrency._sight import stacks
from pytest_concurrency._sight.watching import OWN, STANDARD, WATCHED

if TYPE_CHECKING:
    from types import FrameType

    from pytest_concurrency._core.detectors.loops import Loop
    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.verdict import Verdict
    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._oracles.oracle import Explorer
    from pytest_concurrency._sight.site import Site

_LOOKS: Final = frozenset(
    {"is_set", "isSet", "locked", "locked_lock", "empty", "full", "qsize", "is_alive", "done", "running",
     "cancelled", "ready", "successful"}
)  # fmt: skip
_TRIES: Final = frozenset({"acquire", "acquire_lock", "get", "put", "get_nowait", "put_nowait", "join"})
_INNER: Final = frozenset({"<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>", "<lambda>"})
_PLAIN: Final = frozenset({int, float, str, bool, type(None), bytes})


class BusyWaits(Oracle):
    """Finds tasks that ask again and again instead of waiting."""

    name = "busy_waiting"

    def listens(self, run: ListenedRun) -> Listener:
        """Return what hears the questions of a run."""
        return BusyListener(run)

    def after(self, explorer: Explorer, verdict: Verdict) -> Verdict:
        """Let waits give up that others would end: some loops ask only then."""
        if self.plan.oracles.on("ignored_timeouts"):
            return verdict  # which tries the same
        return early_deadlines(explorer, self.plan, verdict)


class BusyListener(Listener):
    """Turns yield points and accesses into questions and answers for `BusyWaiting`."""

    def __init__(self, run: ListenedRun) -> None:
        self.run = run
        self.watch = run.watch
        self.oracle = BusyWaiting()
        self._progress = 0
        self._unsure: dict[int, tuple[int, int]] = {}  # a call whose effect is unknown, until the next event

    # -- what happens

    def access(self, task: Task, site: Site, accesses: Any, frame: FrameType) -> None:
        """Note an access of watched code, before it is done."""
        self._settle(task, None)
        if accesses is None:
            if site.mode:
                self._unsure[task.id] = (id(frame), frame.f_lasti)
            return
        writes = [key for key, mode in accesses if mode]
        if writes:
            for key in writes:
                self.oracle.changed(task.id, key)
            self.oracle.acted(task.id)
        elif accesses and site.what.startswith(("read ", "look ", "test", "compare", "call len", "call bool")):
            self._ask(task, frame, tuple(key for key, _ in accesses), is_try=False)

    def reach(self, task: Task, op: Operation, frame: FrameType | None) -> None:
        """Note an operation on an object of synchronisation."""
        kind, accesses = op
        if kind not in _KINDS:
            return
        user, call = self._call(frame)
        if kind == "sleep":
            self._settle(task, user)
            self.oracle.slept(task.id)
            return
        if self.run.progress_at != self._progress:
            self._progress = self.run.progress_at
        asks = user is not None and self._is_question(call, frame)
        self._settle(task, user if asks else None)
        for key, mode in accesses or ():
            if mode and not asks:
                self.oracle.changed(task.id, key)
        if asks and user is not None:
            mine = tuple(key for key, _ in accesses or ())
            self._ask(task, user, mine, is_try=call in _TRIES)
        elif kind in ("start", "end", "join"):
            self.oracle.acted(task.id)
        elif kind == "release" and call not in ("acquire", "locked"):
            self.oracle.gave_way(task.id)
        if call in _EFFECTS:
            self.oracle.acted(task.id)

    def block(self, task: Task, target: object, frame: FrameType | None) -> None:
        """Note that a task waits."""
        self._settle(task, None)
        if isinstance(target, Sleep):
            self.oracle.slept(task.id)
        elif getattr(target, "kind", "") not in ("Lock", "RLock") or getattr(target, "inner", False):
            self.oracle.acted(task.id)

    # -- how it is judged

    def _settle(self, task: Task, asking: FrameType | None) -> None:
        """Count a call of unknown effect as one, unless it has turned out to be a question."""
        unsure = self._unsure.pop(task.id, None)
        if unsure is not None and (asking is None or unsure != (id(asking), asking.f_lasti)):
            self.oracle.acted(task.id)

    def _call(self, frame: FrameType | None) -> tuple[FrameType | None, str]:
        """Return the user's frame, and the name of the library call that it is in."""
        call = ""
        while frame is not None:
            kind = self.watch.kind(frame.f_code.co_filename)
            if kind is not OWN and kind is not STANDARD:
                return (frame if kind is WATCHED else None), call
            call = frame.f_code.co_name
            frame = frame.f_back
        return None, call

    def _is_question(self, call: str, frame: FrameType | None) -> bool:
        if call in _LOOKS or call.endswith("_nowait"):
            return True
        if call not in _TRIES:
            return False
        while frame is not None:
            code = frame.f_code
            if code.co_name == call and self.watch.kind(code.co_filename) in (OWN, STANDARD):
                space = frame.f_locals
                timeout = space.get("timeout")
                return not space.get("blocking", space.get("block", True)) or timeout == 0
            if self.watch.kind(code.co_filename) is WATCHED:
                return False
            frame = frame.f_back
        return False

    def _ask(self, task: Task, frame: FrameType, keys: tuple[Any, ...], *, is_try: bool) -> None:
        found = self._loop(frame, is_try=is_try)
        if found is None:
            return
        point = (id(frame.f_code), loop_index.around(frame.f_code, frame.f_lasti)[0])
        around, loop = found
        question = (id(around), loop.line, point, keys)
        answer = self.oracle.asks(task.id, question, keys, lambda: _variables(around), is_try=is_try)
        if answer and (answer == "poll" or loop.is_while):
            self.run.found(task, self._finding(task, frame, around, loop, answer))

    def _loop(self, frame: FrameType | None, *, is_try: bool) -> tuple[FrameType, Loop] | None:
        """Find the loop that goes round again because of the answer to this question."""
        while frame is not None and self.watch.kind(frame.f_code.co_filename) is WATCHED:
            if frame.f_code.co_name not in _INNER:
                for loop in loop_index.around(frame.f_code, frame.f_lasti)[1]:
                    if loop.works or loop.rests:
                        return None
                    if loop.asks or is_try:
                        return frame, loop
            frame = frame.f_back
        return None

    def _finding(self, task: Task, frame: FrameType, around: FrameType, loop: Loop, how: str) -> Found:
        place = stacks.frame_place(frame)
        head = stacks.place_of(around.f_code, loop.line)
        evidence = [f"asks at {place}: {place.source}"]
        if (head.file, head.line) != (place.file, place.line):
            evidence.append(f"in the loop at {head}: {head.source}")
        if how == "spin":
            evidence.append("many times in a row, and nothing had changed in between")
        else:
            evidence.append("then sleeps, and asks again")
        does = "asks again and again" if how == "spin" else "asks, sleeps and asks again"
        return Found(
            "busy_waiting",
            f"busy waiting: {task.name} {does} instead of waiting, at {place}",
            tuple(evidence),
            _advice(place.source + " " + head.source, how),
            str(head),
        )


_KINDS: Final = frozenset({"sleep", "look", "try", "get", "put", "acquire", "release", "start", "end", "join"})
_EFFECTS: Final = frozenset({"put", "get", "notify", "notify_all", "set", "clear", "task_done", "submit", "start",
                             "cancel", "set_result", "set_exception"})  # fmt: skip


def _variables(frame: FrameType) -> tuple[object, ...]:
    """Return a function's own variables, in a form that shows whether one of them has changed."""
    space = frame.f_locals
    own = frame.f_code.co_varnames
    return tuple(value if type(value) in _PLAIN else id(value) for value in (space.get(name, _PLAIN) for name in own))


def _advice(source: str, how: str) -> str:
    instead = next(text for words, text in _INSTEAD if any(word in source for word in words))
    why = (
        "a task that asks in a loop takes the processor from those it waits for"
        if how == "spin"
        else "a sleep between two questions is too long for whoever waits and too short for the processor, and it "
        "never knows"
    )
    return f"{why}; {instead}"


_INSTEAD: Final = (
    (("is_set", "isSet"), "Event.wait() waits until it is set, Event.wait(timeout) not longer than that"),
    (("qsize", "empty(", "full(", "get_nowait", "put_nowait", "queue"),
     "Queue.get() waits for an item and Queue.put() for room; an end marker tells that no more will come"),
    (("is_alive", "active_count"), "Thread.join() waits for the end of a thread"),
    ((".done(", ".running(", "cancelled("), "Future.result() and concurrent.futures.wait() wait for the end of a job"),
    (("acquire", "locked("), "Lock.acquire() and `with lock:` wait until the lock is free"),
    (("",), "let whoever changes it tell: Event.set and Event.wait, or Condition.notify_all and Condition.wait_for"),
)  # fmt: skip
