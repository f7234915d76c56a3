"""The source of a wrong solution: the edits of a mistake, made in a right solution."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_concurrency._katas.index import Curriculum, Kata
    from pytest_concurrency._katas.mistakes import Mistake


@dataclass(frozen=True, slots=True)
class Source:
    """A wrong solution as a person would have written it."""

    mistake: Mistake
    name: str
    text: str
    file: Path | None

    def write(self, folder: Path) -> Path:
        """Write the solution into a folder, unless it is a file already; return where it is."""
        if self.file:
            return self.file
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{self.name}.py"
        file.write_text(self.text, encoding="utf-8")
        return file


def of(curriculum: Curriculum, kata: Kata, mistake: Mistake) -> tuple[Source, ...]:
    """Make the solutions of a mistake, one for each base.

    Raises:
        ValueError: an edit does not occur exactly once in a base, or makes no Python of it.
    """
    if not mistake.edits:
        file = kata.worked / mistake.file
        return (Source(mistake, mistake.name, file.read_text(encoding="utf-8"), file),)
    made = []
    for base in mistake.bases:
        file = kata.base(base)
        where = f"{curriculum.shown(kata.mistakes)}: {mistake.name}"
        text = _edited(where, mistake, file.name, file.read_text(encoding="utf-8"))
        made.append(Source(mistake, mistake.solution(base), _finished(where, mistake, file.name, text), None))
    return tuple(made)


def _edited(where: str, mistake: Mistake, base: str, text: str) -> str:
    """Change what stands in the base: no edit sees what another has written."""
    lines = text.splitlines()
    spans = []
    for edit in mistake.edits:
        old = edit.old.splitlines()
        found = [at for at in range(len(lines)) if lines[at : at + len(old)] == old]
        if len(found) != 1:
            raise ValueError(f"{where} must replace what occurs once in {base}, got {len(found)} times {edit.old!r}")
        spans.append((found[0], found[0] + len(old), edit.new.splitlines()))
    spans.sort()
    for (_, end, _), (begin, *_) in pairwise(spans):
        if begin < end:
            raise ValueError(f"{where} must edit each line of {base} once, got two edits of {lines[begin]!r}")
    for begin, end, new in reversed(spans):
        lines[begin:end] = new
    return "\n".join(lines) + "\n"


def _finished(where: str, mistake: Mistake, base: str, text: str) -> str:
    """Add the imports, and let the first line say what the solution does instead of what its base does."""
    try:
        body = ast.parse(text).body
    except SyntaxError as error:
        raise ValueError(f"{where} must make Python of {base}, got line {error.lineno}: {error.msg}") from None
    lines, top = text.splitlines(), 0
    for node in body:
        is_doc = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_doc and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        top = node.end_lineno or 0
        if is_doc:
            lines[node.lineno - 1 : top] = [""] * (top - node.lineno + 1)
    lines[top:top] = mistake.imports
    return "\n".join([f"# {mistake.does}", *lines]).rstrip() + "\n"
