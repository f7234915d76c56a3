"""A process that begins as a new interpreter, until something in it waits for long: it has loaded next to nothing.

Who takes a lock is written down at once, as the process may be killed; all else that is told of a wait is loaded when
one has lasted for a while, and then waits in place of what stands here.
"""

from __future__ import annotations

import functools
import importlib
import os
import select
import signal
import sys
import threading
from typing import Any, Final

from pytest_concurrency._machine.imports import AfterImport
from pytest_concurrency._machine.patches import Patches
from pytest_concurrency._machine.pipes import AT_ONCE
from pytest_concurrency._runtimes.processes.hangs.slots import called, slots, started
from pytest_concurrency._runtimes.processes.pickling import Prelude, put_first

_LIBRARY: Final = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
_SITES: Final = f"{os.sep}site-packages{os.sep}"
_OWN: Final = __name__.partition(".")[0] + "."


def begin(
    handle: Any, owner: int, made: dict[str, tuple[str, int]], folders: tuple[str, ...], names: tuple[str, ...],
    patience: float, later: str,
) -> None:  # fmt: skip
    """Begin.

    Args:
        handle: Leads to the memory of the process that runs the tests.
        owner: That process.
        made: Where semaphores that have a name were made.
        folders: Where the user's code is.
        names: Of what else is taken for it.
        patience: How long a wait lasts before what is told of it is loaded, in seconds.
        later: The module that is loaded then.
    """
    slots.join(handle.detach())
    early = _Early(made, patience, lambda: importlib.import_module(later).take_over(owner, folders, names))
    early.install(lambda: prelude(owner, early.made, folders, names, patience, later))


def prelude(owner: int, *arguments: Any) -> Prelude:
    """Return what a process begins with that is being started now; the arguments are those of `begin`."""
    from multiprocessing.reduction import DupFd

    handle: Any = slots.handle
    return Prelude(begin, DupFd(handle), owner, *arguments)


