"""Processes wait in real time: what waits for a child, a semaphore or a pipe, told when that never comes.

In the process that runs the tests such a wait is done in slices, as that for a lock is, and stands in the book. In a
forked process it stays as it is, since the system tells best who waits, and is only noted down. Nothing here imports
multiprocessing or subprocess: their methods are replaced when somebody else has imported them.
"""

from __future__ import annotations

import functools
import os
import select
import signal
import sys
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.telling.report import TaskState
from pytest_concurrency._engine.current import here
from pytest_concurrency._hangs.book import Wait, waits
from pytest_concurrency._hangs.slices import PATIENCE, in_slices
from pytest_concurrency._hangs.verdict import ending
from pytest_concurrency._machine.pipes import AT_ONCE
from pytest_concurrency._runtimes.processes import pickling
from pytest_concurrency._runtimes.processes.hangs.frames import serves, who
from pytest_concurrency._runtimes.processes.hangs.notes import notes
from pytest_concurrency._runtimes.processes.hangs.sockets import RealSockets
from pytest_concurrency._runtimes.processes.hangs.system import READS, WRITES
from pytest_concurrency._runtimes.processes.hangs.targets import Ending, Ends, Semaphore, Target
from pytest_concurrency._runtimes.processes.joining import command, how_it_ended
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._sight.watching import Watch


