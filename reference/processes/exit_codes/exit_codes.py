"""The harbour master's log: the worked solution. None is asked for first, and then the sign."""

import signal
from multiprocessing import Process


def word(code: int | None) -> str:
    """Say what an exit code means."""
    if code is None:
        return "running"
    if code < 0:
        return f"killed by {name(-code)}"
    return {0: "well", 1: "error"}.get(code, f"exit {code}")


def name(number: int) -> str:
    """Return the name of a signal."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def line(ship: Process) -> str:
    """Say how a ship is doing now; wait for nobody."""
    return "not started" if ship.pid is None else word(ship.exitcode)


def dismiss(ship: Process) -> str:
    """Wait for its end, say how it came, and close the process."""
    if ship.pid is not None:
        ship.join()
    found = line(ship)
    ship.close()
    return found


def foretell(value: object) -> int:
    """Return the exit code of a process that calls `sys.exit(value)`."""
    if value is None:
        return 0
    return value & 255 if isinstance(value, int) else 1
