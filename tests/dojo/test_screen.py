"""What is printed where."""

import io

import pytest

from pytest_concurrency._dojo import screen
from pytest_concurrency._dojo.screen import RichScreen, Screen
from pytest_concurrency._dojo.states import State


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_columns_stand_below_each_other_also_in_chinese() -> None:
    output = io.StringIO()
    Screen(output).rows([("红", "1"), ("green", "2"), ("x",)])
    assert output.getvalue() == "红     1\ngreen  2\nx\n"


def test_each_state_has_a_shape_of_its_own() -> None:
    utf8, ascii_only = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "ascii")
    for output in (utf8, ascii_only):
        assert len({Screen(output).mark(state) for state in State}) == len(State)
    assert Screen(ascii_only).mark(State.HUNG) == "#"


def test_nothing_that_cannot_be_written_stops_the_program() -> None:
    raw = io.BytesIO()
    output = io.TextIOWrapper(raw, "ascii")
    Screen(output).line("卡住")
    output.flush()
    assert raw.getvalue() == b"??\n"


@pytest.mark.slow
def test_colours_are_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    assert isinstance(screen.make(terminal), RichScreen)
    assert not isinstance(screen.make(io.StringIO()), RichScreen)
    shown = RichScreen(terminal, width=80)
    shown.line("all [bold] is text", "green")
    shown.text("**bold**", "markdown")
    shown.text("def f(): pass", "python")
    assert "\x1b[32mall [bold] is text" in terminal.getvalue()
    assert "**" not in terminal.getvalue()
    assert ";5;" not in terminal.getvalue()  # no colour of its own, which a light terminal might not show


def test_without_rich_a_terminal_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert not screen.make(Terminal()).is_rich


def test_a_bar_fills() -> None:
    assert [screen.bar(done, 4, 4) for done in range(5)] == ["....", "#...", "##..", "###.", "####"]
    assert screen.bar(0, 0, 2) == ".."


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("short", ["short"]),
        ("four five six", ["four five", "six"]),
        ("abcdefghijkl", ["abcdefghi", "jkl"]),
        ("  four five six", ["  four", "five six"]),
        ("中文字符不分词", ["中文字符", "不分词"]),
    ],
)
def test_a_long_line_is_broken_at_spaces(text: str, lines: list[str]) -> None:
    assert screen.wrapped(text, 9) == lines
