"""Who touched what where in one run, and where switches are offered for it."""

from __future__ import annotations

from itertools import chain
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._sight.resolve import instance_dict

if TYPE_CHECKING:
    from collections.abc import Iterator

FORCE_AFTER: Final = 2_000
"""A task that touches so much without a switch is made to offer one."""
FORCE_LEAST: Final = 8

NO_PLACE: Final = -1
"""Stands for a site where something is touched that no instruction shows: a task's target."""

_CODE: Final = (ModuleType, FunctionType, type)

DOUBTS: Final = -2
"""Stands for all sites of which it is known in part what they touch: offered, they conflict with everything."""


class Shared:
    """What watched code has touched in one run.

    Attributes:
        offered: Sites of watched code where switches are offered in this run.
        widened: Sites that touched what several tasks touch and one of them writes.
        written_at: The step at which watched code has written last.
        step: Gathers what the present step of an event loop touches, if anybody wants to know.
        has_handed_out: Whether somebody may keep what shows, by no access, what others do.
        is_doubted: Whether a task has run code of which only a part of what it touches is known.
        in_turns: Whether the tasks have had their turns without a choice, as nobody got anywhere.
        in_turns_at: The line (file, number) at which one got nowhere, if it is known.
        has_company: Whether somebody who is no task may change what the world has.
        asks_at: The first line at which a task did, beside such company, what nobody sees: it may have asked for that.
        met: The number of each object that a task has touched beside such company, and the first line where it did.
    """

    def __init__(self, offered: set[int]) -> None:
        self.offered = offered
        self.widened: set[int] = set()
        self._opaque = False
        self._opaque_at: tuple[str, int] | None = None
        self._lasting: dict[Any, tuple[str, int] | None] = {}  # touched again while a call is in its midst
        self._stepwise: dict[Any, tuple[str, int] | None] = {}  # what one call touches in several moments, each once
        self.written_at = 0
        self.step: Any = None
        self.has_handed_out = self.is_doubted = self.in_turns = False
        self.in_turns_at: tuple[str, int] | None = None
        self.has_company = False
        self.asks_at: tuple[str, int] | None = None
        self.met: dict[int, tuple[str, int]] = {}
        self._touched: dict[Any, list[Any]] = {}  # key: [tasks, tasks that write, sites that are not offered yet]
        self._unknown = 0  # who did what conflicts with all that others touched: its effect was unknown
        self._stirred = False  # whether watched code has written since a switch was forced
        self._force_after = FORCE_AFTER
        self._events = 0  # accesses since the last step
        self._since = 0  # which was this one

    def note(self, task: int, site: int, accesses: tuple[tuple[Any, int], ...]) -> None:
        """Remember who touches what and where."""
        bit = 1 << task
        for key, mode in accesses:
            record = self._touched.get(key)
            if record is None:
                self._touched[key] = [bit, bit if mode else 0, {site}]
                continue
            record[0] = who = record[0] | bit
            if mode:
                record[1] |= bit
            if record[1] and who & (who - 1):
                self.widened.add(site)
                if record[2]:
                    self.widened |= record[2]
                    record[2] = set()
            else:
                record[2].add(site)

    def gathers(self, step: Any) -> None:
        """Let a step's effects be gathered, or no more."""
        self.step = step

    def stir(self, step: int) -> None:
        """Note that a task has written what tells it from one that only asks."""
        self._stirred = True
        self.written_at = step

    def note_opaque(self, at: tuple[str, int] | None = None, task: int | None = None) -> None:
        """Note that code runs whose effects do not show: nothing is proved by this run.

        Args:
            at: The line, as file and number.
            task: Who runs it, where no switch is offered before it.
        """
        self._opaque = True
        self._opaque_at = self._opaque_at or at
        if task is not None and self.doubt():
            self.note_unknown(task)
        self.lose()

    def take_turns(self, at: tuple[str, int] | None) -> None:
        """Note that the strategy is not asked while nobody gets anywhere: nothing is proved by this run."""
        self._opaque = self.in_turns = True
        self.in_turns_at = at
        self.lose()

    def keeps_company(self) -> None:
        """Let what a task does that nobody sees be noted, also where no other task is there."""
        self.has_company = True

    def asks_the_world(self, at: tuple[str, int]) -> None:
        """Note that a task may have asked for what others than tasks change."""
        if self.has_company:
            self.asks_at = self.asks_at or at

    def meets(self, touched: Any, at: tuple[str, int]) -> None:
        """Note what a task touches, and what holds the attributes of that."""
        for thing, _, _ in touched or ():
            if not issubclass(type(thing), _CODE):
                self.met.setdefault(id(thing), at)
                self.met.setdefault(id(instance_dict(thing)), at)

    def lose(self) -> None:
        """Note that nobody knows what the present step of an event loop touches."""
        if self.step is not None:
            self.step.loses()

    def hands_out(self) -> None:
        """Note that somebody has been given what shows, by no access, what others do: by now, or from now on."""
        self.has_handed_out = True

    def is_joined(self, *, alone: bool) -> None:
        """Note that a task has begun, whether or not it is alone."""
        if self.has_handed_out and not alone:
            self.note_opaque()

    def note_moments(self, accesses: tuple[tuple[Any, int], ...], at: tuple[str, int] | None, *, once: bool) -> None:
        """Note that these are touched in several moments before the next step of their task shows, or each in one."""
        if once:
            self._stepwise.setdefault(tuple([key for key, _ in accesses]), at)
        else:
            for key, _ in accesses:
                self._lasting.setdefault(key, at)

    @property
    def is_opaque(self) -> bool:
        """Whether a task has run code whose effects do not show, or whose moments did not."""
        return self._opaque or any(True for _ in self._unseen_moments())

    @property
    def opaque_at(self) -> tuple[str, int] | None:
        """The first line (file, number) at which that was so, if one is known."""
        return self._opaque_at or next(filter(None, self._unseen_moments()), None)

    def _unseen_moments(self) -> Iterator[tuple[str, int] | None]:
        torn = (at for keys, at in self._stepwise.items() if sum(map(self._is_changed, keys)) > 1)
        return chain(torn, (at for key, at in self._lasting.items() if self._is_changed(key)))

    def _is_changed(self, key: Any) -> bool:
        """Tell whether several tasks touch it and one of them writes."""
        who, writers, _ = self._touched.get(key, (0, 0, ()))
        return bool(writers and who & (who - 1))

    def doubt(self) -> bool:
        """Note that of what a task touches now only a part is known; tell whether it conflicts with everything."""
        self.is_doubted = True
        return DOUBTS in self.offered

    def note_unknown(self, task: int) -> None:
        """Note that a task does what conflicts with everything that others touch."""
        self._unknown |= 1 << task
        self.lose()

    def widen(self, site: int) -> None:
        """Let switches be offered at a site whatever touches what is touched there."""
        self.widened.add(site)

    def is_long(self, step: int) -> bool:
        """Count one more access without a switch, and tell whether one is to be forced.

        Sooner and sooner while only questions are asked, so that a spinning task is seen.
        """
        if step != self._since:
            self._since, self._events = step, 0
        self._events += 1
        if self._events <= self._force_after:
            return False
        if self._stirred:
            self._stirred = False
            self.written_at = step
            self._force_after = FORCE_AFTER
        else:
            self._force_after = max(self._force_after // 4, FORCE_LEAST)
        return True

    def all_places(self) -> set[int]:
        """Return the sites that touched what several tasks touch, when the run is over."""
        unknown = self._unknown
        if unknown:
            alone = 0 if unknown & (unknown - 1) else unknown
            self.widened.update(*(each[2] for each in self._touched.values() if each[0] != alone))
        self.widened.discard(NO_PLACE)
        return self.widened
