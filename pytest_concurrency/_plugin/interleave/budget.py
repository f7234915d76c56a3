"""Who gets how much of the time: fairly, and by what earlier sessions have learnt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._plugin.interleave.told import NOT_CONTROLLED, NOT_TWICE, PASSED

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from pytest_concurrency._plugin.interleave.told import Told

SCHEDULES: Final = 100  # of one test in one session, at most
_KEY: Final = "concurrency/interleave"


class Learnt:
    """What earlier sessions have learnt of each test; it lies in pytest's cache.

    Of each test: how many orders have been tried, seconds that one took, and why it could not be tried at all.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._cache: Any = getattr(config, "cache", None)
        kept = None if self._cache is None else self._cache.get(_KEY, None)
        self._of: dict[str, Any] = kept if isinstance(kept, dict) else {}

    def schedules(self, test: str) -> int:
        """Return how many orders of a test have been tried so far."""
        return int(self._entry(test)[0])

    def sorted(self, items: list[pytest.Item]) -> list[pytest.Item]:
        """Sort tests: who could be tried, who was tried least, who is quick; those of a file share its fixtures."""
        of_file: dict[str, float] = {}
        for item in items:
            of_file[_file(item)] = of_file.get(_file(item), 0.0) + self._entry(item.nodeid)[1]

        def key(item: pytest.Item) -> tuple[bool, int, float, str, float]:
            schedules, seconds, why = self._entry(item.nodeid)
            return bool(why), schedules // SCHEDULES, of_file[_file(item)], _file(item), seconds

        return sorted(items, key=key)

    def _entry(self, test: str) -> tuple[int, float, str]:
        match self._of.get(test):
            case [int(schedules), int() | float() as seconds, str(why)]:
                return schedules, float(seconds), why
        return 0, 0.0, ""

    def learn(self, told: Iterable[Told]) -> None:
        """Keep what this session has learnt, for the next."""
        for each in told:
            if each.schedules or each.kind in (NOT_CONTROLLED, NOT_TWICE):
                before = self.schedules(each.test)
                why = each.text if each.kind in (NOT_CONTROLLED, NOT_TWICE) else ""
                cost = each.seconds / max(each.schedules, 1)
                self._of[each.test] = [before + each.schedules if each.kind == PASSED else before, cost, why]
        if self._cache is not None and self._of:
            self._cache.set(_KEY, self._of)


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
