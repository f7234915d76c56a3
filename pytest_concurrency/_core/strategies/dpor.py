"""Dynamic partial order reduction with source sets and sleep sets.

Abdulla, Aronis, Jonsson, Sagonas: "Optimal dynamic partial order reduction", POPL 2014 (their
first algorithm). Of all interleavings that differ only in the order of operations that do not
conflict, one is enough. Each run is searched for *races*: two conflicting operations that nothing
in between orders. For each, some task that can begin the reversed order is added to those to be
tried before the first of the two. Sleep sets cut a run short where all that could follow has been
seen in an equivalent order.

Departures from the paper:
- Blocking. An acquire is reversed against earlier acquires of the same lock, never against the
  release that made it possible; what is still blocked when the run stands still is searched too.
- A task that an operation has made runnable comes after it (start, join, wake-up), and what
  happens after time has moved to a deadline comes after everything before.
- An operation of unknown effect conflicts with every other that has one, and the passing of time
  (only with `clock="any"` a choice) with everything.
- Picks among equal waiters are branches of their own, without reduction.
- What a step of an event loop touches is known only afterwards (`did`). Who has been tried with such a step does not
  sleep: it may go again, and the run is cut short behind its step if that conflicts with nothing since. Objects have
  their numbers in the order in which a run meets them, so that steps of two runs cannot be compared.
- A step that was offered and then taken away, or never taken, is searched as one of unknown effect.
- An event is set only once until it is cleared: who waits for it without a limit comes after that, and the two
  are never reversed; a second `set` and a wait are apart, as are a wait and the `set` that comes later.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from pytest_concurrency._core.errors import NotDeterministicError
from pytest_concurrency._core.operations import AWAIT, CLEAR, SET, TIME, Operation, conflict
from pytest_concurrency._core.strategies.dpor_node import Node, about_event, in_conflict, next_pick, passes_by
from pytest_concurrency._core.strategy import Redundant, Strategy, all_of
from pytest_concurrency._core.verbs import NEVER_REVERSED, STEPS, UNTOLD, WAITS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_END_OF_RUN, _KILL = "the end of the run", "kill"
_ANYTHING: Operation = ("step", None)
_ENOUGH, _WORTH_IT = 200, 0.05
"""After so many runs it is known what it saves to learn what steps do: less than so many are free to change places."""


class Dpor(Strategy):
    """Try one schedule of every class of equivalent ones, without a bound.

    Attributes:
        completed: Runs that came to their end, each of a class of its own.
        redundant: Runs that were cut short because an equivalent one had been tried.
    """

    name = "dpor"
    every_step = True
    exhaustive = True

    def __init__(self) -> None:
        self.completed = 0
        self.redundant = 0
        self.learns = True
        self._free = [0, 0]  # steps of loops that could have changed places with the one before, and all
        self._nodes: list[Node] = []
        self._by_key: dict[object, list[int]] = {}  # steps that touch a key, in order
        self._unknown: list[int] = []  # steps of unknown effect
        self._fresh = True
        self._kept = 0  # so many steps at the beginning stay as they are
        self._begin()

    def _begin(self) -> None:
        """Forget what belongs to one run only."""
        self._depth = 0
        self._picked = 0
        self._able: set[int] = set()  # who could go before the last step
        self._last: dict[int, int] = {}  # task -> mask of its last step and all before it
        self._causes: dict[int, int] = {}  # task -> mask of what has made it able to go on since then
        self._floor = 0  # what happens before everything from here on
        self._cut = False
        self._untold: Operation | None = None  # what the last step was said to do, until it is known
        self._offered: set[int] = set()  # whose steps could have been taken instead of the last one

    # -- runs

    def start_run(self) -> bool:
        self._begin()
        if self._fresh:
            self._fresh = False
            return True
        return self._backtrack()

    def _backtrack(self) -> bool:
        nodes = self._nodes
        while len(nodes) > self._kept:
            node = nodes[-1]
            if next_pick(node):
                if node.is_untold:  # with another answer it is another step
                    self._forget(len(nodes) - 1)
                    node.goes(node.task)
                return True
            self._forget(len(nodes) - 1)
            rest = node.is_done(len(nodes) - 1)
            if rest:
                node.goes(min(rest))
                return True
            nodes.pop()
        return False

    def end_run(self, *, cut: bool) -> None:
        if self._cut:
            self.redundant += 1
            return
        self._settle()
        self._search_gone(())
        if self.completed == _ENOUGH and self._free[0] < self._free[1] * _WORTH_IT:
            self.learns = False
        self.completed += 1
        if self._depth < len(self._nodes) and not cut:
            raise NotDeterministicError

    def widened(self) -> None:
        self._nodes.clear()
        self._by_key.clear()
        self._unknown.clear()
        self._fresh = True
        self.completed = self.redundant = 0

    @property
    def interleavings(self) -> int:
        return self.completed

    def describe(self) -> str:
        were = "was" if self.redundant == 1 else "were"
        more = f", and {self.redundant} more {were} cut short as equal to one of them" if self.redundant else ""
        return f"{all_of(self.completed)}, without a bound{more}"

    # -- steps

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        depth, nodes = self._depth, self._nodes
        if self._untold is not None:
            self._settle()
        if self._cut:
            raise Redundant
        if self._offered:
            self._search_gone(runnable)
        self._follow(runnable, pending)
        if depth < len(nodes):
            node = nodes[depth]
            if node.runnable != tuple(runnable) or node.task not in pending:
                raise NotDeterministicError
        else:
            node = self._extend(runnable, current, pending)
        self._depth = depth + 1
        self._picked = 0
        op = pending[node.task]
        if op[0] in STEPS:
            self._offered = {each for each in runnable if each != node.task and pending[each][0] in STEPS}
        if op[0] == UNTOLD:
            self._untold = op
            node.is_said(op)
            return node.task
        self._enter(depth, node, node.op if node.is_untold and node.before >= 0 else op)  # no longer told
        if node.op[0] == _END_OF_RUN and node.op[1] is None:
            self._search_pending(pending, skip=node.task)
            node.backtrack.update(runnable)  # what daemons would have done is not known
        if node.op[0] == _KILL:
            node.backtrack.update(runnable)  # nor what a process would have done that is ended by it
        return node.task

    def _enter(self, index: int, node: Node, op: Operation) -> None:
        """Enter what a step does."""
        if node.before < 0:
            node.does(op)
            self._do(index, node)
        elif node.op != op:
            raise NotDeterministicError
        self._last[node.task] = node.before | 1 << index
        self._causes.pop(node.task, None)

    def did(self, op: Operation) -> None:
        if self._untold is None:
            return
        self._untold = None
        index = self._depth - 1
        node = self._nodes[index]
        since = node.tried.get(node.task, index)
        if since < index and not any(conflict(each.op, op) for each in self._nodes[since:index]):
            node.is_redundant()
            self._cut = True
            raise Redundant
        if index and self._nodes[index - 1].task != node.task:
            self._free[0] += not conflict(self._nodes[index - 1].op, op)
            self._free[1] += 1
        self._enter(index, node, op)

    def _settle(self) -> None:
        """Take a step that was not told of for what it was said to do."""
        if self._untold is not None:
            self.did(self._untold)

    def _follow(self, runnable: Sequence[int], pending: Mapping[int, Operation]) -> None:
        """Order whoever can go since the last step after that step."""
        able = self._able
        if self._depth and not able.issuperset(runnable):
            last = self._nodes[self._depth - 1]
            cause = last.before | 1 << (self._depth - 1)
            for task in runnable:
                if task not in able and not passes_by(last.op, pending[task]):
                    self._causes[task] = self._causes.get(task, 0) | cause
        self._able = set(runnable)

    def _extend(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> Node:
        sleep, tried = self._sleep(), self._tried(runnable)
        if current is not None and current not in sleep and current not in tried:
            task = current
        else:
            awake = [each for each in runnable if each not in sleep]
            task = next((each for each in awake if each not in tried), awake[0] if awake else -2)
            if task == -2:
                self._cut = True
                self._search_pending({each: op for each, op in pending.items() if each not in sleep})
                raise Redundant
        node = Node(task, pending[task], tuple(runnable), sleep, tried)
        self._nodes.append(node)
        return node

    def _sleep(self) -> dict[int, Operation]:
        """Who still sleeps after the last step: those whose operation does not conflict with it."""
        if not self._nodes:
            return {}
        node = self._nodes[-1]
        if node.task == TIME:
            return {}
        return {
            task: op
            for task, op in node.sleep.items()
            if task != node.task and task != TIME and not conflict(op, node.op)
        }

    def _tried(self, runnable: Sequence[int]) -> dict[int, int]:
        """Return who has been tried at an earlier step with one that is not known before it is taken, and at which."""
        node = self._nodes[-1] if self._nodes else None
        if node is None or not node.tried or node.task == TIME or not self.learns:
            return {}
        return {task: at for task, at in node.tried.items() if task != node.task and task in runnable}

    def _do(self, index: int, node: Node) -> None:
        """Search the races of a step with those before it, then enter it in the books."""
        mine = self._last.get(node.task, 0) | self._floor
        node.comes_after(mine | self._search(index, node.task, node.op, mine))
        accesses = node.op[1]
        if accesses is None or node.task == TIME:
            self._unknown.append(index)
        else:
            for key in {key for key, _ in accesses}:
                self._by_key.setdefault(key, []).append(index)

    def _forget(self, index: int) -> None:
        node = self._nodes[index]
        accesses = node.op[1]
        if accesses is None or node.task == TIME:
            if self._unknown and self._unknown[-1] == index:
                self._unknown.pop()
            return
        for key in {key for key, _ in accesses}:
            steps = self._by_key.get(key)
            if steps and steps[-1] == index:
                steps.pop()

    # -- races

    def _search(self, index: int, task: int, op: Operation, mine: int) -> int:
        """Find the races of an operation that comes after `mine`; return all it conflicts with."""
        nodes = self._nodes
        covered, before, races = mine, self._causes.get(task, 0), []
        for at in self._candidates(index, task, op):
            node = nodes[at]
            if (before & covered) >> at & 1 or node.task == task or not in_conflict(node, task, op):
                continue
            behind = node.before | 1 << at
            if event := about_event(node.op, op):
                before |= behind if event == (SET, AWAIT) and self._is_first(at) else 0
                continue
            before |= behind
            if covered >> at & 1 or ((node.op[0], op[0]) in NEVER_REVERSED and self._had_to_wait(at, op)):
                continue
            races.append(at)
            if op[0] not in WAITS or node.op[0] in WAITS:
                covered |= behind  # else it may have had to wait there, for something earlier still
        for at in races:
            self._reverse(at, index, task, mine, before)
        return before

    def _had_to_wait(self, at: int, op: Operation) -> bool:
        """Whether a waiting operation could not have gone before a step that let it go."""
        if op[0] != "acquire":
            return True
        steps = self._by_key[op[1][0][0]]  # type: ignore[index] # an acquire touches its lock
        number = bisect_left(steps, at)
        return number > 0 and self._nodes[steps[number - 1]].op[0] == "acquire"  # else released while free

    def _is_first(self, at: int) -> bool:
        """Whether an event was not set yet when a step set it."""
        key = self._nodes[at].op[1][0][0]  # type: ignore[index] # it touches the lock of the event
        steps = self._by_key[key]
        modes = (self._nodes[each].op[1][0][1] for each in reversed(steps[: bisect_left(steps, at)]))  # type: ignore[index]
        return next((mode for mode in modes if mode in (SET, CLEAR)), CLEAR) == CLEAR

    def _candidates(self, index: int, task: int, op: Operation) -> Sequence[int]:
        """Earlier steps that may conflict with an operation, the latest first."""
        accesses = op[1]
        if accesses is None or task == TIME:
            return range(index - 1, -1, -1)
        if len(accesses) == 1:
            found = self._by_key.get(accesses[0][0], ())
            if not self._unknown:
                return found[::-1]
        several = {at for key, _ in accesses for at in self._by_key.get(key, ())}
        several.update(self._unknown)
        return sorted(several, reverse=True)

    def _reverse(self, at: int, index: int, task: int, mine: int, before: int) -> None:
        """Make sure that the operation of `task` will be tried without step `at` before it."""
        nodes = self._nodes
        target, bit = nodes[at], 1 << at
        between, firsts, initials = 0, set(), []
        for number in range(at + 1, index):
            node = nodes[number]
            if node.before & bit:
                continue
            if node.task not in firsts:
                firsts.add(node.task)
                if not node.before & between:
                    initials.append(node.task)
            between |= 1 << number
        if task not in firsts and not (mine | before) & between:
            initials.insert(0, task)
        able = [each for each in initials if each in target.runnable]
        if not any(each in target.backtrack or each in target.sleep for each in able) and able:
            target.backtrack.add(able[0])

    def _search_gone(self, runnable: Sequence[int]) -> None:
        """Search the races of steps that were offered before the last one, and no longer are."""
        for task in sorted(self._offered.difference(runnable)):
            self._search(self._depth, task, _ANYTHING, self._last.get(task, 0) | self._floor)
        self._offered.intersection_update(runnable)

    def standstill(self, pending: Mapping[int, Operation], *, left: bool) -> None:
        try:
            self._settle()
        except Redundant:  # said at the next choice: here it would meet the scenario
            return
        self._search_gone(())
        if self._depth == len(self._nodes):
            self._search_pending(pending)
            if left and self._nodes:  # what those left behind would have done is not known
                self._nodes[-1].backtrack.update(self._nodes[-1].runnable)
        self._floor = (1 << self._depth) - 1

    def _search_pending(self, pending: Mapping[int, Operation], skip: int | None = None) -> None:
        """Search the races of operations that may never happen in this run."""
        for task, op in list(pending.items()):
            if task not in (skip, TIME) and op[0] not in ("begin", _END_OF_RUN):
                self._search(self._depth, task, op, self._last.get(task, 0) | self._floor)

    def pick(self, options: int) -> int:
        if not self._depth:
            return 0
        picks, nth = self._nodes[self._depth - 1].picks, self._picked
        self._picked = nth + 1
        if nth < len(picks):
            if picks[nth][1] != options:
                raise NotDeterministicError
            return picks[nth][0]
        picks.append([0, options])
        return 0
