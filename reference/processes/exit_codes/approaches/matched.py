"""By cases, with match; the end is waited for at the sentinel."""

import signal
from multiprocessing import Process
from multiprocessing.connection import wait

NAMES = {member.value: member.name for member in signal.Signals}


def word(code: int | None) -> str:
    """Say what an exit code means."""
    match code:
        case None:
            return "running"
        case 0:
            return "well"
        case 1:
            return "error"
        case int() if code > 0:
            return f"exit {code}"
    return "killed by " + NAMES.get(-code, f"signal {-code}")


def line(ship: Process) -> str:
    """Say how a ship is doing now; wait for nobody."""
    if ship.is_alive():
        return "running"
    return "not started" if ship.exitcode is None else word(ship.exitcode)


def dismiss(ship: Process) -> str:
    """Wait for its end, say how it came, and close the process."""
    try:
        if ship.ident:
            wait([ship.sentinel])
            ship.join()
        return line(ship)
    finally:
        ship.close()


def foretell(value: object) -> int:
    """Return the exit code of a process that calls `sys.exit(value)`."""
    match value:
        case None:
            return 0
        case int():
            return int(value) % 256
    return 1
