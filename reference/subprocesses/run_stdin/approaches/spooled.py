"""The player piano that copies every roll to a file without a name, and lets the child write into two others."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import IO, Any


def play_file(path: str, *words: str) -> str:
    """Copy the file."""
    with open(path, "rb") as file:
        return play_sheet(file, *words)


def play_sheet(sheet: IO[Any], *words: str) -> str:
    """Copy what the descriptor leads to, and put it back to its end."""
    sheet.flush()
    os.lseek(sheet.fileno(), 0, os.SEEK_SET)
    with tempfile.TemporaryFile() as roll:
        with open(os.dup(sheet.fileno()), "rb") as raw:
            shutil.copyfileobj(raw, roll)
        sheet.seek(0, os.SEEK_END)
        return _play(roll, words)


def play_text(source: str, *words: str) -> str:
    """Write it down."""
    with tempfile.TemporaryFile() as roll:
        roll.write(source.encode())
        return _play(roll, words)


def pour(command: Sequence[str], given: bytes) -> bytes:
    """A file never stands still."""
    with tempfile.TemporaryFile() as roll:
        roll.write(given)
        return _run(command, roll)


def _play(roll: IO[bytes], words: Sequence[str]) -> str:
    try:
        return _run([sys.executable, "-", *words], roll).decode()
    except subprocess.CalledProcessError as error:
        both = error.stdout.decode(), error.stderr.decode()
        raise subprocess.CalledProcessError(error.returncode, error.cmd, *both) from None


def _run(command: Sequence[str], roll: IO[bytes]) -> bytes:
    roll.seek(0)
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        code = subprocess.call(command, stdin=roll, stdout=output, stderr=errors)
        output.seek(0)
        errors.seek(0)
        if code:
            raise subprocess.CalledProcessError(code, command, output.read(), errors.read())
        return output.read()
