"""Processes that run a function for a test, and write down what came of it."""

from __future__ import annotations

import contextlib
import os
import pickle
import shutil
import signal
import tempfile
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.errors import ChildFailed
from pytest_concurrency._engine import explain
from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._runtimes.joining import counts, present_run
from pytest_concurrency._runtimes.processes import failing
from pytest_concurrency._runtimes.processes.joining import JoinedChild, how_it_ended
from pytest_concurrency._sight.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_concurrency._core.telling.report import Place
    from pytest_concurrency._runtimes.joining import Origins

LARGEST: Final = 1 << 30
"""Bytes of an error that still comes back as itself."""
ON_PURPOSE: Final = frozenset({-signal.SIGTERM, -signal.SIGINT, -getattr(signal, "SIGKILL", signal.SIGTERM)})
"""How a child ends that somebody has ended."""


class Errand:
    """What a child runs: a function of the test's, and where it writes what came of it.

    Args:
        path: The file for that.
        call: The function, with its arguments.
        watch: Whose code a traceback shows.
    """

    def __init__(self, path: str, call: tuple[Any, ...], watch: Watch) -> None:
        self._path = path
        self._call = call
        self._watched: tuple[tuple[Path, ...], tuple[str, ...]] = (watch.folders, watch.names)

    def __call__(self) -> None:
        """Run it."""
        function, args, kwargs = self._call
        try:
            value = function(*args, **kwargs)
        except (SystemExit, Unwind):
            raise
        except BaseException as error:
            packed = failing.packed(error, Watch(*self._watched), longest=LARGEST)
            self._write("raised", packed)
            raise SystemExit(1) from None  # whoever joins it is told, and standard error need not be
        self._write("returned", value)

    def _write(self, how: str, what: Any) -> None:
        try:
            told = pickle.dumps((how, what))
        except Exception as error:
            told = pickle.dumps(("unpicklable", f"{type(error).__name__}: {error}"))
        with open(f"{self._path}.part", "wb") as file:
            file.write(told)
        os.replace(f"{self._path}.part", self._path)


class StartedProcess(JoinedChild):
    """A process that runs an errand.

    Args:
        process: The `multiprocessing.Process`.
        path: Where it writes what came of it.
        made: Where it was started, if that is known.

    Attributes:
        process: The `multiprocessing.Process`.
        told: Whether somebody has been given its error.
    """

    def __init__(self, process: Any, path: str, made: Place | None) -> None:
        def wait(seconds: float | None) -> int | None:
            process.join(seconds)
            status: int | None = process.exitcode
            return status

        super().__init__(f"process {process.name}", made, process.pid, wait, strict=True)
        self.process = process
        self.told = False
        self._path = path
        self._came: tuple[str, Any] | None = None
        self._run = present_run()

    def came_of_it(self) -> tuple[str, Any]:
        """Return how it went, and what was returned or raised; ("nothing", None) while nothing is written down."""
        if self._came is None and os.path.exists(self._path):
            with open(self._path, "rb") as file:
                told = file.read()
            with contextlib.suppress(OSError):
                os.unlink(self._path)
            self._came = _read(told)
        return self._came or ("nothing", None)

    @property
    def value(self) -> Any:
        """What the function returned; None while it has not.

        Raises:
            ChildFailed: What it returned cannot travel between processes.
        """
        how, what = self.came_of_it()
        if how == "unpicklable":
            raise ChildFailed(explain.standing(f"{self.name} returned what cannot be pickled: {what}"))
        return what if how == "returned" else None

    def errors(self, *, check: bool = True) -> list[BaseException]:
        """Return what it raised, or else how it ended, if that was no success."""
        self.told = True
        how, what = self.came_of_it()
        return [what] if how == "raised" else super().errors(check=check)

    def untold(self) -> list[BaseException]:
        """Return, once, what it raised, or that something has struck it down, if nobody has been told."""
        if self.told:
            return []
        how, what = self.came_of_it()
        status = None if self._run is not None else self.process.exitcode
        self.told = how == "raised" or status is not None
        if how == "raised":
            return [what] if counts(self._run) else []
        if status is None or status >= 0 or status in ON_PURPOSE:
            return []
        notes = () if self.made is None else (f"{self.name} was started at {self.made}",)
        return [ChildFailed(explain.standing(f"{self.name} {how_it_ended(status)}", notes=notes))]


def _read(told: bytes) -> tuple[str, Any]:
    try:
        how, what = pickle.loads(told)
    except Exception as error:
        return "unpicklable", f"{type(error).__name__}: {error}"
    return how, failing.unpacked(what) if how == "raised" else what


class Started:
    """The processes that a guard has started.

    Args:
        origins: Where they are started.
    """

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self._folder = tempfile.mkdtemp(prefix="concurrency-")
        self._processes: list[StartedProcess] = []
        self._count = 0

    def start(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], name: str, method: str | None
    ) -> StartedProcess:
        """Start a process."""
        import multiprocessing

        self._count += 1
        path = os.path.join(self._folder, str(self._count))
        errand = Errand(path, (function, args, kwargs), self._origins.watch)
        # typeshed does not say that every context has a Process
        process = multiprocessing.get_context(method).Process(target=errand, name=self._free(name))  # type: ignore[attr-defined]
        process.start()
        started = StartedProcess(process, path, self._origins.caller())
        self._processes.append(started)
        return started

    def _free(self, name: str) -> str:
        taken = {each.process.name for each in self._processes if not each.told and each.process.is_alive()}
        number, wanted = 1, name
        while name in taken:
            number += 1
            name = f"{wanted}-{number}"
        return name

    def of(self, process: Any) -> StartedProcess | None:
        """Return what a `multiprocessing.Process` is here, if it was started here."""
        return next((each for each in self._processes if each.process is process), None)

    def errors(self) -> list[BaseException]:
        """Return, once, what processes have raised at which nobody has looked."""
        return [error for each in self._processes for error in each.untold()]

    def forget(self) -> None:
        """Remove what they have written down."""
        shutil.rmtree(self._folder, ignore_errors=True)
