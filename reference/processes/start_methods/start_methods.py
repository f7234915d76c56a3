"""Three ways to hire: the worked solution. A context for the method, and everything a child needs in its arguments."""

import multiprocessing
from collections.abc import Iterable, Mapping
from multiprocessing.connection import Connection


def translate(end: Connection, words: Mapping[str, str], text: str) -> None:
    """Send the translation of a text."""
    end.send(" ".join(words.get(word, word) for word in text.split(" ")))


def translate_all(method: str, words: Mapping[str, str], texts: Iterable[str]) -> list[str]:
    """Translate each text in a process of its own, started by `method`; return the translations in order."""
    if method not in multiprocessing.get_all_start_methods():
        raise ValueError(f"method must be one of {multiprocessing.get_all_start_methods()}, got {method!r}")
    context = multiprocessing.get_context(method)
    clerks = []
    for text in texts:
        reader, writer = context.Pipe(duplex=False)
        clerk = context.Process(target=translate, args=(writer, dict(words), text))
        clerk.start()
        writer.close()
        clerks.append((clerk, reader))
    found = []
    for clerk, reader in clerks:
        with reader:
            found.append(reader.recv())
        clerk.join()
    return found


def methods() -> list[str]:
    """Return the start methods of this system, the one that is used if nothing is said first."""
    known = multiprocessing.get_all_start_methods()
    usual = multiprocessing.get_start_method(allow_none=True) or known[0]
    return sorted(known, key=lambda method: method != usual)