class _Early:
    """What stands in for the waits of `multiprocessing` and `threading`.

    Attributes:
        made: Where semaphores that have a name were made.
    """

    def __init__(self, made: dict[str, tuple[str, int]], patience: float, load: Any) -> None:
        self.made = made
        self._patience = patience
        self._load = load
        self._loaded: Any = None
        self._loading = threading.Lock()
        self._patches = Patches()
        self._imports = AfterImport()

    def install(self, prelude: Any) -> None:
        """Put it in place, also in modules that come later, and in processes that are started here."""
        put_first(self._patches, "hangs", prelude)
        self._imports.add("multiprocessing.synchronize", self._semaphores)
        self._imports.add("multiprocessing.connection", self._connections)
        self._imports.add("multiprocessing.popen_fork", self._popen)
        self._imports.add("multiprocessing.managers", self._managers)
        self._imports.install()
        self._patches.set(threading.Thread, "join", self._joining(threading.Thread.join))
        for name in ("alarm", "setitimer"):
            self._patches.set(signal, name, self._arming(getattr(signal, name)))

    def loaded(self) -> Any:
        """Return what waits from now on."""
        with self._loading:
            if self._loaded is None:
                self._imports.uninstall()
                self._patches.undo()  # what is loaded takes what it finds for the original
                self._loaded = self._load()
            return self._loaded

    def _arming(self, original: Any) -> Any:
        @functools.wraps(original)
        def arm(*args: Any) -> Any:
            slots.arms()
            return original(*args)

        return arm

    def _joining(self, original: Any) -> Any:
        @functools.wraps(original)
        def join(thread: threading.Thread, timeout: float | None = None) -> None:
            if timeout is not None:
                original(thread, timeout)
                return
            original(thread, self._patience)
            if thread.is_alive():
                self.loaded()
                thread.join()  # which is another one now

        return join

    def _popen(self, module: Any) -> None:
        begin, original = module.Popen.__init__, module.Popen.wait

        @functools.wraps(begin)
        def __init__(popen: Any, process: Any) -> None:  # it is one
            popen._concurrency_name = process.name
            begin(popen, process)

        @functools.wraps(original)
        def wait(popen: Any, timeout: float | None = None) -> Any:
            if timeout is not None:
                return original(popen, timeout)
            code = original(popen, self._patience)
            if code is not None:
                return code
            self.loaded()
            return popen.wait()

        self._patches.set(module.Popen, "__init__", __init__)
        self._patches.set(module.Popen, "wait", wait)

    def _managers(self, module: Any) -> None:
        for name in ("serve_forever", "accepter"):
            self._patches.set(module.Server, name, _serving(getattr(module.Server, name)))

    # -- semaphores

    def _semaphores(self, module: Any) -> None:
        owner = module.SemLock
        self._patches.set(owner, "_make_methods", lambda lock: self._bind(lock))
        self._patches.set(owner, "__enter__", lambda lock: lock.acquire())
        self._patches.set(owner, "__exit__", lambda lock, *_: lock.release())

    def _bind(self, lock: Any) -> None:
        sem, kind = lock._semlock, type(lock).__name__
        made = self.made.get(sem.name) or _line(2)
        if sem.name:
            self.made[sem.name] = made
        lock.acquire = functools.partial(self._acquire, sem, kind, made)
        lock.release = functools.partial(_release, sem) if sem.maxvalue == 1 else sem.release

    def _acquire(
        self, sem: Any, kind: str, made: tuple[str, int], block: bool = True, timeout: float | None = None  # noqa: FBT001,FBT002
    ) -> bool:  # fmt: skip
        if not sem.acquire(False):
            if not block or timeout is not None:
                if not sem.acquire(block, timeout):
                    return False
            elif not sem.acquire(True, self._patience):
                self.loaded().acquires(sem, kind, made)
        if sem.maxvalue == 1 and sem._count() == 1 and sem.name:  # one that is to be forked has none
            file, line = _line(2)
            slots.taken(sem.name, _who(), f"{file}:{line}")
        return True

    # -- pipes

    def _connections(self, module: Any) -> None:
        owner, wait = module.Connection, module.wait
        self._patches.set(owner, "_recv", self._receiving(owner._recv))
        self._patches.set(owner, "_send", self._sending(owner._send))

        @functools.wraps(wait)
        def wait_for(object_list: Any, timeout: float | None = None) -> Any:
            things = list(object_list)
            if timeout is not None or not things:
                return wait(things, timeout)
            return wait(things, self._patience) or (self.loaded(), module.wait(things))[1]

        self._patches.set(module, "wait", wait_for)

    def _receiving(self, original: Any) -> Any:
        @functools.wraps(original)
        def receive(end: Any, size: int, *args: Any) -> Any:
            def read(handle: int, most: int) -> bytes:
                if not self._is_ready(handle, select.POLLIN):
                    self.loaded().receives(end, 0)
                return os.read(handle, most)

            return original(end, size, *args or (read,))

        return receive

    def _sending(self, original: Any) -> Any:
        @functools.wraps(original)
        def send(end: Any, buf: Any, *args: Any) -> None:
            def write(handle: int, data: Any) -> int:
                if not self._is_ready(handle, select.POLLOUT):
                    self.loaded().sends(end, 0)
                return os.write(handle, data[:AT_ONCE])

            original(end, memoryview(buf), *args or (write,))

        return send

    def _is_ready(self, handle: int, event: int) -> bool:
        asked = select.poll()
        asked.register(handle, event)
        return bool(asked.poll(self._patience * 1000))


def _serving(original: Any) -> Any:
    """Write down that a thread is one that others come to, until the end."""

    @functools.wraps(original)
    def method(server: Any) -> Any:
        import json

        state = {"name": _who(), "state": "serves", "place": None, "waiting": None, "inside": None}
        tid = threading.get_native_id()
        text = json.dumps({"idle": True, "sliced": True, "state": state})
        slots.stands(tid, 1, text, started(os.getpid(), tid))
        return original(server)

    return method


def _release(sem: Any) -> None:
    if sem._count() <= 1 and sem.name:
        slots.given(sem.name)
    sem.release()


def _line(above: int) -> tuple[str, int]:
    """Return the innermost line that is neither the standard library's nor ours, wherever we are installed."""
    frame: Any = sys._getframe(above)
    while frame is not None:
        file = frame.f_code.co_filename
        is_ours = str(frame.f_globals.get("__name__")).startswith(_OWN)
        if not is_ours and (_SITES in file or not file.startswith(_LIBRARY)):
            return file, frame.f_lineno
        frame = frame.f_back
    return "", 0


def _who() -> str:
    thread = threading.current_thread()
    process: Any = sys.modules["multiprocessing.process"].current_process()
    return called(process.name, "main" if thread is threading.main_thread() else thread.name)
