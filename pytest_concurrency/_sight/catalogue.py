"""All sites that were found so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_concurrency._sight.instructions import unseen
from pytest_concurrency._sight.site import Site
from pytest_concurrency._sight.sites import sites_of

if TYPE_CHECKING:
    from types import CodeType

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
                    at: Site(code, each.line, each.what, each.mode, unseen(each.look)) for at, each in table.items()
                }
            for site in table.values():
                site.take_number(self._count)
                self._count += 1
            self._codes.append(code)
            self.tables[id(code)] = table
        return table


catalogue: Final = Catalogue()
