"""Process states: what an operating system notes about a process. The contract is in README.md."""

from dataclasses import dataclass, field


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
        raise NotImplementedError

    def create(self) -> Process:
        """Make a new process."""
        raise NotImplementedError

    def admit(self, process: Process) -> None:
        """new -> ready."""
        raise NotImplementedError

    def dispatch(self) -> Process:
        """ready -> running: the one that has been ready longest. Return it."""
        raise NotImplementedError

    def preempt(self, process: Process) -> None:
        """running -> ready: its time is over."""
        raise NotImplementedError

    def block(self, process: Process) -> None:
        """running -> blocked: it must wait for something."""
        raise NotImplementedError

    def wake(self, process: Process) -> None:
        """blocked -> ready: what it waited for has come."""
        raise NotImplementedError

    def exit(self, process: Process) -> None:
        """running -> terminated."""
        raise NotImplementedError
