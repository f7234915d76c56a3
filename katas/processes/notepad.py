"""A notepad that processes share, whoever started them and however: the tests of this track read what children did."""

import ast
import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Notepad:
    """Lines of a file, each a fact made of plain values; the file is there after `clear` or the first `write`."""

    path: str

    def clear(self):
        """Begin anew."""
        open(self.path, "w").close()

    def write(self, fact):
        """Add a fact, in one piece."""
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, f"{fact!r}\n".encode())
        os.close(file)

    def read(self):
        """Return all facts, the oldest first."""
        with open(self.path) as lines:
            return [ast.literal_eval(line) for line in lines]
