"""The words of the commands, in the learner's language."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

from pytest_concurrency._dojo.translations import LANGUAGES


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
            raise ValueError(f"--lang must be one of {', '.join(LANGUAGES)}, got {language!r}")
        self.language = language
        self._catalogue = {} if language == "en" else catalogue(language)

    def __call__(self, text: str, **values: Any) -> str:
        """Return a text with its values; the English text is the key of its translation."""
        return self._catalogue.get(text, text).format(**values)


def catalogue(language: str) -> dict[str, str]:
    """Read the words of a language, by their English."""
    text = files("pytest_concurrency._dojo").joinpath(f"words.{language}.toml").read_text(encoding="utf-8")
    found: dict[str, str] = tomllib.loads(text)
    return found
