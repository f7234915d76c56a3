"""A kind of concurrency that nobody has: errands. It is added by one row, and passes the suite of all kinds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, ClassVar

from pytest_concurrency._core.telling.report import Place, Report, TaskState
from pytest_concurrency._machine.patches import Patches
from pytest_concurrency._runtimes.joining import Joinable, Origins
from pytest_concurrency._runtimes.kinds import Row
from pytest_concurrency._sight.watching import Watch


class Errand:
    """Something that is done after so many seconds of waiting for it, and perhaps fails then."""

    under_way: ClassVar[list[Errand]] = []

    def __init__(self, name: str, seconds: float, error: Exception | None = None) -> None:
        self.name, self.seconds, self.error = name, seconds, error

    def start(self) -> None:
        self.under_way.append(self)

    def stop(self) -> None:
        self.under_way.remove(self)


class JoinedErrand:
    """An errand, as the guard joins it."""

    def __init__(self, errand: Errand, made: Place | None) -> None:
        self.name, self.made, self._errand = f"errand {errand.name}", made, errand

    def wait(self, seconds: float | None) -> bool:
        done = seconds is None or self._errand.seconds <= seconds
        if done and self._errand in Errand.under_way:
            self._errand.stop()
        return done

    def errors(self, *, check: bool = True) -> list[BaseException]:
        return [] if self._errand.error is None else [self._errand.error]

    def states(self) -> list[TaskState]:
        return [TaskState(self.name, "is under way")]

    def clean_up(self) -> str:
        self._errand.stop()
        return f"{self.name} was called off"


class Errands:
    """The kind."""

    name, joins, outlook = "errands", ("errands",), None

    def joinable(self, thing: Any, watch: Watch, made: Place | None) -> Joinable | None:
        return JoinedErrand(thing, made) if isinstance(thing, Errand) else None

    def since(self, origins: Origins) -> tuple[Origins, list[Errand]]:
        return origins, Errand.under_way.copy()

    @contextlib.contextmanager
    def noting(self, since: tuple[Origins, list[Errand]]) -> Iterator[None]:
        patches, original = Patches(), Errand.start

        def start(errand: Errand) -> None:
            original(errand)
            since[0].note(errand)

        patches.set(Errand, "start", start)
        try:
            yield
        finally:
            patches.undo()

    def errors(self, since: object) -> list[BaseException]:
        return []

    def notes(self, error: BaseException, since: object) -> list[str]:
        return []

    def left_behind(self, since: tuple[Origins, list[Errand]]) -> list[JoinedErrand]:
        origins, before = since
        return [JoinedErrand(each, origins.of(each)) for each in Errand.under_way if each not in before]

    def bystanders(self, since: tuple[Origins, list[Errand]]) -> list[TaskState]:
        return [state for each in self.left_behind(since) for state in each.states()]

    def explains(self, error: BaseException, watch: Watch) -> Report | None:
        return None


ROW = Row("contracts.invented_kind", "Errands")
