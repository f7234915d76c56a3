"""Three ways to hire. The contract is in README.md."""

from collections.abc import Iterable, Mapping


def translate_all(method: str, words: Mapping[str, str], texts: Iterable[str]) -> list[str]:
    """Translate each text in a process of its own, started by `method`; return the translations in order."""
    raise NotImplementedError


def methods() -> list[str]:
    """Return the start methods of this system, the one that is used if nothing is said first."""
    raise NotImplementedError
