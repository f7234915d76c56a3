"""What can be drawn of a recorded run beside its steps: who has what and who waits, hand-overs, the source."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.telling.report import HandOver, Picture, Source, Standing
from pytest_concurrency._core.verbs import verb_in
from pytest_concurrency._engine import naming
from pytest_concurrency._engine.task import END_OF_RUN, ENDED, Sleep
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_concurrency._core.operations import Access
    from pytest_concurrency._core.telling.report import LaneStep
    from pytest_concurrency._engine.resource import Resource
    from pytest_concurrency._engine.task import Task

AROUND: Final = 30
"""As many lines of a file are shown before and after each line that a step names."""
LONG_LINE: Final = 400
"""What a line of source is cut to, in characters."""
NOBODY: Final = Standing()


class Drawing:
    """Writes down, between the steps of a run, who has what and who waits."""

    def __init__(self) -> None:
        self._after: dict[int, Standing] = {}
        self._names: dict[int, str] = {}
        self._files: dict[str, str] = {}

    def lies(self, file: str, filename: str) -> None:
        """Note under which name the source of a file is found that places call by a shorter one."""
        self._files[file] = filename

    def look(self, run: Any, done: int) -> None:
        """Look how all stand when so many steps have been done, and nothing else can happen just now."""
        holds = tuple(
            (each.holder.as_holder, self._name(each))
            for each in run.resources
            if each.holder is not None and not each.inner
        )
        self._after[done - 1] = Standing(holds, tuple(self._waits(run)))

    def _name(self, thing: Resource) -> str:
        name = self._names.get(thing.number)
        if name is None:
            name, made = naming.describe(thing)
            name = name if made is None or "`" in name else f"{name} made at {made}"
            self._names[thing.number] = name
        return name + naming.number_of(thing)

    def _waits(self, run: Any) -> Iterator[tuple[str, str]]:
        """Yield who waits for what."""
        told: set[int] = set()  # threads whose tasks have been asked for
        for task in run.tasks:
            if task.body is not task:
                if task.body.id not in told:
                    told.add(task.body.id)
                    yield from self._neighbours(task)
            elif task.state != ENDED and task.waits_for is not None and task.id not in run.runnable:
                what = self._waited(task)
                if what:
                    yield task.name, what

    def _neighbours(self, task: Task) -> Iterator[tuple[str, str]]:
        for state in task.neighbours():
            if state.waiting is not None:
                holders = f", held by {', '.join(state.waiting.holders)}" if state.waiting.holders else ""
                yield state.name, f"{state.waiting.target or state.waiting.action}{holders}"

    def _waited(self, task: Task) -> str:
        target = task.waits_for
        if target is END_OF_RUN:
            return "the end of the others"
        if isinstance(target, Sleep):
            return f"{target.seconds:g} s to pass"
        if not hasattr(target, "holder"):
            return naming.describe(target)[0] if hasattr(target, "title") else ""
        if target.inner:
            return self._name_of_inner(task, target)
        holder = "" if target.holder is None else f", held by {target.holder.as_holder}"
        return self._name(target) + holder

    def _name_of_inner(self, task: Task, thing: Resource) -> str:
        """Return what somebody waits for inside a condition: the object of which the user has called a method."""
        if thing.number not in self._names:
            _, owner = stacks.inner_call(task.frame(), task.run.watch)
            self._names[thing.number] = "a notification" if owner is None else naming.describe(owner)[0]
        return self._names[thing.number]

    # -- what is told

    def picture(
        self, steps: Sequence[LaneStep], touched: Sequence[tuple[Access, ...] | None], told: Sequence[int]
    ) -> Picture:
        """Return what can be drawn beside some of the steps.

        Args:
            steps: All of them.
            touched: What each of them touched.
            told: The numbers of those that are shown, in order.
        """
        known = sorted(self._after)
        standings, at, now = [], 0, NOBODY
        for _, following in pairwise([*told, len(steps)]):
            while at < len(known) and known[at] < following:
                now, at = self._after[known[at]], at + 1
            standings.append(now)
        return Picture(
            tuple(standings),
            tuple(hand_overs(steps, touched, told)),
            tuple(self._sources([steps[number] for number in told])),
        )

    def _sources(self, steps: Sequence[LaneStep]) -> Iterator[Source]:
        wanted: dict[str, set[int]] = {}
        for step in steps:
            if step.place.line:
                wanted.setdefault(step.place.file, set()).add(step.place.line)
        for file, lines in wanted.items():
            text = stacks.lines_of(self._files.get(file, file))
            shown = {near for line in lines for near in range(line - AROUND, line + AROUND + 1)}
            found = tuple((n, text[n - 1].rstrip()[:LONG_LINE]) for n in sorted(shown) if 1 <= n <= len(text))
            if found:
                yield Source(file, found)


def hand_overs(
    steps: Sequence[LaneStep], touched: Sequence[tuple[Access, ...] | None], told: Sequence[int]
) -> Iterator[HandOver]:
    """Yield where a task takes what another has given last: a lock, an item, the news that an event is set."""
    shown = {number: place for place, number in enumerate(told)}
    given: dict[object, int] = {}
    for number, (step, accesses) in enumerate(zip(steps, touched, strict=True)):
        verb = verb_in(step.what)
        if not verb.is_sync:
            continue
        for key, _ in accesses or ():
            giver = given.get(key)
            is_new = giver is not None and steps[giver].task != step.task
            if verb.takes and giver is not None and is_new and {giver, number} <= shown.keys():
                yield HandOver(shown[giver], shown[number], step.what)
            if verb.gives:
                given[key] = number
