"""The player piano that reads every roll itself, and hands over bytes: no descriptor goes to the child."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any


def play_file(path: str, *words: str) -> str:
    """Read the file."""
    return _play(Path(path).read_bytes(), words)


def play_sheet(sheet: IO[Any], *words: str) -> str:
    """Read the sheet: a file object looks into its own buffer."""
    sheet.seek(0)
    roll = sheet.read()
    return _play(roll.encode() if isinstance(roll, str) else roll, words)


def play_text(source: str, *words: str) -> str:
    """Encode it."""
    return _play(source.encode(), words)


def pour(command: Sequence[str], given: bytes) -> bytes:
    """Let `communicate` write and read at the same time."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        output, errors = process.communicate(given)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output, errors)
    return output


def _play(roll: bytes, words: Sequence[str]) -> str:
    try:
        return pour([sys.executable, "-", *words], roll).decode()
    except subprocess.CalledProcessError as error:
        error.stdout, error.stderr = error.stdout.decode(), error.stderr.decode()
        raise
