"""The weather office, broken: repair it. The contract is in README.md."""

from collections.abc import Callable, Iterable
from multiprocessing.context import BaseContext

Record = list[str]
Station = Callable[[], Iterable[Record]]
Write = Callable[[str], object]


def report(context: BaseContext, stations: list[Station], write: Write) -> list[int | None]:
    """Let each station report in a process of its own; return the exit codes."""
    processes = [context.Process(target=send, args=(context, station, write)) for station in stations]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


def send(context: BaseContext, station: Station, write: Write) -> None:
    """Write all records of a station."""
    door = context.Lock()
    for record in station():
        for part in record:
            door.acquire()
            write(part)
            door.release()
