"""Tells the race detector what passes through a run: synchronisation, and accesses of watched code."""

from __future__ import annotations

import gc
import traceback
import types
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.detectors.happens_before import WHOLE, Detector, Overtaken
from pytest_concurrency._core.operations import READ
from pytest_concurrency._engine.listener import Listener
from pytest_concurrency._engine.task import ENDED
from pytest_concurrency._machine import real
from pytest_concurrency._sight.effects import CONTENT
from pytest_concurrency._sight.resolve import UNKNOWN, class_attribute
from pytest_concurrency._sight.site import CELLS
from pytest_concurrency._sight.slots import current_value

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.site import Site, Touched

_GIVES: Final = frozenset({"release", "put"})
_TAKES: Final = frozenset({"acquire", "try", "get", "look", "join", "notify"})
_SENDS: Final = frozenset({"send", "connect", "listen", "shutdown", "close"})
_RECEIVES: Final = frozenset({"recv", "accept", "connect"})
"""Of these the first thing that they touch is where it goes to, or comes from."""
_COUNTED: Final = frozenset({int, float, complex, str, bytes, tuple, frozenset})  # equal results of two steps
_PLAIN: Final = frozenset({dict, types.CellType})  # globals, and where a variable of a closure stands
_GATES: Final = ("__setattr__", "__getattribute__")
_KEYS: Final = frozenset({int, str, bytes, bool, type(None)})


class RaceListener(Listener):
    """Listens to one run.

    Attributes:
        detector: What it has found.
        lost: Writes that were lost in this run: overtaken between another task's read and write.
        names: What its tasks are called, by number.
        closures: Whether variables of closures were touched of which it is not known in which cell they stand.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self.detector = Detector()
        self.detector.clocks.begin(None)
        self.lost: list[Overtaken] = []
        self.names = ["main"]
        self.closures = False
        self._plain: dict[tuple[int, str], bool] = {}
        self._unsettled: dict[int, tuple[list[Overtaken], Callable[[], Any], Any]] = {}

    # -- synchronisation

    def started(self, task: Task, _frame: FrameType | None) -> None:
        parent = self._run.current
        self.detector.clocks.begin(0 if parent is None else parent.id)
        self.names.append(task.name)

    def took_part(self, task: Task) -> None:
        self.detector.clocks.begin(None)
        self.names.append(task.name)

    def reach(self, task: Task, _op: Operation, _frame: FrameType | None) -> None:
        self._settle(task)

    def block(self, task: Task, _target: object, _frame: FrameType | None) -> None:
        self._settle(task)

    def does(self, task: Task, op: Operation) -> None:
        clocks, verb = self.detector.clocks, op[0]
        if verb in _SENDS or verb in _RECEIVES:
            for key, _ in (op[1] or ())[:1]:
                if verb in _RECEIVES:
                    clocks.take(task.id, key)
                if verb in _SENDS:
                    clocks.give(task.id, key)
        elif verb in _GIVES:
            for key, _ in op[1] or ():
                clocks.give(task.id, key)
        elif verb in _TAKES:
            accesses: Any = op[1] or ()
            for key, _ in accesses:
                if key[0] != "task":
                    clocks.take(task.id, key)
                elif self._run.tasks[key[1]].state is ENDED:
                    clocks.join(task.id, key[1])

    def over(self) -> None:
        for task in self._run.tasks:
            self._settle(task)

    # -- accesses

    def access(self, task: Task, _site: Site, _accesses: Any, _frame: FrameType) -> None:
        self._settle(task)

    def accessed(self, task: Task, site: Site, touched: Touched, accesses: Any, frame: FrameType) -> None:
        for (thing, part, mode), (key, _) in zip(touched or (), accesses, strict=True):
            item: Any = None
            if part == CONTENT:
                item, mode = self._item(site, frame, mode)
            elif thing is CELLS:
                self.closures = True
            elif type(thing) not in _PLAIN and not self._is_plain(thing, part):
                item = WHOLE
            held = tuple([each for each in self._run.resources if each.holder is task and not each.inner])
            found = self.detector.access(task.id, key, mode, site, held, item)
            now = [each for each in found if each.between and each.write.task == task.id]
            if thing is CELLS:
                name = part.partition(" of ")[0]
                now = [each for each in now if is_one_variable(name, _codes(each))]
            if now:

                def value(thing: Any = thing, part: str = part, item: Any = item) -> Any:
                    return current_value(thing, part, frame, item)

                self._unsettled[task.id] = (now, value, value())

    def _is_plain(self, thing: Any, part: str) -> bool:
        key = (id(thing if isinstance(thing, type) else type(thing)), part)
        found = self._plain.get(key)
        if found is None:
            found = self._plain[key] = is_plain(thing, part)
        return found

    def _item(self, site: Site, frame: FrameType, mode: int) -> tuple[Any, int]:
        """Say which item of a container is touched, and how: reading one of a defaultdict may make it."""
        found = UNKNOWN if site.item is None else site.item(frame.f_locals, frame.f_globals)
        if type(found) not in _KEYS:
            return WHOLE, mode
        return (type(found), found), READ if site.mode == READ else mode

    def _settle(self, task: Task) -> None:
        """Look at what a task has written: who puts there what is there already loses nothing."""
        waiting = self._unsettled.pop(task.id, None)
        if waiting is not None:
            found, value, before = waiting
            after = value()
            if after is not before or type(after) in _COUNTED:
                self.lost += found


def _codes(found: Overtaken) -> set[CodeType]:
    sites: list[Any] = [found.read.site, found.write.site, found.other.site]
    return {site.code for site in sites}


def is_one_variable(name: str, codes: set[CodeType]) -> bool:
    """Tell whether the functions that use a closure variable of that name all mean the same one."""
    cells, owners = set[int](), set[Any]()
    for code in codes:
        if name in code.co_cellvars:
            owners.add(code)
            continue
        number = code.co_freevars.index(name)
        functions = [each for each in gc.get_referrers(code) if type(each) is types.FunctionType]
        if not functions:
            return False
        cells.update(id(each.__closure__[number]) for each in functions if each.__closure__)
    frames = [frame for top in real.current_frames().values() for frame, _ in traceback.walk_stack(top)]
    return len(cells) == 1 and all(sum(frame.f_code is code for frame in frames) == 1 for code in owners)


def is_plain(thing: Any, name: str) -> bool:
    """Tell whether an attribute is a plain place, and no property or `__getattr__` stands before it."""
    kind: Any = type(thing)
    if issubclass(kind, type):
        kind = thing
    elif any(type(class_attribute(kind, each)[1]) is types.FunctionType for each in _GATES):
        return False
    _, value = class_attribute(kind, name)
    if type(value) is types.MemberDescriptorType:
        return True
    return value is UNKNOWN or not hasattr(type(value), "__set__")
