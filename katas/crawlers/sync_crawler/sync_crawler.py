"""The picture collector: one after the other, and right. The contract is in README.md."""

from collections.abc import Sequence
from pathlib import Path


def find_pictures(page: str, content: bytes) -> list[tuple[str, str]]:
    """Return the address and the title of each picture on a page in GBK, in order."""
    raise NotImplementedError


def crawl(pages: Sequence[str], folder: str | Path, patience: float = 10) -> dict[str, Path | Exception]:
    """Save all pictures of the pages; return for each address the file, or why there is none."""
    raise NotImplementedError
