"""A disk that takes its time: real files, read and written by anybody. Given."""

import time
from os import PathLike
from pathlib import Path


def read(path: str | PathLike[str]) -> str:
    """Return what the file holds; this takes a second."""
    time.sleep(1)
    return Path(path).read_text(encoding="utf-8")


def write(path: str | PathLike[str], text: str) -> None:
    """Empty the file, or make a new one, and write the text into it; this takes a second."""
    with open(path, "w", encoding="utf-8") as file:
        time.sleep(1)
        file.write(text)
