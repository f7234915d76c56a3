"""The scribes next door: the worked solution.

Each scribe has a pipe, and nobody else can send into it: this process closes its own sending end as soon as the
scribe has his, so the pipe ends with the scribe. Answers are taken before anybody is joined.
"""

from collections.abc import Callable, Iterable
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from typing import Any


class NoAnswer(Exception):
    """A scribe has ended and left no answer."""


def answer(end: Connection, work: Callable[[Any], Any], thing: Any) -> None:
    """Work, and send what comes of it."""
    try:
        found = True, work(thing)
    except Exception as error:
        found = False, error
    end.send(found)


def hire(work: Callable[[Any], Any], thing: Any) -> tuple[Process, Connection]:
    """Start a scribe; return it, and the end at which its answer arrives."""
    reader, writer = Pipe(duplex=False)
    scribe = Process(target=answer, args=(writer, work, thing))
    scribe.start()
    writer.close()
    return scribe, reader


def result(scribe: Process, reader: Connection) -> tuple[bool, Any]:
    """Take an answer, and wait for the scribe's end."""
    with reader:
        try:
            found: tuple[bool, Any] = reader.recv()
        except EOFError:
            scribe.join()
            found = False, NoAnswer(f"no answer, exit code {scribe.exitcode}")
    scribe.join()
    return found


def ask_all(work: Callable[[Any], Any], things: Iterable[Any]) -> list[Any]:
    """Let a scribe work on each thing, all at the same time; return their answers in order."""
    scribes = [hire(work, thing) for thing in things]
    found = [result(*each) for each in scribes]
    for fine, value in found:
        if not fine:
            raise value
    return [value for _, value in found]
