"""Where a test starts processes, and makes what they share: noted while it runs, in its forked children, too."""

from __future__ import annotations

import contextlib
import functools
import sys
from typing import TYPE_CHECKING, Any, Protocol

from pytest_concurrency._machine.imports import AfterImport
from pytest_concurrency._machine.patches import Patches
from pytest_concurrency._runtimes.processes import pickling
from pytest_concurrency._runtimes.processes.guarding import carried, descendants
from pytest_concurrency._runtimes.processes.guarding.leavings import UNTRACKED
from pytest_concurrency._runtimes.processes.guarding.notes import CHILD, MEMORY, SEMAPHORE
from pytest_concurrency._runtimes.processes.joining import command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType
    from weakref import WeakKeyDictionary

    from pytest_concurrency._core.telling.report import Place
    from pytest_concurrency._runtimes.joining import Origins
    from pytest_concurrency._runtimes.processes.guarding.notes import Notes


class Book(Protocol):
    """Where it is written down; a kind's `since`."""

    @property
    def origins(self) -> Origins: ...
    @property
    def notes(self) -> Notes: ...
    @property
    def popens(self) -> list[Any]: ...
    @property
    def workers(self) -> list[Any]: ...
    @property
    def pools(self) -> list[Any]: ...
    @property
    def pipes(self) -> WeakKeyDictionary[Any, Place | None]: ...


@contextlib.contextmanager
def noting(book: Book) -> Iterator[None]:
    """Note it, in modules too that are imported later."""
    patches, imports, undo = Patches(), AfterImport(), contextlib.ExitStack()

    @functools.cache
    def starts() -> None:
        """Get ready for children of children, when the first child is started."""
        book.notes.open()
        undo.callback(descendants.adopt())

    for module, patch in _PATCHES.items():
        imports.add(module, functools.partial(patch, patches=patches, book=book, starts=starts))
    imports.install()
    try:
        yield
    finally:
        imports.uninstall()
        patches.undo()
        undo.close()
        book.notes.close()


def _subprocess(module: ModuleType, patches: Patches, book: Book, starts: Callable[[], None]) -> None:
    popen: Any = vars(module)["Popen"]
    original = popen.__init__

    def begun(child: Any, *args: Any, **kwargs: Any) -> None:
        starts()
        original(child, *args, **kwargs)
        book.popens.append(child)
        _note(book, child, command(child.args))

    patches.set(popen, "__init__", begun)


def _process(module: ModuleType, patches: Patches, book: Book, starts: Callable[[], None]) -> None:
    process: Any = vars(module)["BaseProcess"]
    original = process.start

    def start(child: Any) -> None:
        starts()
        target = getattr(child, "_target", None)  # it is gone when the process has been started
        original(child)
        if getattr(target, "__module__", "") == "concurrent.futures.process":
            book.workers.append(child)
        _note(book, child, child.name)

    patches.set(process, "start", start)
    pickling.put_first(patches, "guard", lambda: carried.prelude(book, noting))


def _note(book: Book, child: Any, called: str) -> None:
    book.origins.note(child)
    book.notes.write(CHILD, child.pid, f"process {called}")


def _pool(module: ModuleType, patches: Patches, book: Book, starts: Callable[[], None]) -> None:
    pool: Any = vars(module)["Pool"]
    original = pool.__init__

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        book.origins.note(self)
        starts()
        original(self, *args, **kwargs)
        book.pools.append(self)

    patches.set(pool, "__init__", made)


def _memory(module: ModuleType, patches: Patches, book: Book, starts: Callable[[], None]) -> None:
    memory: Any = vars(module)["SharedMemory"]
    original = memory.__init__

    def made(self: Any, name: str | None = None, create: bool = False, *args: Any, **kwargs: Any) -> None:  # noqa: FBT001, FBT002 - as there
        original(self, name, create, *args, **kwargs)
        if create:
            book.notes.write(MEMORY, self.name, "" if getattr(self, "_track", True) else UNTRACKED)

    patches.set(memory, "__init__", made)


def _semaphore(module: ModuleType, patches: Patches, book: Book, starts: Callable[[], None]) -> None:
    semaphore: Any = vars(module)["SemLock"]
    original = semaphore.__init__

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        name = getattr(self._semlock, "name", None)
        if name is not None and not getattr(self, "_is_fork_ctx", False):  # of a fork it has no name any more
            book.notes.write(SEMAPHORE, name)

    patches.set(semaphore, "__init__", made)


def _pipe(module: ModuleType, patches: Patches, book: Book, starts: Callable[[], None]) -> None:
    original: Any = vars(module)["Pipe"]

    def pipe(*args: Any, **kwargs: Any) -> Any:
        ends = original(*args, **kwargs)
        if sys._getframe(1).f_code.co_name == "Pipe":  # of a context, not a queue's or a pool's own
            for end in ends:
                book.pipes[end] = book.origins.caller()
        return ends

    patches.set(module, "Pipe", pipe)


_PATCHES = {
    "subprocess": _subprocess,
    "multiprocessing.process": _process,
    "multiprocessing.pool": _pool,
    "multiprocessing.shared_memory": _memory,
    "multiprocessing.synchronize": _semaphore,
    "multiprocessing.connection": _pipe,
}
