"""Which watched modules a scenario can reach: those that its own module names in its source, and so on."""

from __future__ import annotations

import functools
import linecache
import os
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

_WORD: Final = re.compile(r"\w+")
_FIXTURES: Final = "conftest"  # pytest loads them, and nobody names them


class NamedModules:
    """The watched modules, by the last part of their names.

    An `import`, wherever it stands, and a string given to `import_module`, hold that part as a word. Other words that
    are equal to it make the answer larger than need be.

    Args:
        modules: All that are watched.
    """

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        self._by_name = {module.__name__: module for module in modules}
        self._by_word: dict[str, list[ModuleType]] = {}
        for name, module in self._by_name.items():
            self._by_word.setdefault(name.rpartition(".")[2], []).append(module)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[ModuleType]:
        return iter(self._by_name.values())

    def get(self, name: object) -> ModuleType | None:
        """Return the watched module of that name."""
        return self._by_name.get(name) if isinstance(name, str) else None

    def with_fixtures(self) -> list[ModuleType]:
        """Return the modules in which pytest finds fixtures for others."""
        return self._by_word.get(_FIXTURES, [])

    def named_by(self, module: ModuleType) -> Iterator[ModuleType]:
        """Yield the watched modules that a module names; all where its source cannot be read."""
        words = _words_of(module)
        if words is None:
            yield from self
        else:
            for word in self._by_word.keys() & words:
                yield from self._by_word[word]


def _words_of(module: ModuleType) -> frozenset[str] | None:
    file = module.__file__ or ""
    try:
        status = os.stat(file)
    except OSError:
        return None
    return _words_in(file, status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=10_000)
def _words_in(file: str, _changed: int, _size: int) -> frozenset[str] | None:
    linecache.checkcache(file)
    lines = linecache.getlines(file)
    return frozenset(_WORD.findall("".join(lines))) if lines or not _size else None
