"""State that survives a schedule: what watched modules and their classes are bound to, before and after the first."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.strategies.replay import Positional

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._explore.running import Running
    from pytest_concurrency._sight.watching import Watch

_SIZED: Final = frozenset({list, dict, set, bytearray})


class Surviving:
    """Looks for state that the first schedule leaves to the others.

    Args:
        watch: Whose modules are looked at.

    Attributes:
        changed: Names of what the first schedule has changed.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._before = dict(_bound(watch))
        self.changed: list[str] = []

    def names(self, running: Running, first: Record) -> list[str]:
        """Return the names of what the first schedule has changed, if it goes differently for that."""
        self.look()
        if not self.changed or not _differs(first, running.once(Positional(list(first.choices)), offered=set())):
            return []
        return self.changed

    def look(self) -> None:
        """Note what the first schedule has changed."""
        now = dict(_bound(self._watch))
        self.changed = [name for name, found in now.items() if not _same(self._before.get(name), found)]
        self._before = {}


def _differs(first: Record, again: Record) -> bool:
    """Tell whether the same schedule went differently; what a scenario makes anew every time does not show."""
    if again.failed or again.refused is not None:
        return True
    return (first.steps, first.choices, first.shared) != (again.steps, again.choices, again.shared)


def _bound(watch: Watch) -> Iterator[tuple[str, tuple[Any, int]]]:
    for module in watch.modules():
        for name, value in list(vars(module).items()):
            if name.startswith("__") or ModuleType in type(value).__mro__:
                continue
            yield f"{module.__name__}.{name}", _state(value)
            if isinstance(value, type) and value.__module__ == module.__name__:
                for each, attribute in list(vars(value).items()):
                    if not each.startswith("__"):
                        yield f"{module.__name__}.{name}.{each}", _state(attribute)


def _state(value: Any) -> tuple[Any, int]:
    return value, len(value) if type(value) in _SIZED else 0


def _same(before: tuple[Any, int] | None, now: tuple[Any, int]) -> bool:
    return before is not None and before[0] is now[0] and before[1] == now[1]
