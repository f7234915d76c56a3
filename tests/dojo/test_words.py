"""The words of the commands in every language."""

import ast
import contextlib
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from board_server import served

import pytest_concurrency._dojo as dojo
import pytest_concurrency._katas as known
from pytest_concurrency._dojo import asking, cli, progress, words
from pytest_concurrency._dojo.board import client, protocol
from pytest_concurrency._dojo.states import State
from pytest_concurrency._dojo.translations import LANGUAGES
from pytest_concurrency._dojo.words import Words
from pytest_concurrency._katas import index, mistakes, toml_rules
from pytest_concurrency._katas.refusals import Refused

ROOT = Path(dojo.__file__).parent
REFUSALS = ("Refused", "Damaged", "Foreign", "NotKept", "Unreachable", "refuse")
RULES = (progress.RULES, index.KATA_RULES, index.TRACK_RULES, mistakes.MISTAKE_RULES, mistakes.EDIT_RULES)
FIELDS = (protocol.JOIN, protocol.REPORT, protocol.PREDICT, protocol.ROTATE)
TOLD = ("line", "write")  # what puts a text before the reader


def sources(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder, but for the katas that a wheel carries there."""
    yield from (each for each in folder.rglob("*.py") if "bundle" not in each.relative_to(folder).parts[:-1])


def calls() -> Iterator[tuple[Path, ast.Module, ast.Call]]:
    for folder in (ROOT, Path(known.__file__).parent):
        for file in sources(folder):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            yield from ((file, tree, node) for node in ast.walk(tree) if isinstance(node, ast.Call))


def is_said(call: ast.Call) -> bool:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name == "words" or name in REFUSALS
    return False


def constants(tree: ast.Module) -> dict[str, str]:
    found = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))):
                found[name] = text
    return found


def named(tree: ast.Module, text: ast.expr) -> set[str]:
    """The texts that the first argument of a call may be."""
    match text:
        case ast.Name(id=name) | ast.Attribute(attr=name) if name.isupper():
            every = {key: value for file, other, _ in calls() for key, value in constants(other).items()}
            return {constants(tree).get(name) or every[name]}
        case ast.Call():
            return set()
    return {each.value for each in ast.walk(text) if isinstance(each, ast.Constant) and isinstance(each.value, str)}


def conditions() -> set[str]:
    """What a value must be: those that end in a list are known by their beginning."""
    found = {rule.condition for rules in RULES for rule in rules.values()}
    found |= {field.condition for fields in FIELDS for field in fields.values()}
    for _, _, call in calls():
        match call.func:
            case ast.Name(id="must") | ast.Attribute(attr="must") if len(call.args) == 4:
                found |= {each.value for each in [call.args[2]] if isinstance(each, ast.Constant)}  # type: ignore[misc]  # strings only
    found |= {toml_rules.TEXT.condition, toml_rules.NAME.condition, "nothing", "more"}
    return {next((each for each in words.OPEN if text.startswith(each)), text) for text in found}


def texts() -> set[str]:
    """Every text that the commands and the board say, with the states."""
    found = set(State) | conditions() | {text for _, text in asking.WRONG}
    for _, tree, call in calls():
        if is_said(call) and call.args:
            found |= named(tree, call.args[0])
    return {str(each) for each in found}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.slow
@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_every_text_is_translated_and_none_too_many(language: str) -> None:
    found = words.catalogue(language)
    assert set(found) == texts()
    assert {text for text in found if fields(text) != fields(found[text])} == set()


def bare(text: ast.expr) -> set[str]:
    """The constants of an expression that no translation takes part in."""
    if isinstance(text, ast.Call) and is_said(text):
        return set()
    if isinstance(text, ast.Constant):
        return {text.value} if isinstance(text.value, str) and re.search("[A-Za-z]{2}", text.value) else set()
    parts = (child for child in ast.iter_child_nodes(text) if isinstance(child, ast.expr))
    return {each for child in parts for each in bare(child)}


def test_nothing_is_printed_that_is_in_one_language_only() -> None:
    found = {
        each
        for file, _, call in calls()
        if file.is_relative_to(ROOT) and isinstance(call.func, ast.Attribute) and call.func.attr in TOLD and call.args
        for each in bare(call.args[0])
    }
    assert found == {"katas: ", "refused: ", "known"}  # our name, a log that nobody is shown, the name of an event


def test_nothing_is_refused_that_is_in_one_language_only() -> None:
    """What is raised in the dojo is for a reader: it says so by its kind."""
    raised = {
        node.exc.func.id
        for file in sources(ROOT)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name)
    }
    assert raised == {"Foreign", "Damaged", "Refused", "Unreachable", "refused", "_refusal", "OSError"}


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(ValueError, match=r"^--lang must be one of en, zh, got 'fr'$"):
        Words("fr")


@pytest.mark.parametrize(
    "arguments",
    [
        "nonsense",
        "--bogus",
        "run",  # outside of a folder
        "run --patience x",
        "run --patience",
        "run --pa=0",
        "hint --all=3",
        "reset",
        "init",
        "init {file}",
        "init x --from {file}",
        "board --port abc",
        "board --port 99999",
        "board --rotation nan",
        "board --export x.html",
        "board --file no/where.sqlite --export x.html",
        "predict maybe",
    ],
)
def test_what_is_wrong_is_said_in_chinese(
    arguments: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with contextlib.suppress(SystemExit):
        assert cli.main(["--lang", "zh", *arguments.format(file="file").split()]) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert re.search("[\u4e00-\u9fff]", line), line


def test_the_language_may_come_from_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KATAS_LANG", "zh")
    assert cli.main([]) == 2
    assert "这里和上级文件夹里都没有练习" in capsys.readouterr().err


def test_a_board_refuses_in_the_language_of_whoever_asks(tmp_path: Path) -> None:
    with served(tmp_path / "dojo.sqlite") as board:
        for language, line in (("zh-CN", "name 必须是一行文字"), ("fr", "name must be one line"), ("", "name must be")):
            status, body, _ = board.ask("join", {"name": ""}, headers={"Accept-Language": language})
            assert (status, body.startswith(line)) == (400, True), body
        with pytest.raises(Refused, match=r"^name 必须是一行文字"):
            client.post(board.url, "join", {"name": ""}, "zh")
