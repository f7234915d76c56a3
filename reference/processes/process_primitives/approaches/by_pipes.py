"""The sledge race with queues and pipes: whoever waits, waits for something to read, or for an end."""

from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from typing import Any

Name = Any


def start_together(
    context: BaseContext,
    names: list[Name],
    prepare: Callable[[Name], object],
    signal: Callable[[], object],
    run: Callable[[Name], object],
) -> None:
    """Read a word of each, and write one to each."""
    ready, go = context.SimpleQueue(), context.SimpleQueue()
    processes = [context.Process(target=_start_with_all, args=(name, prepare, run, ready, go)) for name in names]
    for process in processes:
        process.start()
    for _ in names:
        ready.get()
    signal()
    for _ in names:
        go.put(None)
    for process in processes:
        process.join()


def _start_with_all(name: Name, prepare: Any, run: Any, ready: Any, go: Any) -> None:
    prepare(name)
    ready.put(None)
    go.get()
    run(name)


def on_lanes(context: BaseContext, names: list[Name], lanes: int, run: Callable[[Name], object]) -> list[int | None]:
    """Start the next one when somebody has ended."""
    processes = [context.Process(target=run, args=(name,)) for name in names]
    running: list[Any] = []
    for process in processes:
        if len(running) == lanes:
            ended = wait([each.sentinel for each in running])
            running = [each for each in running if each.sentinel not in ended]
        process.start()
        running.append(process)
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


def first_back(
    context: BaseContext,
    names: list[Name],
    places: int,
    run: Callable[[Name], object],
    cheer: Callable[[list[Name]], object],
) -> None:
    """Read numbers from a queue."""
    back = context.SimpleQueue()
    processes = [context.Process(target=_run_and_report, args=(pair, run, back)) for pair in enumerate(names)]
    for process in processes:
        process.start()
    cheer([names[back.get()] for _ in range(places)])
    for process in processes:
        process.join()


def _run_and_report(pair: tuple[int, Name], run: Any, back: Any) -> None:
    index, name = pair
    run(name)
    back.put(index)
