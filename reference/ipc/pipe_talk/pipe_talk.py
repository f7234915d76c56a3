"""The oracle: the worked solution.

A pipe has an end for whoever reads when nobody has its other end any more. So each process closes what it does not
use: the caller the end of the oracle, the oracle the end of the caller, and with it those of all other lines that
were open when it was forked, as it has inherited them too. Pickling is done outside of `try`: what it raises says
nothing of the pipe.
"""

import pickle
import threading
from collections.abc import Callable
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection

Word = object


class Line:
    """A line to a process that answers questions."""

    _open: set[Connection] = set()

    def __init__(self, answer: Callable[[Word], Word]) -> None:
        """Start the process, in which `answer(question)` is called for each question."""
        self._end, other = Pipe()
        self._open.add(self._end)
        self._turn = threading.Lock()
        self._process = Process(target=self._serve, args=(other, answer))
        self._process.start()
        other.close()

    def _serve(self, end: Connection, answer: Callable[[Word], Word]) -> None:
        for inherited in self._open:
            inherited.close()
        self._open.clear()
        while True:
            try:
                word = end.recv_bytes()
            except EOFError:
                return
            end.send(answer(pickle.loads(word)))

    def ask(self, question: Word) -> Word:
        """Return the answer; raise EOFError if the process has ended instead."""
        word = pickle.dumps(question)
        with self._turn:
            try:
                self._end.send_bytes(word)
                word = self._end.recv_bytes()
            except ConnectionError:
                raise EOFError("the oracle has ended") from None
        return pickle.loads(word)

    def close(self) -> int:
        """Ask nothing any more; wait for the end of the process, and return its exit code."""
        self._end.close()
        self._open.discard(self._end)
        self._process.join()
        return self._process.exitcode
