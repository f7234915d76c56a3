"""Pages that show code and what it prints: their blocks, and what is said of each in the comment above it.

- `<!-- tests/examples/NAME.py -->`: the block is that file.
- `<!-- tests/examples/NAME.py, mended -->`: functions and classes that take the place of the file's own.
- `<!-- printed: tests/examples/NAME.py as test_name.py -->`: what a session of that file prints, from above to below;
  a line `…` stands for any, and the first line is the command. With `, mended` behind it: of the mended file.
  Without `as`: a script.
- `<!-- seen by tests/NAME.py -->`: that test looks at the block.
- `<!-- measured -->`: the command above it takes too long for a test.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parent.parent
BLOCK = re.compile(r"(?:^<!-- ([^\n]*) -->\n)?^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"(printed: )?(tests/examples/\w+\.py)(?: as (\w+\.py))?(, mended)?")
SEEN = re.compile(r"seen by (tests/[\w/]+\.py)")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page.

    Attributes:
        page: Its page, from the project's folder.
        language: What stands beside the fence.
        text: What is in it.
        note: What the comment above it says.
    """

    page: str
    language: str
    text: str
    note: str

    @property
    def is_printed(self) -> bool:
        return self.note.startswith("printed: ")

    @property
    def is_mended(self) -> bool:
        return self.note.endswith(", mended")

    @property
    def example(self) -> str:
        """The path of the file that it shows, or that prints it; "" if it is of none."""
        found = EXAMPLE.fullmatch(self.note)
        return found[2] if found else ""

    @property
    def name(self) -> str:
        """What the file is called where it runs; "" for a script."""
        found = EXAMPLE.fullmatch(self.note)
        return (found and found[3]) or ""

    @property
    def session(self) -> tuple[str, ...]:
        """What runs, and with which arguments: equal for blocks that show parts of one session."""
        if not self.name:
            return (self.note,)
        first = self.text.partition("\n")[0]
        assert first.startswith(f"$ pytest {self.name}"), f"{self.page}: {first!r} is no command"
        return (self.note, *first.split()[2:])

    @property
    def seen_by(self) -> str:
        found = SEEN.fullmatch(self.note)
        return found[1] if found else ""


def pages() -> list[Path]:
    """The README and every page of the site."""
    site = PROJECT / "docs"
    left_out = (site / "changes", site / "adding")
    return [PROJECT / "README.md", *sorted(each for each in site.rglob("*.md") if each.parent not in left_out)]


def blocks() -> list[Block]:
    found = []
    for page in pages():
        for note, language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
            found.append(Block(page.relative_to(PROJECT).as_posix(), language, text, note))
    return found


def source(block: Block) -> str:
    """Return the program that a block of a page is about: a file, or the file as its page mends it."""
    text = (PROJECT / block.example).read_text(encoding="utf-8")
    if not block.is_mended:
        return text
    for each in blocks():
        if each.page == block.page and each.example == block.example and each.is_mended and not each.is_printed:
            text = mended(text, each.text)
    return text


def mended(text: str, part: str) -> str:
    """Put what a part imports on top of a program, and its functions and classes in the place of those so named."""
    lines, old = text.splitlines(), {getattr(node, "name", ""): node for node in ast.parse(text).body}
    new, imports = part.splitlines(), []
    for node in reversed(ast.parse(part).body):
        own = new[_first(node) - 1 : node.end_lineno]
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            imports += own
        else:
            there = old[getattr(node, "name", "")]
            lines[_first(there) - 1 : there.end_lineno] = own
            old = {getattr(each, "name", ""): each for each in ast.parse("\n".join(lines)).body}
    return "\n".join([*imports, *lines]) + "\n"


def _first(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])
