"""Whether the files of a kata are all there, all listed, and agree with each other."""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING

from pytest_concurrency._katas import index, sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pytest_concurrency._katas.index import Curriculum, Kata
    from pytest_concurrency._katas.mistakes import Mistake

SECTIONS = ("Contract", "Tasks", "Traps", "What the tests cannot prove")
HINTS = ("A nudge", "The tool", "Nearly there")
FEWEST_WRONG = 3
IGNORED = ("__pycache__", ".pytest_cache", ".ruff_cache", ".mypy_cache", ".DS_Store")


def complaints(curriculum: Curriculum, kata: Kata, known: Sequence[Mistake]) -> list[str]:
    """Return a line for each thing that is missing, unlisted or at odds; none when all is well."""
    found = [*_absent(kata), *_unlisted(kata, known), *_names(kata), *_readme(kata), *_hints(kata)]
    found += [*_tests(kata), *_mistakes(kata, known)]
    lines = [f"{curriculum.shown(path)} {complaint}" for path, complaint in found]
    return [*lines, *_edits(curriculum, kata, known)]


def unlisted_katas(curriculum: Curriculum) -> list[str]:
    """Return a line for each folder of a kata or of its solutions that stands in no track."""
    found = {file.parent for file in curriculum.katas.glob("*/*/kata.toml")}
    found |= {path for path in curriculum.reference.glob("*/*") if path.name not in IGNORED}
    return [
        f"{curriculum.shown(folder)} must be listed in katas.toml, or go"
        for folder in sorted(found)
        if curriculum.places.get(folder.name) != folder.parent.name
    ]


def _required(kata: Kata) -> set[Path]:
    files = {kata.folder / name for name in ("README.md", "hints.md", "kata.toml")}
    return files | {kata.stub, kata.tests, kata.reference, kata.mistakes}


def _absent(kata: Kata) -> Iterator[tuple[Path, str]]:
    for path in sorted(_required(kata)):
        if not _text(path).strip():
            yield path, "must exist and hold something"
    for name in kata.files:
        if not (kata.folder / name).exists():
            yield kata.folder / name, "must exist, as kata.toml lists it under files"
    if not kata.approaches:
        yield kata.worked / "approaches", "must hold at least 1 solution, got 0"


def _unlisted(kata: Kata, known: Sequence[Mistake]) -> Iterator[tuple[Path, str]]:
    listed = _required(kata) | {*kata.approaches} | {kata.worked / each.file for each in known if not each.edits}
    for path in sorted(_all_files(kata.folder) | _all_files(kata.worked)):
        if path.is_relative_to(kata.worked / "wrong") and path not in listed:
            yield path, "must be the file of a mistake in mistakes.toml, or go"
        elif path not in listed and not _is_further_file(kata, path):
            yield path, "must be listed in kata.toml under files, or go"


def _names(kata: Kata) -> Iterator[tuple[Path, str]]:
    for name in (f"{kata.name}.py", *kata.files):
        if name.removesuffix(".py") in sys.stdlib_module_names:
            yield kata.folder / name, "must differ in name from a module of the standard library"


def _all_files(folder: Path) -> set[Path]:
    found = {path for path in folder.rglob("*") if path.is_file()}
    return {path for path in found if not set(path.parts) & set(IGNORED)}


def _is_further_file(kata: Kata, path: Path) -> bool:
    if not path.is_relative_to(kata.folder):
        return False
    name = path.relative_to(kata.folder).as_posix()
    folders = tuple(entry for entry in kata.files if entry.endswith("/"))
    return name in kata.files or name.startswith(folders)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _sections(text: str, level: str) -> dict[str, str]:
    """Map each heading of a level to the text below it, up to the next that is no deeper."""
    parts = re.split(rf"^(#{{1,{len(level)}}}) (.+)\n", text, flags=re.MULTILINE)
    found = zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    return {title.strip(): body for marks, title, body in found if marks == level}


def _readme(kata: Kata) -> Iterator[tuple[Path, str]]:
    path = kata.folder / "README.md"
    sections = _sections(_text(path), "##")
    for name in SECTIONS:
        if not sections.get(name, "").strip():
            yield path, f"must have a section '## {name}' with something in it"
    tasks = list(index.read_tasks(kata))
    if not tasks or tasks != list(range(1, len(tasks) + 1)):
        yield path, f"must number its tasks from 1, each with a bold title, got {tasks}"


def _hints(kata: Kata) -> Iterator[tuple[Path, str]]:
    path = kata.folder / "hints.md"
    sections = _sections(_text(path), "##")
    for task in index.read_tasks(kata):
        hints = _sections(sections.pop(f"Task {task}", ""), "###")
        for name in HINTS:
            if not hints.get(name, "").strip():
                yield path, f"must have '### {name}' with something in it under '## Task {task}'"
    for title in sections:
        yield path, f"must have no heading but '## Task n' for a task of the README, got {title!r}"


def test_functions(file: Path) -> dict[str, list[int]]:
    """Map each test function of a file to the numbers in its `task` marks."""
    found = {}
    for node in ast.walk(ast.parse(_text(file))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found[node.name] = [task for mark in node.decorator_list for task in _tasks(mark)]
    return {name: tasks for name, tasks in found.items() if name.startswith("test_")}


def _tasks(mark: ast.expr) -> list[int]:
    if not isinstance(mark, ast.Call) or ast.unparse(mark.func) != "pytest.mark.task":
        return []
    values = [part.value for part in mark.args if isinstance(part, ast.Constant)]
    return [value for value in values if isinstance(value, int)]


def _tests(kata: Kata) -> Iterator[tuple[Path, str]]:
    tasks, functions = set(index.read_tasks(kata)), test_functions(kata.tests)
    for name, marked in functions.items():
        if len(marked) != 1 or marked[0] not in tasks:
            yield kata.tests, f"must mark {name} with one task of the README, got {marked}"
    for task in sorted(tasks - {task for marked in functions.values() for task in marked}):
        yield kata.tests, f"must hold a test for task {task}"


def _mistakes(kata: Kata, known: Sequence[Mistake]) -> Iterator[tuple[Path, str]]:
    if len(known) < FEWEST_WRONG:
        yield kata.mistakes, f"must hold at least {FEWEST_WRONG} mistakes, got {len(known)}"
    functions = test_functions(kata.tests)
    for mistake in known:
        if mistake.test not in functions:
            yield kata.mistakes, f"must name a test of {kata.tests.name}, got {mistake.name}.test {mistake.test!r}"
    first: dict[frozenset[str], str] = {}
    for mistake in known:
        other = first.setdefault(frozenset(mistake.message), mistake.name)
        if other not in (mistake.name, *mistake.same_words_as):
            words = "have words of its own, or say why not with same_words_as"
            yield kata.mistakes, f"must let {mistake.name}.message {words}, got those of {other}"


def _edits(curriculum: Curriculum, kata: Kata, known: Sequence[Mistake]) -> Iterator[str]:
    for mistake in known:
        try:
            sources.of(curriculum, kata, mistake)
        except ValueError as error:
            yield str(error)