class RealWaits:
    """What stands in for the waits of `multiprocessing` and `subprocess` outside a run."""

    def __init__(self, patches: Patches, watch: Watch) -> None:
        self._patches = patches
        self._watch = watch

    def wait(
        self,
        target: Target,
        attempt: Callable[[float], bool],
        whole: Callable[[], Any],
        patience: float = PATIENCE,
    ) -> Any:
        """Wait without a limit.

        Args:
            target: For what.
            attempt: Waits for so many seconds, and tells whether it is there.
            whole: Waits until it is there.
            patience: After how many seconds a child writes down that it waits.

        Returns:
            What `whole` returns, which is called when there is nothing to wait for any more.

        Raises:
            DeadlockFound: It will never be there (in the thread that runs the tests).
        """
        if here.task is not None or waits.root == 0 or attempt(0):
            return whole()
        if notes.is_elsewhere:
            if not attempt(patience):
                notes.note(wait := Wait(target, idle=serves(sys._getframe(), self._watch)), is_sliced=False)
                try:
                    return whole()
                finally:
                    notes.forget(wait)
            return whole()
        wait = Wait(target, idle=target.is_accepting or serves(sys._getframe(), self._watch))
        outer = waits.enter(wait)
        try:
            in_slices(wait, None, attempt, ending)
            if wait.verdict is not None:  # whoever the verdict ended first has given what this one waited for
                raise ending(wait, wait.verdict)
        finally:
            waits.leave(wait, outer)
        return whole()

    def _made(self) -> tuple[str, int]:
        return stacks.line_of(stacks.user_frame(sys._getframe(2), self._watch))

    def _arming(self, original: Any) -> Any:
        @functools.wraps(original)
        def arm(*args: Any) -> Any:
            if notes.is_elsewhere:
                notes.slots.arms()
            return original(*args)

        return arm

    # -- sockets

    def socket(self, module: Any) -> None:
        """Replace those of `socket`."""
        RealSockets(self._patches, self.wait).install(module)

    def serving(self, module: Any) -> None:
        """Replace that of `socketserver`."""
        RealSockets(self._patches, self.wait).serving(module)

    # -- children

    def subprocess(self, module: Any) -> None:
        """Replace those of `subprocess`."""
        original = module.Popen._wait

        @functools.wraps(original)
        def wait(popen: Any, timeout: float | None) -> Any:
            if timeout is not None or popen.returncode is not None:
                return original(popen, timeout)
            return self._until_it_ends(popen.pid, f"process {command(popen.args)}", lambda: original(popen, None))

        self._patches.set(module.Popen, "_wait", wait)
        self._patches.set(module, "_PopenSelector", self._selector(module._PopenSelector))

    def _selector(self, original: Any) -> Any:
        outer = self

        class Selector(original):  # type: ignore[misc] # whichever it is
            def select(self, timeout: float | None = None) -> Any:
                if timeout is not None:
                    return super().select(timeout)
                handles = {key.fd: READS if key.events & 2 else WRITES for key in self.get_map().values()}
                found: list[Any] = []

                def attempt(length: float) -> bool:
                    found[:] = super(Selector, self).select(length)
                    return bool(found)

                return outer.wait(Ends(handles), attempt, lambda: found or super(Selector, self).select(None))

        return Selector

    def popen(self, module: Any) -> None:
        """Replace those of `multiprocessing.popen_fork`."""
        notes.share()
        for name in ("alarm", "setitimer"):
            self._patches.set(signal, name, self._arming(getattr(signal, name)))
        original = module.Popen.wait

        @functools.wraps(original)
        def wait(popen: Any, timeout: float | None = None) -> Any:
            if timeout is not None or popen.returncode is not None:
                return original(popen, timeout)
            name = f"process {getattr(popen, '_concurrency_name', popen.pid)}"
            return self._until_it_ends(popen.pid, name, lambda: original(popen, None))

        begin = module.Popen.__init__

        @functools.wraps(begin)
        def __init__(popen: Any, process: Any) -> None:  # it is one
            popen._concurrency_name = process.name
            begin(popen, process)

        self._patches.set(module.Popen, "wait", wait)
        self._patches.set(module.Popen, "__init__", __init__)
        self.polling(module)

    def polling(self, module: Any) -> None:
        """Hear of the processes that a signal has ended: replace that of `multiprocessing.popen_forkserver`, too."""
        ask = module.Popen.poll

        @functools.wraps(ask)
        def poll(popen: Any, *args: Any, **kwargs: Any) -> Any:
            before, status = popen.returncode, ask(popen, *args, **kwargs)
            is_news = before is None and status is not None and not notes.was_killed(popen.pid)
            if is_news and status < 0 and not notes.is_elsewhere:
                waits.dies(TaskState(getattr(popen, "_concurrency_name", ""), how_it_ended(status)))
            return status

        self._patches.set(module.Popen, "poll", poll)

    def _until_it_ends(self, pid: int, name: str, whole: Callable[[], Any]) -> Any:
        try:
            handle = os.pidfd_open(pid)
        except OSError:  # somebody has waited for it, or the system has no such handles
            return whole()
        asked = select.poll()
        asked.register(handle, select.POLLIN)
        try:
            return self.wait(Ending(pid, name, handle), lambda length: bool(asked.poll(length * 1000)), whole)
        finally:
            os.close(handle)

    # -- semaphores

    def semaphores(self, module: Any) -> None:
        """Replace those of `multiprocessing.synchronize`."""
        notes.share()
        owner = module.SemLock
        self._patches.set(owner, "_make_methods", lambda lock: self._bind(lock))
        self._patches.set(owner, "__enter__", lambda lock: lock.acquire())
        self._patches.set(owner, "__exit__", lambda lock, *_: lock.release())

    def _bind(self, lock: Any) -> None:
        # They refer to the real semaphore, as those of multiprocessing do: no cycle keeps the object alive.
        sem = lock._semlock
        target = Semaphore(sem, type(lock).__name__, self._made())
        lock.acquire = functools.partial(self.acquire, sem, target)
        lock.release = functools.partial(self.release, sem, target) if sem.maxvalue == 1 else sem.release

    def acquire(self, sem: Any, target: Semaphore, block: bool = True, timeout: float | None = None) -> bool:  # noqa: FBT001,FBT002
        """Stand in for `acquire` of a semaphore."""
        if not sem.acquire(False):
            if not block or timeout is not None:
                if not sem.acquire(block, timeout):
                    return False
            else:
                self._acquire(sem, target, PATIENCE)
        if sem.maxvalue == 1 and sem._count() == 1:
            self._taken(target)
        return True

    def acquires(self, sem: Any, kind: str, made: tuple[str, int]) -> None:
        """Acquire a semaphore of a process that began as a new interpreter, which has waited for it for a while."""
        self._acquire(sem, Semaphore(sem, kind, made), 0)

    def _acquire(self, sem: Any, target: Semaphore, patience: float) -> None:
        taken: list[bool] = []

        def attempt(length: float) -> bool:
            if sem.acquire(True, length):
                taken.append(True)
            return bool(taken)

        self.wait(target, attempt, lambda: taken or sem.acquire(), patience)

    def _taken(self, target: Semaphore) -> None:
        file, line = stacks.line_of(stacks.user_frame(sys._getframe(2), self._watch))
        notes.slots.taken(target.key, who(), f"{file}:{line}")

    def release(self, sem: Any, target: Semaphore) -> None:
        """Stand in for `release` of a lock."""
        if sem._count() <= 1:
            notes.slots.given(target.key)
        sem.release()

    # -- pipes

    def connections(self, module: Any) -> None:
        """Replace those of `multiprocessing.connection`."""
        owner = module.Connection
        self._patches.set(owner, "_recv", self._receiving(owner._recv))
        self._patches.set(owner, "_send", self._sending(owner._send))
        wait = module.wait

        def handle_of(thing: Any) -> int:
            return thing if isinstance(thing, int) else int(thing.fileno())

        @functools.wraps(wait)
        def wait_for(object_list: Any, timeout: float | None = None) -> Any:
            things = list(object_list)
            if timeout is not None or not things:
                return wait(things, timeout)
            handles = {handle_of(each): WRITES for each in things}
            asked = select.poll()
            for handle in handles:
                asked.register(handle, select.POLLIN)
            ready: list[int] = []  # kept: a pool's other thread may read the result before it is asked for again

            def attempt(length: float) -> bool:
                ready[:] = [handle for handle, _ in asked.poll(length * 1000)]
                return bool(ready)

            def whole() -> Any:
                return [each for each in things if handle_of(each) in ready] if ready else wait(things)

            return self.wait(Ends(handles), attempt, whole)

        pickling.without_views(self._patches)
        pickling.with_state(self._patches, owner, "_concurrency_made")
        self._patches.set(module, "Pipe", self._making(module.Pipe))
        self._patches.set(module, "wait", wait_for)

    def _making(self, original: Any) -> Any:
        @functools.wraps(original)
        def pipe(duplex: bool = True) -> Any:  # noqa: FBT001,FBT002 # as it is
            ends = original(duplex)
            for end in ends:
                end._concurrency_made = stacks.line_of(stacks.user_frame(sys._getframe(1), self._watch))
            return ends

        return pipe

    def _receiving(self, original: Any) -> Any:
        @functools.wraps(original)
        def receive(end: Any, size: int, *args: Any) -> Any:
            def read(handle: int, most: int) -> bytes:
                self.receives(end)
                return os.read(handle, most)

            return original(end, size, *args or (read,))

        return receive

    def _sending(self, original: Any) -> Any:
        @functools.wraps(original)
        def send(end: Any, buf: Any, *args: Any) -> None:
            def write(handle: int, data: Any) -> int:
                self.sends(end)
                return os.write(handle, data[:AT_ONCE])

            original(end, memoryview(buf), *args or (write,))

        return send

    def receives(self, end: Any, patience: float = PATIENCE) -> None:
        """Wait until there is something to read at an end of a pipe."""
        self._until_ready(end, WRITES, select.POLLIN, patience)

    def sends(self, end: Any, patience: float = PATIENCE) -> None:
        """Wait until an end of a pipe takes something."""
        self._until_ready(end, READS, select.POLLOUT, patience)

    def _until_ready(self, end: Any, other: str, event: int, patience: float) -> None:
        asked = select.poll()
        asked.register(end._handle, event)
        target = Ends({end._handle: other}, getattr(end, "_concurrency_made", ("", 0)))
        self.wait(target, lambda length: bool(asked.poll(length * 1000)), asked.poll, patience)

    # -- who serves

    def managers(self, module: Any) -> None:
        """Replace those of `multiprocessing.managers`."""
        for name in ("serve_forever", "accepter"):
            self._patches.set(module.Server, name, self._idle(getattr(module.Server, name)))

    def _idle(self, original: Any) -> Any:
        @functools.wraps(original)
        def method(server: Any) -> Any:
            if notes.is_elsewhere:
                notes.serves()
            return original(server)

        return method
