"""What is printed: with colours on a terminal by `rich`, plain anywhere else."""

from __future__ import annotations

import importlib.util
import sys
import unicodedata
from typing import TYPE_CHECKING, TextIO

from pytest_concurrency._dojo.states import State

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 80
MARKS = {
    State.NOT_BEGUN: "·",
    State.BEGUN: "◐",
    State.RED: "✗",
    State.AMBER: "▲",
    State.GREEN: "✓",
    State.HUNG: "⧗",
}
PLAIN_MARKS = dict(zip(State, ".ox!+#", strict=True))
STYLES = {
    State.NOT_BEGUN: "dim",
    State.BEGUN: "cyan",
    State.RED: "red",
    State.AMBER: "yellow",
    State.GREEN: "green",
    State.HUNG: "magenta",
}


class Screen:
    """Prints lines, tables and texts without any decoration.

    Args:
        output: where to.
    """

    is_rich = False

    def __init__(self, output: TextIO) -> None:
        """Print nothing yet."""
        self.output = output

    def line(self, text: str = "", style: str = "") -> None:
        """Print one paragraph."""
        del style
        self.output.write(self._writable(text) + "\n")

    def text(self, text: str, kind: str) -> None:
        """Print a text as it stands; `kind` is `markdown` or `python`."""
        del kind
        self.line(text.rstrip())

    def rows(self, rows: Sequence[Sequence[str]], styles: Sequence[str] = ()) -> None:
        """Print rows in columns that stand below each other, each row in its style."""
        widths = [max(cells(row[column]) for row in rows if column < len(row)) for column in range(longest(rows))]
        for number, row in enumerate(rows):
            padded = (text + " " * (width - cells(text)) for text, width in zip(row, widths, strict=False))
            self.line("  ".join(padded).rstrip(), styles[number] if styles else "")

    def mark(self, state: State) -> str:
        """Return the sign of a state, of a shape of its own; in ASCII where nothing else can be written."""
        mark = MARKS[state]
        return mark if self._writable(mark) == mark else PLAIN_MARKS[state]

    def _writable(self, text: str) -> str:
        encoding = getattr(self.output, "encoding", None) or "utf-8"
        return text.encode(encoding, "replace").decode(encoding)


class RichScreen(Screen):
    """Prints the same with colours."""

    is_rich = True

    def __init__(self, output: TextIO, width: int | None = None) -> None:
        """Find out how wide the terminal is."""
        super().__init__(output)
        from rich.console import Console

        self.console = Console(file=output, highlight=False, markup=False, emoji=False, width=width)

    def line(self, text: str = "", style: str = "") -> None:
        """Print one paragraph in a style of rich's."""
        self.console.print(self._writable(text), style=style or None, soft_wrap=True)

    def text(self, text: str, kind: str) -> None:
        """Print Markdown set, or Python coloured."""
        from rich.markdown import Markdown
        from rich.syntax import Syntax

        # In the terminal's own colours: others could not be read where the background is light.
        set_text = Markdown(text) if kind == "markdown" else Syntax(text, "python", theme="ansi_dark")
        self.console.print(set_text, width=min(self.console.width, 100))


def cells(text: str) -> int:
    """Return how many columns of a terminal a text takes: two for each Chinese character."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def longest(rows: Sequence[Sequence[str]]) -> int:
    """Return the number of columns."""
    return max((len(row) for row in rows), default=0)


def make(output: TextIO | None = None) -> Screen:
    """Return the screen that fits where the output goes."""
    output = output or sys.stdout
    is_rich = output.isatty() and importlib.util.find_spec("rich") is not None
    return RichScreen(output) if is_rich else Screen(output)


def bar(done: int, of: int, width: int = 12) -> str:
    """Draw how much is done."""
    filled = done * width // of if of else 0
    return "#" * filled + "." * (width - filled)


def difficulty(level: int) -> str:
    """Draw a difficulty from 1 to 5."""
    return "*" * level


def cut(text: str, width: int) -> str:
    """Cut a text after so many columns."""
    while cells(text) > width:
        text = text[: len(text) - max(1, (cells(text) - width) // 2)]
    return text


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines of at most so many columns, at spaces where there are any."""
    lines, rest = [], text
    while cells(rest) > width:
        end = max(at for at in range(1, len(rest) + 1) if cells(rest[:at]) <= width)
        space = rest.rfind(" ", 1, end + 1)
        cut = space if rest[:space].strip() and space > 0 else end
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*lines, rest]
