"""What a key of a TOML file may hold, and the one line that is said when it does not."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_concurrency._katas.refusals import Phrase, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

NOTHING = object()


@dataclass(frozen=True, slots=True)
class Rule:
    """The condition that a value must meet, in words and as a test."""

    condition: str
    holds: Callable[[Any], bool]
    optional: bool = False


def is_text(value: object) -> bool:
    """Tell whether the value is a string with something in it."""
    return isinstance(value, str) and value.strip() != ""


def is_name(value: object) -> bool:
    """Tell whether the value can name a module."""
    return isinstance(value, str) and value.isidentifier()


def is_number(value: object) -> bool:
    """Tell whether the value is an integer, and no boolean."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_list_of(holds: Callable[[Any], bool], *, empty: bool = True) -> Callable[[object], bool]:
    """Return a test for lists whose items all pass and differ from each other."""

    def test(value: object) -> bool:
        if not isinstance(value, list) or not (value or empty):
            return False
        return all(holds(item) for item in value) and all(value.count(item) == 1 for item in value)

    return test


TEXT = Rule("be a non-empty string", is_text)
NAME = Rule("be the name of a module", is_name)


def must(source: str, what: str, condition: str, value: object) -> Refused:
    """Return the error that tells in one line what must hold, and what was found."""
    got = Phrase("nothing") if value is NOTHING else repr(value)
    values = {"file": source, "what": what, "condition": Phrase(condition), "got": got}
    return Refused("{file}: {what} must {condition}, got {got}", values)


def read(file: Path, source: str) -> dict[str, Any]:
    """Parse a TOML file.

    Raises:
        ValueError: it is absent, or no TOML.
    """
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Refused("{file} must exist, got no such file", {"file": source}) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused("{file} must be TOML, got: {error}", {"file": source, "error": error}) from None


def check(source: str, values: Mapping[str, Any], rules: Mapping[str, Rule], prefix: str = "") -> None:
    """Hold the values against the rules.

    Raises:
        ValueError: a key is missing or unknown, or its value is not what the rule says.
    """
    for key in values:
        if key not in rules:
            raise must(source, f"{prefix}key", f"be one of {', '.join(rules)}", key)
    for key, rule in rules.items():
        value = values.get(key, NOTHING)
        if not (value is NOTHING and rule.optional) and (value is NOTHING or not rule.holds(value)):
            raise must(source, prefix + key, rule.condition, value)
