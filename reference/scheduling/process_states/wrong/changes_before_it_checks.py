"""Sets the new state, and then finds that it must not."""

from collections import deque
from dataclasses import dataclass, field
from itertools import count


class IllegalMove(Exception):
    """A process was asked for a move that its state does not allow. Given."""


@dataclass
class Cpu:
    """What the running process computes with. Given."""

    registers: dict[str, int] = field(default_factory=dict)


@dataclass(eq=False)
class Process:
    """The process control block: all that is known of a process. Given."""

    pid: int
    state: str = "new"
    registers: dict[str, int] = field(default_factory=dict)


class System:
    """All processes of a machine with one CPU."""

    def __init__(self, cpu: Cpu) -> None:
        """Begin without a process."""
        self._cpu = cpu
        self._pids = count(1)
        self._ready: deque[Process] = deque()
        self._running: Process | None = None

    def create(self) -> Process:
        """Make a new process."""
        return Process(next(self._pids))

    def admit(self, process: Process) -> None:
        """new -> ready."""
        self._move(process, "new", "ready")

    def dispatch(self) -> Process:
        """ready -> running: the one that has been ready longest. Return it."""
        if self._running is not None:
            raise IllegalMove(f"process {self._running.pid} is running")
        if not self._ready:
            raise IllegalMove("no process is ready")
        process = self._ready.popleft()
        process.state = "running"
        self._running = process
        self._cpu.registers = dict(process.registers)
        return process

    def preempt(self, process: Process) -> None:
        """running -> ready: its time is over."""
        self._move(process, "running", "ready")

    def block(self, process: Process) -> None:
        """running -> blocked: it must wait for something."""
        self._move(process, "running", "blocked")

    def wake(self, process: Process) -> None:
        """blocked -> ready: what it waited for has come."""
        self._move(process, "blocked", "ready")

    def exit(self, process: Process) -> None:
        """running -> terminated."""
        self._move(process, "running", "terminated")

    def _move(self, process: Process, before: str, after: str) -> None:
        was, process.state = process.state, after
        if was != before:
            raise IllegalMove(f"process {process.pid} is {was}, not {before}")
        if before == "running":
            process.registers = dict(self._cpu.registers)
            self._running = None
        process.state = after
        if after == "ready":
            self._ready.append(process)
