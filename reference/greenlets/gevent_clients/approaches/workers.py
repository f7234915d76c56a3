"""The village exchange: k greenlets that share what is to be asked."""

from collections.abc import Iterable

import gevent
from gevent import socket

Address = tuple[str, int]
"""A host, as numbers, and a port (given)."""


def ask_all(address: Address, questions: Iterable[bytes], k: int) -> list[bytes | None]:
    """Fill the places of a list; between two waits nobody else takes a question."""
    if k < 1:
        raise ValueError(f"k must be 1 or more, got {k!r}")
    todo = list(enumerate(questions))
    answers: list[bytes | None] = [None] * len(todo)
    todo.reverse()

    def work() -> None:
        while todo:
            place, question = todo.pop()
            answers[place] = _ask(address, question)

    workers = [gevent.spawn(work) for _ in range(min(k, len(todo)))]
    try:
        gevent.joinall(workers, raise_error=True)
    finally:
        gevent.killall(workers)
    return answers


def _ask(address: Address, question: bytes) -> bytes | None:
    try:
        with socket.create_connection(address) as line, line.makefile("rwb") as file:
            file.write(question + b"\n")
            file.flush()
            answer: bytes = file.readline()
    except OSError:
        return None
    return answer[:-1] if answer.endswith(b"\n") else None
