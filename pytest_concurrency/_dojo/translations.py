"""Texts of the katas in another language, beside the English ones, and whether they still follow them."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pytest_concurrency._katas.index import Curriculum, Kata

LANGUAGES = ("en", "zh")
COMPLETE: dict[str, tuple[str, ...]] = {
    "zh": ("threads", "locks", "queues")
}  # the tracks that a check holds to be translated as a whole
MATRIX = re.compile(r"<!-- kill matrix.*?<!-- end of kill matrix -->", re.DOTALL)
STAMP = re.compile(r"\A<!-- translated from ([\w.]+), sha256 ([0-9a-f]{16}) -->\n")


def fingerprint(english: str) -> str:
    """Return the hash by which a translation names the English text that it follows; the kill matrix does not count."""
    return hashlib.sha256(MATRIX.sub("", english).encode()).hexdigest()[:16]


def stamp(english: Path) -> str:
    """Return the first line of a translation."""
    return f"<!-- translated from {english.name}, sha256 {fingerprint(english.read_text(encoding='utf-8'))} -->\n"


def beside(english: Path, language: str) -> Path:
    """Return where the translation of a file lies."""
    return english.with_suffix(f".{language}{english.suffix}")


def text(english: Path, language: str) -> str:
    """Return a text in a language, without its stamp; in English where it is not translated."""
    translated = beside(english, language)
    if language == "en" or not translated.is_file():
        return english.read_text(encoding="utf-8") if english.is_file() else ""
    return STAMP.sub("", translated.read_text(encoding="utf-8"))


def heading(english: Path, language: str, otherwise: str) -> str:
    """Return the title of a text in a language; where it is not translated, the title that the curriculum gives."""
    if language == "en" or not beside(english, language).is_file():
        return otherwise
    found = re.search(r"^# (.+)$", text(english, language), re.MULTILINE)
    return found[1].strip() if found else otherwise


def title(kata: Kata, language: str) -> str:
    """Return a kata's title in a language."""
    return heading(kata.folder / "README.md", language, kata.title)


def tasks(kata: Kata, language: str) -> dict[int, str]:
    """Map a kata's tasks to their titles in a language."""
    found = re.findall(r"^(\d+)\. \*\*(.+?)\*\*", text(kata.folder / "README.md", language), re.MULTILINE)
    return {int(number): name.rstrip(".。") for number, name in found}


def sources(curriculum: Curriculum, tracks: Sequence[str]) -> Iterator[Path]:
    """Yield the English texts of some tracks: of each its README, and of each kata README and hints."""
    for track in curriculum.tracks:
        if track.name in tracks:
            yield curriculum.katas / track.name / "README.md"
            for kata in track.katas:
                yield from (curriculum.katas / track.name / kata / name for name in ("README.md", "hints.md"))


def complaints(curriculum: Curriculum, language: str) -> list[str]:
    """Return a line for each translation that is missing, outdated, unstamped, or without its English text."""
    wanted = {beside(english, language): english for english in sources(curriculum, COMPLETE[language])}
    absent = [
        f"{curriculum.shown(file)} must translate {english.name}, got no such file"
        for file, english in wanted.items()
        if not file.is_file()
    ]
    there = sorted(curriculum.katas.rglob(f"*.{language}.md"))
    found = {file: _complaint(file, language) for file in there}
    return absent + [f"{curriculum.shown(file)} {why}" for file, why in found.items() if why]


def _complaint(translated: Path, language: str) -> str:
    english = translated.with_name(translated.name.replace(f".{language}.md", ".md"))
    if not english.is_file():
        return f"must lie beside {english.name}, got no such file"
    wanted = stamp(english)
    first = translated.read_text(encoding="utf-8").partition("\n")[0]
    if not STAMP.match(first + "\n"):
        return f"must begin with {wanted.strip()!r}, got {first!r}"
    if first + "\n" != wanted:
        return f"is outdated: {english.name} has changed; translate the change, then begin with {wanted.strip()!r}"
    return _shape(english.read_text(encoding="utf-8"), translated.read_text(encoding="utf-8"))


def _shape(english: str, translated: str) -> str:
    for what, pattern in (("headings", r"^#+ "), ("tasks", r"^\d+\. \*\*"), ("blocks of code", r"^(?:```|\n {4,}\S)")):
        counts = [len(re.findall(pattern, each, re.MULTILINE)) for each in (english, translated)]
        if counts[0] != counts[1]:
            return f"must have as many {what} as the English text, {counts[0]}, got {counts[1]}"
    return ""
