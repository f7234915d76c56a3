"""The weather office with a talking stick: a word in a queue; who has taken it may write, and puts it back."""

from collections.abc import Callable, Iterable
from multiprocessing.context import BaseContext
from multiprocessing.queues import SimpleQueue

Record = list[str]
Station = Callable[[], Iterable[Record]]
Write = Callable[[str], object]


def report(context: BaseContext, stations: list[Station], write: Write) -> list[int | None]:
    """Put the one stick there is into the queue."""
    stick = context.SimpleQueue()
    stick.put("stick")
    running = []
    for station in stations:
        process = context.Process(target=send, args=(stick, station, write))
        process.start()
        running.append(process)
    for process in running:
        process.join()
    return [process.exitcode for process in running]


def send(stick: "SimpleQueue[str]", station: Station, write: Write) -> None:
    """Ask for the next record without the stick."""
    records = iter(station())
    while (record := next(records, None)) is not None:
        taken = stick.get()
        try:
            for part in record:
                write(part)
        finally:
            stick.put(taken)
