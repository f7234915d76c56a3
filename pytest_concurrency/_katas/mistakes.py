"""The mistakes of a kata as values: what mistakes.toml says of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_concurrency._katas import toml_rules
from pytest_concurrency._katas.toml_rules import NOTHING, TEXT, Rule, is_list_of, is_name, is_text, must

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_concurrency._katas.index import Curriculum, Kata

REFERENCE = "reference"
LINE = Rule("be one line of text", lambda value: is_text(value) and "\n" not in value)
EDIT_RULES = {"replace": TEXT, "with": Rule("be a string", lambda value: isinstance(value, str))}
BASE = re.compile(rf"{REFERENCE}|approaches/\w+")


def _is_base(value: object) -> bool:
    return isinstance(value, str) and BASE.fullmatch(value) is not None


def _is_import(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("import ", "from ")) and "\n" not in value


def _is_reasons(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(is_text(reason) for reason in value.values())


MISTAKE_RULES = {
    "does": LINE,
    "why": LINE,
    "test": Rule("be the name of a test function", lambda value: is_name(value) and value.startswith("test_")),
    "message": Rule("be a non-empty list of non-empty strings", is_list_of(is_text, empty=False)),
    "same_words_as": Rule("be a table of other mistakes with the reason", _is_reasons, optional=True),
    "from": Rule("be 'approaches/NAME'", lambda value: _is_base(value) and value != REFERENCE, optional=True),
    "also": Rule("be a list out of 'reference' and 'approaches/NAME'", is_list_of(_is_base), optional=True),
    "imports": Rule("be a list of lines that import", is_list_of(_is_import), optional=True),
    "file": Rule("be the path of a file", is_text, optional=True),
    **{key: Rule(rule.condition, rule.holds, optional=True) for key, rule in EDIT_RULES.items()},
    "edit": Rule("be a list of tables", is_list_of(lambda item: isinstance(item, dict), empty=False), optional=True),
}


@dataclass(frozen=True, slots=True)
class Edit:
    """Whole lines of a right solution, which occur once, and the lines that stand there in the wrong one."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong solution: what it does, and which test tells it, with which words.

    Attributes:
        name: What a person calls it.
        does: What the solution does, in one line.
        why: What is wrong with that.
        test: The test that must fail.
        message: Words that its message must hold, all of them.
        same_words_as: Other mistakes with the same words, each with the reason.
        bases: The right solutions to edit, `reference` or `approaches/NAME`; the edits are the same for all of them.
        edits: What to change; nothing when the solution is a file of its own.
        imports: Lines to add to the imports.
    """

    name: str
    does: str
    why: str
    test: str
    message: tuple[str, ...]
    same_words_as: tuple[str, ...] = ()
    bases: tuple[str, ...] = (REFERENCE,)
    edits: tuple[Edit, ...] = ()
    imports: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """Name the file that holds a solution of another design."""
        return f"wrong/{self.name}.py"

    def solution(self, base: str) -> str:
        """Name the solution that the mistake makes of a base."""
        return self.name if base == self.bases[0] else f"{self.name}_on_{base.rpartition('/')[2]}"


def read(curriculum: Curriculum, kata: Kata) -> tuple[Mistake, ...]:
    """Read the mistakes of a kata, in the order of the file; no edit is tried.

    Raises:
        ValueError: mistakes.toml breaks a rule, or names what is not there.
    """
    source = curriculum.shown(kata.mistakes)
    found = []
    for name, table in toml_rules.read(kata.mistakes, source).items():
        if not is_name(name) or not isinstance(table, dict):
            raise must(source, "table", "be named like a module", name)
        toml_rules.check(source, table, MISTAKE_RULES, f"{name}.")
        found.append(_mistake(source, name, table))
    _refuse_doubles(source, kata, found)
    for mistake in found:
        _refuse_absent(source, kata, mistake, [each.name for each in found])
    return tuple(found)


def _mistake(source: str, name: str, table: Mapping[str, Any]) -> Mistake:
    ways = [way for way in (("replace", "with"), ("edit",), ("file",)) if not table.keys().isdisjoint(way)]
    if len(ways) != 1:
        got = [key for way in ways for key in way if key in table] or NOTHING
        raise must(source, name, "have either replace and with, or edit, or file", got)
    parts: Mapping[str, Any] = {key: tuple(table.get(key, ())) for key in ("message", "same_words_as", "imports")}
    bases = (table.get("from", REFERENCE), *table.get("also", ()))
    if len(set(bases)) < len(bases):
        raise must(source, f"{name}.also", "differ from the base of the edit", table["also"])
    made = Mistake(
        name, table["does"], table["why"], table["test"], bases=bases, edits=_edits(source, name, table), **parts
    )
    if not made.edits:
        for key in ("from", "also", "imports"):
            if key in table:
                raise must(source, f"{name}.{key}", "go, as the mistake is a file", table[key])
        if table["file"] != made.file:
            raise must(source, f"{name}.file", f"be {made.file!r}", table["file"])
    return made


def _edits(source: str, name: str, table: Mapping[str, Any]) -> tuple[Edit, ...]:
    if "file" in table:
        return ()
    lone = {key: table[key] for key in EDIT_RULES if key in table}
    found = []
    for number, edit in enumerate(table.get("edit", [lone]), 1):
        where = f"{name}.edit {number}" if "edit" in table else name
        toml_rules.check(source, edit, EDIT_RULES, f"{where}.")
        if edit["replace"].splitlines() == edit["with"].splitlines():
            raise must(source, f"{where}.with", "differ from replace", edit["with"])
        found.append(Edit(edit["replace"], edit["with"]))
    return tuple(found)


def _refuse_doubles(source: str, kata: Kata, found: Sequence[Mistake]) -> None:
    taken = {file.stem for file in kata.approaches}
    for mistake in found:
        for name in map(mistake.solution, mistake.bases):
            if name in taken:
                raise must(source, "table", "differ in name from every other mistake and approach", name)
            taken.add(name)


def _refuse_absent(source: str, kata: Kata, mistake: Mistake, names: Sequence[str]) -> None:
    """Refuse a mistake that names a file or another mistake that is not there."""
    if not mistake.edits and not (kata.worked / mistake.file).is_file():
        raise must(source, f"{mistake.name}.file", "exist", mistake.file)
    for base in mistake.bases if mistake.edits else ():
        if not kata.base(base).is_file():
            key = "from" if base == mistake.bases[0] else "also"
            raise must(source, f"{mistake.name}.{key}", "name a solution that is there", base)
    for other in mistake.same_words_as:
        if other not in names or other == mistake.name:
            raise must(source, f"{mistake.name}.same_words_as", "name another mistake of the kata", other)


def listing(kata: Kata, known: Sequence[Mistake]) -> str:
    """Write the name of each mistake with what it does, a line each."""
    width = max((len(mistake.name) for mistake in known), default=0)
    lines = [f"  {mistake.name:{width}}  {mistake.does}" for mistake in known]
    return "\n".join([f"{kata.name}: {len(known)} mistakes, each for --solution", *lines]) + "\n"
