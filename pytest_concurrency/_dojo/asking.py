"""Reads a command line, and says in the learner's language what is wrong with it."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from pytest_concurrency._dojo.words import Words

WRONG = (  # what `argparse` says -> what we say; it words them a little differently in each version of Python
    (
        r"argument (?P<name>.+?): invalid choice: (?P<got>.+?) \(choose from (?P<names>.+)\)",
        "{name} must be one of {names}, got {got}",
    ),
    (
        r"argument (?P<name>.+?): expected (?:one|at least one) argument",
        "{name} must be followed by a value, got nothing",
    ),
    (r"argument (?P<name>.+?): ignored explicit argument (?P<got>.+)", "{name} must stand alone, got {got}"),
    (r"argument (?P<name>.+?): invalid (?:int|float) value: (?P<got>.+)", "{name} must be a number, got {got}"),
    (r"ambiguous option: (?P<got>.+?) could match (?P<names>.+)", "an option must be one of {names}, got {got}"),
    (r"the following arguments are required: (?P<names>.+)", "{names} must be given, got nothing"),
    (r"unrecognized arguments: (?P<got>.+)", "nothing here is called {got}"),
)


def line_of(words: Words, message: str) -> str:
    """Say in one line what `argparse` has found."""
    for pattern, text in WRONG:
        if found := re.match(pattern, message):
            values = found.groupdict()
            return words(text, **{**values, "names": values.get("names", "").replace("'", "")})
    return message


class Parser(argparse.ArgumentParser):
    """A command line whose help and complaints are in one language.

    Args:
        words: the language.
        more: what `ArgumentParser` takes.
    """

    def __init__(self, words: Words, **more: Any) -> None:
        """Begin without arguments."""
        super().__init__(add_help=False, **more)
        self._words = words
        self.add_argument("-h", "--help", action="help", help=words("show this help message and exit"))

    def format_help(self) -> str:
        """Return the help; the headings that Python gives it are translated."""
        words, text = self._words, super().format_help()
        for english, said in (
            ("usage: ", words("usage: ")),
            ("positional arguments:", words("positional arguments:")),
            ("options:", words("options:")),
        ):
            text = text.replace(english, said, 1)
        return text

    def error(self, message: str) -> NoReturn:
        """Say in one line what is wrong, and where to read on."""
        words = self._words
        line = words("{line}; `{command} --help` says what there is", line=line_of(words, message), command=self.prog)
        self.exit(2, f"katas: {line}\n")
