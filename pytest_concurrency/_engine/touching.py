"""What happens when watched code is about to touch state that tasks may share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import BEGIN, WRITE
from pytest_concurrency._engine import outside
from pytest_concurrency._engine.run import FORCE_AFTER
from pytest_concurrency._sight import effects
from pytest_concurrency._sight.effects import current_value
from pytest_concurrency._sight.resolve import UNKNOWN
from pytest_concurrency._sight.sites import sites_of

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.site import Site

FORCE_LEAST: Final = 8

_QUIET_FUNCTIONS: Final = frozenset({"<module>", "__del__", "__repr__"})


class Catalogue:
    """All sites found so far, by code object; kept for the life of the process."""

    def __init__(self) -> None:
        self.tables: dict[int, dict[int, Site]] = {}
        self.sites: list[Site] = []
        self._codes: list[CodeType] = []  # keeps the ids valid

    def table(self, code: CodeType) -> dict[int, Site]:
        """Return the sites of a code object by instruction offset."""
        table = self.tables.get(id(code))
        if table is None:
            table = {} if code.co_name in _QUIET_FUNCTIONS else sites_of(code)
            for site in table.values():
                site.number = len(self.sites)
                self.sites.append(site)
            self._codes.append(code)
            self.tables[id(code)] = table
        return table


catalogue: Final = Catalogue()


def touch(run: Run, task: Task, site: Site, frame: FrameType) -> None:
    """Note an access, and offer a switch before it where one can matter."""
    if len(run.tasks) < 2 or run.stopping:
        return
    if run.current is not task:
        outside.come_back(run, task)
    touched = site.look(task, frame)
    if touched is None:
        if run.feed is not None:
            run.feed.access(task, site, None, frame)
        _reach(run, task, site, None, frame, ())
        return
    if not touched:
        return
    offered = site.number in run.offered
    accesses = _note(run, task, site.number, touched)
    if run.feed is not None:
        run.feed.access(task, site, accesses, frame)
    if offered or run.recorder is not None:
        _reach(run, task, site, accesses, frame, touched)
    else:
        task.events += 1
        if task.events > run.force_after:
            _be_shorter(run)
            run.reach(task, (site.what, accesses))
    if run.feed is not None:
        run.feed.accessed(task, site, touched, accesses, frame)


def _note(run: Run, task: Task, site: int, touched: Any) -> tuple[tuple[Any, int], ...]:
    """Remember who touched what and where, and return it as a strategy sees it."""
    bit = 1 << task.id
    accesses = []
    for thing, part, mode in touched:
        key = (run.serial(thing), part)
        accesses.append((key, mode))
        if mode:
            run.stirred = True
            run.progress_at = run.steps
        record = run.touched.get(key)
        if record is None:
            run.touched[key] = [bit, bit if mode else 0, {site}]
            continue
        record[0] = who = record[0] | bit
        if mode:
            record[1] |= bit
        if record[1] and who & (who - 1):
            run.widened.add(site)
            if record[2]:
                run.widened |= record[2]
                record[2] = set()
        else:
            record[2].add(site)
    return tuple(accesses)


def _be_shorter(run: Run) -> None:
    """Force switches sooner and sooner while only questions are asked, so that a spinning task is seen."""
    if run.stirred:
        run.stirred = False
        run.progress_at = run.steps
        run.force_after = FORCE_AFTER
    else:
        run.force_after = max(run.force_after // 4, FORCE_LEAST)


def note_target(run: Run, child: Task, target: Any, arguments: tuple[Any, ...]) -> None:
    """Give a new task's first step the effect of a target whose own accesses do not show.

    `Thread(target=seen.append)` changes `seen` as soon as it goes.
    """
    touched = effects.target(target, list(arguments))
    if touched is None:
        run.unknown = run.opaque = True
        run.pending[child.id] = (BEGIN[0], None)
    elif touched:
        run.pending[child.id] = (BEGIN[0], _note(run, child, -1, touched))


def _reach(run: Run, task: Task, site: Site, accesses: Any, frame: FrameType, touched: Any) -> None:
    op = (site.what, accesses)
    recorder = run.recorder
    if recorder is None:
        run.reach(task, op)
    elif recorder.steers or accesses is None or site.number in run.offered:
        task.site = site.number
        run.reach(task, op)
        _show(run, task, touched, frame)
    else:
        task.site = site.number
        recorder.arrive(task, op)
        task.events += 1
        if task.events > run.force_after:
            _be_shorter(run)
            run.reach(task, op)
        recorder.does(task, op)
        _show(run, task, touched, frame)
    if (accesses and any(mode for _, mode in accesses)) or accesses is None:
        run.progress_at = run.steps


def _show(run: Run, task: Task, touched: Any, frame: FrameType) -> None:
    """Put the value read or written into the lanes."""
    recorder = run.recorder
    if recorder is None or not touched or run.stopping:
        return
    thing, part, mode = touched[0]

    def value() -> str:
        return _value(thing, part, frame)

    if mode == WRITE:
        recorder.will_write(task, value)
    else:
        recorder.has_read(value())


def _value(thing: Any, part: str, frame: FrameType) -> str:
    return _brief(current_value(thing, part, frame))


def _brief(found: Any) -> str:
    """Return a short text for plain values only: no code of the user's runs here."""
    if found is UNKNOWN:
        return ""
    if type(found) in _SHOWN or (type(found) in _NESTED and all(type(each) in _SHOWN for each in found)):
        text = repr(found)
    else:
        return ""
    return text if len(text) <= 30 else text[:27] + "..."


_SHOWN: Final = frozenset({int, float, str, bool, type(None), bytes})
_NESTED: Final = frozenset({list, tuple, set, frozenset, dict})
