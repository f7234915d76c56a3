"""The score board in a process of our own, which serves until it is ended."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.managers import BaseManager
from typing import Any

Address = tuple[str, int]
Table = dict[str, list[int]]


class Board:
    """Keeps the totals beside the points."""

    def __init__(self) -> None:
        self._alone = threading.Condition()
        self._points: defaultdict[str, list[int]] = defaultdict(list)
        self._totals: defaultdict[str, int] = defaultdict(int)

    def score(self, team: str, points: int) -> int:
        if points <= 0:
            raise ValueError(points)
        with self._alone:
            self._points[team] += [points]
            self._totals[team] = total = self._totals[team] + points
        return total

    def table(self) -> Table:
        with self._alone:
            return {team: self._points[team][:] for team in self._points}


class _Line(BaseManager):
    """What callers know: the name, and where it is."""


_Line.register("board")


@contextmanager
def open_board(context: BaseContext, key: bytes) -> Iterator[Address]:
    """Hear the address through a pipe."""
    here, there = context.Pipe(duplex=False)
    server = context.Process(target=_serve, args=(key, there))
    server.start()
    there.close()
    try:
        yield here.recv()
    finally:
        here.close()
        server.terminate()
        server.join()


def _serve(key: bytes, end: Connection) -> None:
    board = Board()

    class Hut(BaseManager):
        """Has one board."""

    Hut.register("board", lambda: board)
    server = Hut(("127.0.0.1", 0), key).get_server()
    end.send(server.address)
    server.serve_forever()


def connect(address: Address, key: bytes) -> Any:
    """Keep the proxy, not the manager."""
    line = _Line(address, authkey=key)
    line.connect()
    return line.board()


def play(context: BaseContext, key: bytes, callers: Iterable[Callable[[Any], object]]) -> Table:
    """Let a stack join: the board is closed last."""
    with open_board(context, key) as address:
        with ExitStack() as stack:
            for caller in callers:
                process = context.Process(target=_call, args=(caller, address, key))
                process.start()
                stack.callback(process.join)
        return dict(connect(address, key).table())


def _call(caller: Callable[[Any], object], address: Address, key: bytes) -> None:
    caller(connect(address, key))
