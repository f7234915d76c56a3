"""The words of the commands, in the learner's language."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

from pytest_concurrency._dojo.translations import LANGUAGES
from pytest_concurrency._katas.refusals import Phrase, Refused

# What follows these are names and numbers, which are the same in every language.
OPEN = (
    "be one of ",
    "be a list out of ",
    "map names to ",
    "be one line of ",
)


class Words:
    """Says a text in one language.

    Args:
        language: one of `LANGUAGES`.

    Raises:
        ValueError: it is none of them.
    """

    def __init__(self, language: str = "en") -> None:
        """Choose the catalogue."""
        if language not in LANGUAGES:
            names = {"names": ", ".join(LANGUAGES), "got": language}
            raise Refused("--lang must be one of {names}, got {got!r}", names)
        self.language = language
        self._catalogue = {} if language == "en" else catalogue(language)

    def __call__(self, text: str, **values: Any) -> str:
        """Return a text with its values; the English text is the key of its translation."""
        said = {name: self._phrase(each) if isinstance(each, Phrase) else each for name, each in values.items()}
        return self._catalogue.get(text, text).format(**said)

    def of(self, error: Exception) -> str:
        """Return what an error says."""
        if isinstance(error, Refused):
            return self(error.text, **error.values)
        if isinstance(error, OSError) and error.filename:  # a folder that may only be read, a disk that is full, …
            what = {"path": error.filename2 or error.filename, "error": error.strerror}
            return self.of(Refused("{path} must be a file that can be read and written, got: {error}", what))
        return str(error)

    def _phrase(self, text: str) -> str:
        if text in self._catalogue:
            return self._catalogue[text]
        for begins in OPEN:
            if text.startswith(begins) and begins in self._catalogue:
                return self._catalogue[begins] + text.removeprefix(begins)
        return text


def catalogue(language: str) -> dict[str, str]:
    """Read the words of a language, by their English."""
    text = files("pytest_concurrency._dojo").joinpath(f"words.{language}.toml").read_text(encoding="utf-8")
    found: dict[str, str] = tomllib.loads(text)
    return found
