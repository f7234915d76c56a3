"""The player piano, broken: repair it. The contract is in README.md."""

import io
import subprocess
import sys
from collections.abc import Sequence
from typing import IO, Any


def play_file(path: str, *words: str) -> str:
    """Play the roll in a file."""
    with open(path, "w+") as roll:
        return _play(words, roll)


def play_sheet(sheet: IO[Any], *words: str) -> str:
    """Play all of an open file."""
    return _play(words, sheet)


def play_text(source: str, *words: str) -> str:
    """Play a text."""
    piano = subprocess.Popen([sys.executable, "-", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    piano.stdin = io.StringIO(source)
    output, _ = piano.communicate()
    return output


def pour(command: Sequence[str], given: bytes) -> bytes:
    """Give bytes to a program, return what it says."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(given)
    process.stdin.close()
    return process.stdout.read()


def _play(words: Sequence[str], roll: IO[Any]) -> str:
    done = subprocess.run([sys.executable, "-", *words], stdin=roll, capture_output=True, text=True)
    return done.stdout
