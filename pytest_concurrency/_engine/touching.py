"""What happens when watched code is about to touch state that tasks may share."""

from __future__ import annotations

from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import BEGIN, READ, WRITE
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.shared import NO_PLACE
from pytest_concurrency._sight import calls
from pytest_concurrency._sight.effects import called_back, changes
from pytest_concurrency._sight.resolve import UNKNOWN
from pytest_concurrency._sight.site import OPAQUE, Doubtful, Lasting, Own, Stepwise
from pytest_concurrency._sight.slots import current_value, is_lost, narrowed
from pytest_concurrency._sight.watching import is_own

if TYPE_CHECKING:
    from types import FrameType

    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.site import Site, Touched


def at_site(site: Site, frame: FrameType) -> None:
    """Note an access, and offer a switch before it where one can matter."""
    task = here.task
    if task is None or task.quiet:
        return
    run: Run = task.run
    recorder = run.recorder
    if run.stopping or (run.single and (recorder is None or len(run.tasks) < 2)):
        if site.hands_out or run.shared.step is not None or run.shared.has_company:
            _alone(run, task, site, frame)
        return
    if run.current is not task:
        run.outside.come_back(task)
    if run.numbering.held:
        run.numbering.let_go()
    touched: Any = site.look(task, frame) if not run.shared.has_company else _met(run, task, site, frame)
    kind = type(touched)
    if (kind is not tuple or not touched or touched is OPAQUE) and not _is_known(run, task, site, frame, touched):
        return
    serial, shared = run.serial, run.shared
    if len(touched) == 1:
        ((thing, part, mode),) = touched
        accesses: Any = (((serial(thing), part), mode),)
    else:
        accesses = tuple([((serial(thing), part), mode) for thing, part, mode in touched])
    if (kind is Lasting or kind is Stepwise) and run.alive > 1:
        shared.note_moments(accesses, site.place, once=kind is Stepwise)
    offered = site.number in shared.offered
    shared.note(task.id if recorder is None else recorder.acting(task).id, site.number, accesses)
    is_change = changes(touched)
    if is_change:
        shared.stir(run.steps)
    if run.listener is not None:
        run.listener.access(task, site, accesses if is_change else _as_reads(accesses), frame)
    if offered or recorder is not None:
        _reach_slot(run, task, site, accesses, frame, touched, is_change=is_change)
    elif shared.is_long(run.steps):
        run.reach(task, (site.what, accesses))
    if run.listener is not None:
        run.listener.accessed(task, site, touched, accesses, frame)


def _alone(run: Run, task: Task, site: Site, frame: FrameType) -> None:
    """Note what a task is given that shows later what others do, and what a step of its loop touches."""
    if (site.hands_out or run.shared.has_company) and not run.stopping:
        touched = _met(run, task, site, frame)
        if touched is None or touched is OPAQUE or type(touched) is Doubtful:
            run.shared.asks_the_world(site.place)
            if site.hands_out:
                run.shared.hands_out()
    if run.shared.step is not None:
        run.shared.step.sees(task, site, frame)


def _met(run: Run, task: Task, site: Site, frame: FrameType) -> Touched:
    """Return what is touched, and note it for who would know whether others have that at hand."""
    touched = site.look(task, frame)
    if run.shared.has_company:
        run.shared.meets(touched, site.place)
    return touched


def _as_reads(accesses: tuple[tuple[Any, int], ...]) -> tuple[tuple[Any, int], ...]:
    return tuple([(key, READ) for key, _ in accesses])


