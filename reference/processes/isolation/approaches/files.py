"""Each answer goes into a file: no pipe that fills, no end to close, and who left nothing has left no file."""

import pickle
import tempfile
from collections.abc import Callable, Iterable
from multiprocessing import Process
from pathlib import Path
from typing import Any


class NoAnswer(Exception):
    """A scribe has ended and left no answer."""


def answer(file: Path, work: Callable[[Any], Any], thing: Any) -> None:
    """Work, and write down what comes of it."""
    try:
        found = [work(thing)]
    except Exception as error:
        found = [None, error]
    file.write_bytes(pickle.dumps(found))


def ask_all(work: Callable[[Any], Any], things: Iterable[Any]) -> list[Any]:
    """Let a scribe work on each thing, all at the same time; return their answers in order."""
    with tempfile.TemporaryDirectory() as folder:
        scribes = {}
        for number, thing in enumerate(things):
            file = Path(folder, str(number))
            scribes[file] = Process(target=answer, args=(file, work, thing))
            scribes[file].start()
        for scribe in scribes.values():
            scribe.join()
        return [read(file, scribe) for file, scribe in scribes.items()]


def read(file: Path, scribe: Process) -> Any:
    """Return or raise what a scribe has left."""
    if not file.exists():
        raise NoAnswer(f"{scribe.name} has ended with exit code {scribe.exitcode}")
    value, *error = pickle.loads(file.read_bytes())
    if error:
        raise error[0]
    return value
