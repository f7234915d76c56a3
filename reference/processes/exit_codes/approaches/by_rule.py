"""A list of rules; the first that fits."""

import contextlib
import signal
from collections.abc import Callable
from multiprocessing import Process

RULES: list[tuple[Callable[[int], bool], Callable[[int], str]]] = [
    (lambda code: code == 0, lambda _: "well"),
    (lambda code: code == 1, lambda _: "error"),
    (lambda code: code > 1, lambda code: f"exit {code}"),
    (lambda code: -code in set(signal.Signals), lambda code: f"killed by {signal.Signals(-code).name}"),
    (lambda _: True, lambda code: f"killed by signal {-code}"),
]


def word(code: int | None) -> str:
    """Say what an exit code means."""
    if code is None:
        return "running"
    return next(say(code) for fits, say in RULES if fits(code))


def line(ship: Process) -> str:
    """Say how a ship is doing now; wait for nobody."""
    return word(ship.exitcode) if ship.pid else "not started"


def dismiss(ship: Process) -> str:
    """Wait for its end, say how it came, and close the process."""
    with contextlib.closing(ship):
        if ship.pid:
            ship.join()
        return line(ship)


def foretell(value: object) -> int:
    """Return the exit code of a process that calls `sys.exit(value)`."""
    number = int(value) if isinstance(value, int) else int(value is not None)
    return number.to_bytes(5, "little", signed=True)[0]
