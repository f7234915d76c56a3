"""Numbers and names: equal choices give equal ones, whatever the addresses of objects are."""

from __future__ import annotations

import contextlib
from types import GeneratorType
from typing import TYPE_CHECKING, Any, Final
from weakref import ref

if TYPE_CHECKING:
    from types import FrameType

_PLAIN: Final = frozenset({list, dict, set, bytearray})  # cannot be referred to weakly


class Numbering:
    """The numbers and names of one run, given at first sight."""

    def __init__(self) -> None:
        self.last = 0
        self._resources = 0
        self._names: dict[str, int] = {}
        self._numbers: dict[int, tuple[int, Any]] = {}
        self._generators: dict[int, Any] = {}

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

    def serial(self, obj: object) -> int:
        """Return the number of an object in this run: equal choices give equal numbers."""
        entry = self._numbers.get(id(obj))
        if entry is not None:
            kept = entry[1]
            if kept is obj or (type(kept) is ref and kept() is obj):
                return entry[0]
        self.last = number = self.last + 1
        kept = obj
        if type(obj) not in _PLAIN:
            with contextlib.suppress(TypeError):
                kept = ref(obj)
        if type(obj) is GeneratorType:
            self._generators[id(obj.gi_frame)] = ref(obj)
        self._numbers[id(obj)] = (number, kept)
        return number

    def knows(self, obj: object) -> bool:
        """Tell whether an object has a number."""
        entry = self._numbers.get(id(obj))
        return entry is not None and (entry[1] is obj or (type(entry[1]) is ref and entry[1]() is obj))

    def generator_of(self, frame: FrameType) -> Any:
        """Return the generator that a frame belongs to, if an access has shown it."""
        found = self._generators.get(id(frame))
        generator = None if found is None else found()
        return generator if generator is not None and generator.gi_frame is frame else None