def _is_known(run: Run, task: Task, site: Site, frame: FrameType, touched: Touched) -> bool:
    """Note what cannot be known of an access; announce one of which nothing is known, and tell whether one is left.

    Where nothing is touched, code in C may be in the midst of a change, and have called this.
    """
    if type(touched) is Own:
        return False
    is_unknown = touched is None or touched is OPAQUE
    if is_unknown or type(touched) is Doubtful:
        run.shared.asks_the_world(site.place)
    if (touched is OPAQUE or type(touched) is Doubtful) and run.alive > 1:
        run.shared.note_opaque(site.place)
        is_unknown = is_unknown or run.shared.doubt()
    if is_unknown:
        _reach_unknown(run, task, site, frame)
        return False
    if not touched and id(site.code) in called_back.codes:
        _reach_unknown(run, task, site, frame)
    elif not touched and type(touched) is Doubtful and run.recorder is not None:
        _reach(run, task, site, touched, frame, (), is_change=False)  # a switch may have been found here
    return bool(touched)


def _reach_unknown(run: Run, task: Task, site: Site, frame: FrameType) -> None:
    """Announce what conflicts with everything."""
    if run.alive > 1:
        run.shared.note_unknown(task.id)
    if run.listener is not None:
        run.listener.access(task, site, None, frame)
    _reach(run, task, site, None, frame, (), is_change=True)


def note_target(run: Run, child: Task, target: Any, arguments: Any, named: Any) -> None:
    """Give a new task's first step the effect of a target whose own accesses do not show.

    `Thread(target=seen.append)` changes `seen` as soon as it goes, and looks at its arguments not before.
    """
    touched = calls.target(target, arguments, named)
    if touched is None or touched is OPAQUE:
        run.shared.note_unknown(child.id)
        run.shared.note_opaque(_first_line(target, *arguments))
        run.begins_with(child, (BEGIN[0], None))
    elif touched:
        accesses = tuple([((run.serial(thing), part), mode) for thing, part, mode in touched])
        run.shared.note(child.id, NO_PLACE, accesses)
        if type(touched) in (Lasting, Stepwise):
            run.shared.note_moments(accesses, None, once=type(touched) is Stepwise)
        run.shared.stir(run.steps)
        run.begins_with(child, (BEGIN[0], accesses))


def _first_line(*things: Any) -> tuple[str, int] | None:
    """Return where the first of these begins that is a function, or a method, of Python code and not ours."""
    for thing in things:
        function = thing.__func__ if type(thing) is MethodType else thing
        if type(function) is FunctionType and not is_own(function.__code__.co_filename):
            return function.__code__.co_filename, function.__code__.co_firstlineno
    return None


def _reach_slot(
    run: Run, task: Task, site: Site, accesses: Any, frame: FrameType, touched: Any, *, is_change: bool
) -> None:
    """Announce the slot where one is touched; a slot that is gone when the turn comes makes a proof impossible."""
    narrow = accesses if site.slot is None else narrowed(site, frame, touched, accesses)
    _reach(run, task, site, narrow, frame, touched, is_change=is_change)
    if narrow is not accesses and is_lost(touched[0][0], narrow):
        run.shared.note_opaque(site.place)


def _reach(run: Run, task: Task, site: Site, accesses: Any, frame: FrameType, touched: Any, *, is_change: bool) -> None:
    op = (site.what, accesses)
    recorder = run.recorder
    if recorder is None:
        run.reach(task, op)
    elif run.guide is not None or accesses is None or site.number in run.shared.offered:
        recorder.announces(task, site.number, site.of)
        run.reach(task, op)
        _show(run, task, touched, frame)
    else:
        recorder.announces(task, site.number, site.of)
        run.arrive(task, op)
        if run.shared.is_long(run.steps):
            run.reach(task, op)
        recorder.does(task, op)
        _show(run, task, touched, frame)
    if is_change:
        run.progressed()


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
    inside = (found,)
    if type(found) in _NESTED:
        inside = found if type(found) is not dict else (*found, *found.values())
    if any(type(each) not in _SHOWN for each in inside):
        return ""
    text = repr(found)
    return text if len(text) <= 30 else text[:27] + "..."


_SHOWN: Final = frozenset({int, float, str, bool, type(None), bytes})
_NESTED: Final = frozenset({list, tuple, set, frozenset, dict})
