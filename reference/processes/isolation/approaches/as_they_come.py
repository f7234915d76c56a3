"""Takes the answers as they come, wherever one is ready, and puts them in order at the end."""

from collections.abc import Callable, Iterable
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection, wait
from typing import Any


class NoAnswer(Exception):
    """A scribe has ended and left no answer."""


class Scribe(Process):
    """A process that sends what comes of its work."""

    def __init__(self, work: Callable[[Any], Any], thing: Any, end: Connection) -> None:
        """Take work and thing along."""
        super().__init__()
        self.work, self.thing, self.end = work, thing, end

    def run(self) -> None:
        """Work, and send."""
        value, error = None, None
        try:
            value = self.work(self.thing)
        except Exception as raised:
            error = raised
        self.end.send((value, error))


def ask_all(work: Callable[[Any], Any], things: Iterable[Any]) -> list[Any]:
    """Let a scribe work on each thing, all at the same time; return their answers in order."""
    scribes: dict[Any, Scribe] = {}
    for thing in things:
        reader, writer = Pipe(duplex=False)
        scribes[reader] = Scribe(work, thing, writer)
        scribes[reader].start()
        writer.close()
    open_, found = list(scribes), {}
    while open_:
        for reader in wait(open_):
            open_.remove(reader)
            try:
                found[reader] = reader.recv()
            except EOFError:
                scribes[reader].join()
                found[reader] = None, NoAnswer(f"exit code {scribes[reader].exitcode}")
            reader.close()
    for scribe in scribes.values():
        scribe.join()
    for error in [found[reader][1] for reader in scribes]:
        if error is not None:
            raise error
    return [found[reader][0] for reader in scribes]
