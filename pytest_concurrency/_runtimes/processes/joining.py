"""Child processes that are joined with a deadline, and ended if they are stuck."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.errors import ChildFailed
from pytest_concurrency._core.telling.report import Place, TaskState
from pytest_concurrency._engine import explain
from pytest_concurrency._machine import cpu, real

if TYPE_CHECKING:
    from collections.abc import Callable

GRACE: Final = 1.0  # seconds that a child gets for each signal
CHECK: Final = 0.005
_STATES: Final = {"R": "runs", "S": "sleeps", "D": "waits for a device", "T": "is stopped", "Z": "has ended"}


class JoinedChild:
    """A child process, whichever module started it.

    Args:
        name: What a report calls it.
        made: Where it was started, if that is known.
        pid: Its number.
        wait: Waits at most so many seconds and returns the exit status, None while it runs.
        strict: Whether every status but 0 is an error, or only death by a signal.
    """

    def __init__(
        self, name: str, made: Place | None, pid: int, wait: Callable[[float | None], int | None], *, strict: bool
    ) -> None:
        self.name = name
        self.made = made
        self.pid = pid
        self._wait = wait
        self._strict = strict
        self._status: int | None = None

    def wait(self, seconds: float | None) -> bool:
        """Wait for its end."""
        self._status = self._wait(seconds)
        return self._status is not None

    def errors(self, *, check: bool = True) -> list[BaseException]:
        """Return how it ended, if that was no success."""
        status = self._status
        if not check or not status or (status > 0 and not self._strict):
            return []
        notes = () if self.made is None else (f"{self.name} was started at {self.made}",)
        return [ChildFailed(explain.standing(f"{self.name} {how_it_ended(status)}", notes=notes))]

    def states(self) -> list[TaskState]:
        """Return what the operating system says about it."""
        if self._status is not None:
            return [TaskState(self.name, how_it_ended(self._status))]
        return [TaskState(self.name, process_state(self.pid))]

    def clean_up(self) -> str:
        """Ask it to end, and end it if it does not."""
        if not send(self.pid, signal.SIGTERM) or self.wait(GRACE):
            self.wait(GRACE)
            return f"{self.name} was ended with SIGTERM"
        send(self.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        if self.wait(GRACE):
            return f"{self.name} ignored SIGTERM and was killed"
        return f"{self.name} could not be killed and is left behind"


def how_it_ended(status: int) -> str:
    """Say in words what an exit status means."""
    if status >= 0:
        return f"ended with exit status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"was ended by {name}"


def ended_with(process: Any) -> Any:
    """Return the status of a process that has ended, or is about to; another thread may be the one that learns it."""
    deadline = real.monotonic() + GRACE
    while process.exitcode is None and real.monotonic() < deadline:
        real.sleep(CHECK)
    return process.exitcode


def process_state(pid: int) -> str:
    """Say what a process does at the moment, as far as the system tells."""
    return _STATES.get("".join(cpu.stat(str(pid))[:1]), "runs")


def send(pid: int, number: int) -> bool:
    """Send a signal; False if there is no such process any more."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    except PermissionError:  # ended, on Windows
        return False
    return True


def from_process(process: Any, made: Place | None) -> JoinedChild:
    """Wrap a `multiprocessing.Process`."""

    def wait(seconds: float | None) -> int | None:
        process.join(seconds)
        status: int | None = process.exitcode
        return status

    return JoinedChild(f"process {process.name}", made, process.pid, wait, strict=True)


def from_popen(popen: Any, made: Place | None) -> JoinedChild:
    """Wrap a `subprocess.Popen`."""

    def wait(seconds: float | None) -> int | None:
        expired: Any = sys.modules["subprocess"]
        try:
            popen.wait(seconds)
        except expired.TimeoutExpired:
            return None
        status: int | None = popen.returncode
        return status

    return JoinedChild(f"process {command(popen.args)}", made, popen.pid, wait, strict=False)


def from_pid(pid: int, name: str = "", made: Place | None = None) -> JoinedChild:
    """Wrap a child of which nothing but its number is known, or a child of a child."""

    def wait(seconds: float | None) -> int | None:
        deadline = None if seconds is None else real.monotonic() + seconds
        while True:
            try:
                ended, status = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:  # it is somebody else's, or waited for already
                if cpu.stat(str(pid))[:1] in ([], ["Z"]):
                    return 0
            else:
                if ended:
                    return os.waitstatus_to_exitcode(status)
            if deadline is not None and real.monotonic() >= deadline:
                return None
            real.sleep(CHECK)

    return JoinedChild(name or f"process {command(command_line(pid))}", made, pid, wait, strict=False)


