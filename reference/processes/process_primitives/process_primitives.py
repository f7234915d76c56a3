"""The sledge race: a worked solution."""

from collections.abc import Callable
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
    """Meet at a barrier, wait for an event."""
    ready, whistle = context.Barrier(len(names) + 1), context.Event()
    processes = _start(context, _start_with_all, names, prepare, run, ready, whistle)
    ready.wait()
    signal()
    whistle.set()
    for process in processes:
        process.join()


def _start(context: BaseContext, target: Callable[..., object], names: list[Name], *arguments: Any) -> list[Any]:
    processes = [context.Process(target=target, args=(index, name, *arguments)) for index, name in enumerate(names)]
    for process in processes:
        process.start()
    return processes


def _start_with_all(_: int, name: Name, prepare: Any, run: Any, ready: Any, whistle: Any) -> None:
    prepare(name)
    ready.wait()
    whistle.wait()
    run(name)


def on_lanes(context: BaseContext, names: list[Name], lanes: int, run: Callable[[Name], object]) -> list[int | None]:
    """Let a semaphore count the lanes."""
    free = context.Semaphore(lanes)  # with a name: a child that is spawned opens it later
    processes = _start(context, _run_on_lane, names, run, free)
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


def _run_on_lane(_: int, name: Name, run: Any, free: Any) -> None:
    with free:
        run(name)


def first_back(
    context: BaseContext,
    names: list[Name],
    places: int,
    run: Callable[[Name], object],
    cheer: Callable[[list[Name]], object],
) -> None:
    """Write down who is back under a condition, and wait for it until there are enough."""
    changed = context.Condition()
    count, order = context.Value("i", 0, lock=False), context.Array("i", len(names), lock=False)
    processes = _start(context, _run_and_report, names, run, changed, count, order)
    with changed:
        changed.wait_for(lambda: count.value >= places)
        first = [names[index] for index in order[:places]]
    cheer(first)
    for process in processes:
        process.join()


def _run_and_report(index: int, name: Name, run: Any, changed: Any, count: Any, order: Any) -> None:
    run(name)
    with changed:
        order[count.value] = index
        count.value += 1
        changed.notify()
