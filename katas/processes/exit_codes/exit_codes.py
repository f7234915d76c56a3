"""The harbour master's log. The contract is in README.md."""

from multiprocessing import Process


def word(code: int | None) -> str:
    """Say what an exit code means."""
    raise NotImplementedError


def line(ship: Process) -> str:
    """Say how a ship is doing now; wait for nobody."""
    raise NotImplementedError


def dismiss(ship: Process) -> str:
    """Wait for its end, say how it came, and close the process."""
    raise NotImplementedError


def foretell(value: object) -> int:
    """Return the exit code of a process that calls `sys.exit(value)`."""
    raise NotImplementedError