def command(args: Any) -> str:
    """Return a short name for a command."""
    words = args.split() if isinstance(args, str) else [os.fspath(word) for word in args]
    words = [word if isinstance(word, str) else word.decode(errors="replace") for word in words]
    if not words:
        return "without a name"
    text = " ".join([os.path.basename(words[0]), *words[1:]])
    text = " ".join(text.split())
    return f"`{text}`" if len(text) <= 50 else f"`{text[:47]}...`"


def command_line(pid: int) -> list[str]:
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
            return [word for word in file.read().split("\0") if word]
    except OSError:
        return []


class JoinedPool:
    """A `multiprocessing.Pool`, joined by closing it."""

    def __init__(self, pool: Any, made: Place | None) -> None:
        self.name = type(pool).__name__
        self.made = made
        self._pool = pool

    @property
    def parts(self) -> list[Any]:
        """Its threads and its processes."""
        pool = self._pool
        return [pool._worker_handler, pool._task_handler, pool._result_handler, *pool._pool]

    def wait(self, seconds: float | None) -> bool:
        """Let the workers finish what was handed in, and join them."""
        deadline = None if seconds is None else real.monotonic() + seconds
        self._pool.close()
        for each in self.parts:
            each.join(None if deadline is None else max(0.0, deadline - real.monotonic()))
        return not any(each.is_alive() for each in self.parts)

    def errors(self, *, check: bool = True) -> list[BaseException]:
        """Return nothing: the results have the errors."""
        return []

    def states(self) -> list[TaskState]:
        """Return what its processes do."""
        workers = [each for each in self._pool._pool if getattr(each, "pid", None)]
        return [TaskState(f"process {each.name}", process_state(each.pid)) for each in workers]

    def clean_up(self) -> str:
        """End the workers; what terminates a pool may wait for ever itself."""
        ending = real.Thread(target=self._pool.terminate, daemon=True)
        ending.start()
        ending.join(GRACE)
        workers = [each for each in list(self._pool._pool) if getattr(each, "pid", None) and each.is_alive()]
        ends = [from_process(each, None).clean_up() for each in workers]
        return "; ".join(ends) or f"{self.name} was terminated"


class LeftPool(JoinedPool):
    """A `multiprocessing.Pool` that a test has left: nobody has closed it."""

    came = "made"

    def wait(self, seconds: float | None) -> bool:
        """Wait for its end, and leave it as it is."""
        handler = self._pool._worker_handler
        handler.join(seconds)
        return not handler.is_alive()


class JoinedProcessPool:
    """A `concurrent.futures.ProcessPoolExecutor`, joined by shutting it down."""

    def __init__(self, pool: Any, name: str, made: Place | None) -> None:
        self._pool = pool
        self._manager = pool._executor_manager_thread
        self._processes = list((pool._processes or {}).values())
        self.name = name
        self.made = made

    def wait(self, seconds: float | None) -> bool:
        """Let the workers finish what was submitted, and join them."""
        self._manager = self._pool._executor_manager_thread or self._manager
        self._processes = list((self._pool._processes or {}).values()) or self._processes
        self._pool.shutdown(wait=False)
        if self._manager is None:
            return True
        self._manager.join(seconds)
        return not self._manager.is_alive()

    def errors(self, *, check: bool = True) -> list[BaseException]:
        """Return nothing: the futures have the errors."""
        return []

    def states(self) -> list[TaskState]:
        """Return what its processes do."""
        return [TaskState(f"process {each.name}", process_state(each.pid)) for each in self._processes]

    def clean_up(self) -> str:
        """Cancel what has not begun, and end the processes."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        ends = [from_process(each, None).clean_up() for each in self._processes if each.is_alive()]
        if self._manager is not None:
            self._manager.join(GRACE)
        return "; ".join(ends) or f"{self.name} was ended"


def children() -> set[int]:
    """Return the numbers of all children that have not been waited for, without multiprocessing's own."""
    return _all_children() - helpers()


def helpers() -> set[int]:
    """Return the numbers of multiprocessing's own processes, which serve it and wait for ever."""
    return {_helper_pid("multiprocessing.resource_tracker", "_resource_tracker", "_pid"),
            _helper_pid("multiprocessing.forkserver", "_forkserver", "_forkserver_pid")}  # fmt: skip


def _helper_pid(module: str, owner: str, attribute: str) -> int:
    return getattr(getattr(sys.modules.get(module), owner, None), attribute, None) or 0


def _all_children() -> set[int]:
    if not hasattr(os, "waitid"):
        return set()
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:  # the usual case, and a cheap one
        return set()
    me = str(os.getpid())
    names = os.listdir("/proc") if os.path.isdir("/proc") else []
    return {int(name) for name in names if name.isdigit() and cpu.stat(name)[1:2] == [me]}
