"""Child processes, as the plugin needs a kind of concurrency."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine import naming
from pytest_concurrency._hangs.book import waits
from pytest_concurrency._machine.patches import Patches
from pytest_concurrency._runtimes.joining import is_a
from pytest_concurrency._runtimes.processes.joining import (
    JoinedProcessPool,
    children,
    from_pid,
    from_popen,
    from_process,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_concurrency._core.telling.report import Place, TaskState
    from pytest_concurrency._hangs.book import Outlook
    from pytest_concurrency._runtimes.joining import Joinable, Origins
    from pytest_concurrency._sight.watching import Watch


@dataclass(frozen=True, slots=True)
class Since:
    """The children that were there when a test began.

    Attributes:
        origins: Where children are started.
        before: The numbers of those that are none of the test's.
        popens: The commands that the test has started.
    """

    origins: Origins
    before: set[int]
    popens: list[Any] = field(default_factory=list)


class Processes:
    """The kind of `multiprocessing`, `subprocess`, and `os.fork`."""

    name = "processes"
    joins = ("processes",)

    @property
    def outlook(self) -> Outlook | None:
        """Knows of other processes, once somebody could wait for one."""
        return waits.elsewhere

    def joinable(self, thing: Any, watch: Watch, made: Place | None) -> Joinable | None:
        """Wrap a child, or a pool of children."""
        if is_a(thing, "multiprocessing.process", "BaseProcess"):
            return from_process(thing, made)
        if is_a(thing, "subprocess", "Popen"):
            return from_popen(thing, made)
        if is_a(thing, "concurrent.futures.process", "ProcessPoolExecutor"):
            return JoinedProcessPool(thing, *naming.describe(thing))
        return None

    def since(self, origins: Origins) -> Since:
        """Note which children there are."""
        return Since(origins, children())

    @contextlib.contextmanager
    def noting(self, since: Since) -> Iterator[None]:
        """Note where children are started."""
        patches = Patches()
        subprocess: Any = sys.modules.get("subprocess")
        if subprocess is not None:
            patches.set(subprocess.Popen, "__init__", _noting(subprocess.Popen.__init__, since.origins, since.popens))
        process: Any = sys.modules.get("multiprocessing.process")
        if process is not None:
            patches.set(process.BaseProcess, "start", _noting(process.BaseProcess.start, since.origins, []))
        try:
            yield
        finally:
            patches.undo()

    def errors(self, since: Since) -> list[BaseException]:
        """Return nothing: how a child has ended is told to whoever joins it."""
        return []

    def left_behind(self, since: Since) -> list[Joinable]:
        """Return the children that the test has left, with what is known of each."""
        found: list[Joinable] = []
        known = set()
        multiprocessing: Any = sys.modules.get("multiprocessing.process")
        for child in multiprocessing.active_children() if multiprocessing is not None else ():
            known.add(child.pid)
            if child.pid not in since.before:
                found.append(from_process(child, since.origins.of(child)))
        for popen in since.popens:
            pid = getattr(popen, "pid", None)
            if pid is not None and popen.poll() is None:
                known.add(pid)
                found.append(from_popen(popen, since.origins.of(popen)))
        rest = children() - since.before - known
        return found + [from_pid(pid) for pid in sorted(rest)]

    def bystanders(self, since: Since) -> list[TaskState]:
        """Return nobody: a child holds nothing for which somebody in this process waits."""
        return []


def _noting(original: Callable[..., Any], origins: Origins, kept: list[Any]) -> Callable[..., Any]:
    """Wrap a method that starts a child, so that the place is kept."""

    def method(child: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(child, *args, **kwargs)
        origins.note(child)
        kept.append(child)
        return result

    return method
