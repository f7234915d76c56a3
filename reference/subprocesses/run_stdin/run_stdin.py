"""The player piano: a worked solution."""

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import IO, Any


def play_file(path: str, *words: str) -> str:
    """Open it to read."""
    with open(path, "rb") as roll:
        return _play(words, stdin=roll)


def play_sheet(sheet: IO[Any], *words: str) -> str:
    """Send off what lies in the buffer, and put the descriptor to the beginning."""
    sheet.flush()
    os.lseek(sheet.fileno(), 0, os.SEEK_SET)
    try:
        return _play(words, stdin=sheet)
    finally:
        sheet.seek(0, os.SEEK_END)


def play_text(source: str, *words: str) -> str:
    """Let `run` make the pipe."""
    return _play(words, input=source)


def pour(command: Sequence[str], given: bytes) -> bytes:
    """Let `run` write and read at the same time."""
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout


def _play(words: Sequence[str], **roll: Any) -> str:
    command = [sys.executable, "-", *words]
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8", **roll).stdout
