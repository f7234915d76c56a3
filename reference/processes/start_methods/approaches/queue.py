"""One queue of the same context for all; each translation carries its number."""

import multiprocessing
from collections.abc import Iterable, Mapping
from typing import Any


def translate(done: Any, number: int, words: Mapping[str, str], text: str) -> None:
    """Put the translation of a text."""
    done.put((number, " ".join([words[word] if word in words else word for word in text.split(" ")])))


def translate_all(method: str, words: Mapping[str, str], texts: Iterable[str]) -> list[str]:
    """Translate each text in a process of its own, started by `method`; return the translations in order."""
    if method is None:
        raise ValueError("method must be a name, got None")
    context = multiprocessing.get_context(method)
    done = context.Queue()
    clerks = [
        context.Process(target=translate, args=(done, number, dict(words), text)) for number, text in enumerate(texts)
    ]
    for clerk in clerks:
        clerk.start()
    found = dict(done.get() for _ in clerks)
    for clerk in clerks:
        clerk.join()
    return [found[number] for number in range(len(clerks))]


def methods() -> list[str]:
    """Return the start methods of this system, the one that is used if nothing is said first."""
    known = multiprocessing.get_all_start_methods()
    usual = multiprocessing.get_start_method(allow_none=True)
    return [usual, *(each for each in known if each != usual)] if usual else known
