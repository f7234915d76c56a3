"""The reckoner with a socket for a door, and somebody who pushes the slips through while another one reads."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Self


class Reckoner:
    """A child whose input and output are the two directions of one socket."""

    def __init__(self, path: str) -> None:
        """Keep one end of the socket, give away the other."""
        self._door, its_side = socket.socketpair()
        with its_side:
            self._process = subprocess.Popen(
                [sys.executable, "-u", path], stdin=its_side, stdout=its_side, stderr=subprocess.DEVNULL
            )
        self._answers = self._door.makefile("rb")

    def ask(self, question: str) -> str:
        """Ask one."""
        return self.ask_all([question])[0]

    def ask_all(self, questions: Iterable[str]) -> list[str]:
        """Push all slips through, in a thread, and read as many answers."""
        slips = list(questions)
        if self._answers.closed or any("\n" in slip for slip in slips):
            raise ValueError(f"an open reckoner and questions of one line each are needed, got {slips}")
        pushing = threading.Thread(target=self._push, args=(slips,))
        pushing.start()
        try:
            return [self._next() for _ in slips]
        finally:
            pushing.join()

    def _push(self, slips: list[str]) -> None:
        try:
            self._door.sendall("".join(f"{slip}\n" for slip in slips).encode())
        except OSError:
            pass  # whoever reads will see it

    def _next(self) -> str:
        try:
            line = self._answers.readline()
        except ConnectionError:
            line = b""
        if not line.endswith(b"\n"):
            raise EOFError("nobody answers")
        return line[:-1].decode()

    def close(self) -> int:
        """Shut one direction, and read the other to its end."""
        if not self._answers.closed:
            try:
                self._door.shutdown(socket.SHUT_WR)
                while self._answers.read(65_536):
                    pass
            except OSError:
                pass  # it has gone already
            self._answers.close()
            self._door.close()
        return self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
