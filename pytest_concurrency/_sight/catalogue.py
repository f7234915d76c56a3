"""All sites that were found so far."""

from __future__ import annotations

from types import CodeType
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._sight.instructions import unseen
from pytest_concurrency._sight.site import Site
from pytest_concurrency._sight.sites import sites_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from pytest_concurrency._sight.watching import Watch

_QUIET_FUNCTIONS: Final = frozenset({"<module>", "__repr__"})


class Catalogue:
    """All sites found so far, by code object; kept for the life of the process."""

    def __init__(self) -> None:
        self.tables: dict[int, dict[int, Site]] = {}
        self._count = 0
        self._codes: list[CodeType] = []  # keeps the ids valid

    def table(self, code: CodeType) -> dict[int, Site]:
        """Return the sites of a code object by instruction offset."""
        table = self.tables.get(id(code))
        if table is None:
            table = {} if code.co_name in _QUIET_FUNCTIONS else sites_of(code)
            if code.co_name == "__del__":
                table = {
                    at: Site(code, each.line, each.what, each.mode, unseen(each.look), of=each.of)
                    for at, each in table.items()
                }
            for site in table.values():
                site.take_number(self._count)
                self._count += 1
            self._codes.append(code)
            self.tables[id(code)] = table
        return table

    def look_ahead(self, function: Any, watch: Watch) -> None:
        """Find the sites of a function, and of what it calls by names of its module, before it runs.

        A process that is forked has them then; else each of them finds them anew.
        """
        ahead = [function]
        while ahead:
            next_one = ahead.pop()
            code = getattr(next_one, "__code__", None)
            if type(code) is CodeType and id(code) not in self.tables and watch.is_watched(code.co_filename):
                self.table(code)
                names = next_one.__globals__
                ahead += [names[each] for each in code.co_names if each in names]

    def names(self, numbers: Collection[int]) -> list[str]:
        """Return what some sites are called in every process that runs the same code, in order."""
        sites = (each for table in self.tables.values() for each in table.items() if each[1].number in numbers)
        return sorted(f"{site.code.co_filename}:{site.code.co_qualname}:{at} {site.what}" for at, site in sites)


catalogue: Final = Catalogue()
