"""The words of the commands in every language."""

import ast
import string
from pathlib import Path

import pytest

import pytest_concurrency._dojo as dojo
from pytest_concurrency._dojo import words
from pytest_concurrency._dojo.states import State
from pytest_concurrency._dojo.translations import LANGUAGES
from pytest_concurrency._dojo.words import Words

ROOT = Path(dojo.__file__).parent


def texts() -> set[str]:
    """Every text that the commands say: what `words("…")` is called with, and the states."""
    found = set(State)
    for file in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="words") | ast.Attribute(attr="words"), args=[text]):
                    found |= {each.value for each in ast.walk(text) if isinstance(each, ast.Constant)}  # type: ignore[misc]  # strings only
    return {str(each) for each in found}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.slow
@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_every_text_is_translated_and_none_too_many(language: str) -> None:
    found = words.catalogue(language)
    assert set(found) == texts()
    assert {text for text in found if fields(text) != fields(found[text])} == set()


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(ValueError, match=r"^--lang must be one of en, zh, got 'fr'$"):
        Words("fr")
