"""Numbers and names: equal choices give equal ones, whatever the addresses of objects are.

No number keeps an object alive for long: what cannot be referred to weakly is held, as its address
could be another's a moment later, and let go of as soon as nobody else holds it.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
from types import CellType, GeneratorType
from typing import TYPE_CHECKING, Any, Final
from weakref import ref

if TYPE_CHECKING:
    from types import FrameType

_PLAIN: Final = frozenset({list, dict, set, bytearray, CellType})  # cannot be referred to weakly
_NEWEST: Final = 8  # of those that are held, so many are looked at each time: a temporary is among them
_MANY: Final = 64


class Numbering:
    """The numbers and names of one run, given at first sight.

    Attributes:
        last: The highest number.
        held: By its `id`, each object that a number keeps alive, which nothing else of ours does.
    """

    def __init__(self) -> None:
        self.last = 0
        self._resources = 0
        self._names: dict[str, int] = {}
        self._numbers: dict[int, tuple[int, Any]] = {}  # the weak reference to each; None where it is held
        self._generators: dict[int, Any] = {}
        self.held: dict[int, Any] = {}
        self._newest: list[Any] = []  # of those, and in their order
        self._look_at_all = _MANY

    def fresh(self) -> int:
        """Return the next number."""
        self.last += 1
        return self.last

    def next_resource(self) -> int:
        """Return the next number of an object of synchronisation."""
        self._resources += 1
        return self._resources

    def name(self, wanted: str) -> str:
        """Return a name that no other task of the run has."""
        same = self._names.get(wanted, 0)
        self._names[wanted] = same + 1
        return f"{wanted} #{same + 1}" if same else wanted

    def rename(self, given: str, first: str, wanted: str) -> str:
        """Return another name instead of one that was given for `first`, and nobody has used yet."""
        count = self._names[first]
        if given == (f"{first} #{count}" if count > 1 else first):  # the last one: who comes next may have it
            self._names[first] = count - 1
        return self.name(wanted)

    def serial(self, obj: object) -> int:
        """Return the number of an object in this run: equal choices give equal numbers."""
        entry = self._numbers.get(id(obj))
        if entry is not None:
            kept = entry[1]
            if kept is None or kept() is obj:
                return entry[0]
        self.last = number = self.last + 1
        kept = None
        if type(obj) not in _PLAIN:
            with contextlib.suppress(TypeError):
                kept = ref(obj)
        if kept is None:
            self.held[id(obj)] = obj
            self._newest.append(obj)
            if len(self._newest) > _NEWEST:
                del self._newest[0]
        if type(obj) is GeneratorType:
            self._generators[id(obj.gi_frame)] = ref(obj)
        self._numbers[id(obj)] = (number, kept)
        return number

    def let_go(self, *, every: bool = False) -> None:
        """Let go of objects that nobody else holds any more; what they do when they go, they do in the caller.

        Args:
            every: Whether to look at all that are held, not only at the newest.
        """
        held = self.held
        if every or len(held) >= self._look_at_all:
            candidates = list(held)
        elif not self._newest or min(map(sys.getrefcount, self._newest)) > _ALONE:
            return  # as at nearly every site
        else:
            candidates = list(itertools.islice(reversed(held), _NEWEST))
        self._newest.clear()
        while sum(map(self._goes, candidates)) and every:
            candidates = list(held)  # what has gone may have been the last to hold others
        self._newest[:] = reversed(list(itertools.islice(reversed(held.values()), _NEWEST)))
        if len(candidates) >= self._look_at_all:
            self._look_at_all = 2 * len(held) + _MANY

    def _goes(self, key: int) -> bool:
        if key not in self.held or sys.getrefcount(self.held[key]) > _BARE:
            return False
        del self._numbers[key], self.held[key]
        return True

    def forget(self) -> None:
        """Forget every object: the run is over."""
        self._newest.clear()
        self.held.clear()
        self._numbers.clear()
        self._generators.clear()

    def generator_of(self, frame: FrameType) -> Any:
        """Return the generator that a frame belongs to, if an access has shown it."""
        found = self._generators.get(id(frame))
        generator = None if found is None else found()
        return generator if generator is not None and generator.gi_frame is frame else None


def _alone() -> tuple[int, int]:
    """Return what `getrefcount` answers, on this Python, for what only a number holds: as asked twice above."""
    held: dict[int, Any] = {0: []}
    bare = sys.getrefcount(held[0])
    newest = list(held.values())
    return min(map(sys.getrefcount, newest)), bare


_ALONE, _BARE = _alone()
