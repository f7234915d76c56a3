"""The target is an object that knows the words; each process has a queue of its own."""

import multiprocessing
from collections.abc import Iterable, Mapping
from typing import Any


class Clerk:
    """Translates what he is called with."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """Learn the words."""
        self.words = dict(words)

    def __call__(self, text: str, answer: Any) -> None:
        """Put the translation of a text."""
        words = [self.words.get(word, word) for word in text.split(" ")]
        answer.put(" ".join(words))


def translate_all(method: str, words: Mapping[str, str], texts: Iterable[str]) -> list[str]:
    """Translate each text in a process of its own, started by `method`; return the translations in order."""
    if not isinstance(method, str):
        raise ValueError(f"method must be a name, got {method!r}")
    context, clerk = multiprocessing.get_context(method), Clerk(words)
    asked = [(text, context.SimpleQueue()) for text in texts]
    at_work = [context.Process(target=clerk, args=each) for each in asked]
    for process in at_work:
        process.start()
    found = [answer.get() for _, answer in asked]
    for process in at_work:
        process.join()
    return found


def methods() -> list[str]:
    """Return the start methods of this system, the one that is used if nothing is said first."""
    known = list(multiprocessing.get_all_start_methods())
    usual = multiprocessing.get_start_method(allow_none=True)
    if usual is not None:
        known.remove(usual)
        known.insert(0, usual)
    return known
