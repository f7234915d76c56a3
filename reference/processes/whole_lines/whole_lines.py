"""The weather office: a worked solution."""

from collections.abc import Callable, Iterable
from multiprocessing.context import BaseContext
from multiprocessing.synchronize import Lock

Record = list[str]
Station = Callable[[], Iterable[Record]]
Write = Callable[[str], object]


def report(context: BaseContext, stations: list[Station], write: Write) -> list[int | None]:
    """Hand the same lock to each."""
    door = context.Lock()
    processes = [context.Process(target=send, args=(door, station, write)) for station in stations]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


def send(door: Lock, station: Station, write: Write) -> None:
    """Lock for as long as a record is written."""
    for record in station():
        with door:
            for part in record:
                write(part)
