"""Pages for developers: what they name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted(ROOT.glob("docs/adding/*.md"))
NAMED = re.compile(r"^- `([^`]+)`", re.MULTILINE)


def test_there_is_a_page_for_each_usual_addition() -> None:
    assert [page.stem for page in PAGES] == ["a-kata", "a-kind", "a-primitive", "a-strategy", "an-oracle"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_names_files_that_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = NAMED.findall(text.partition("Files:")[2])
    assert named, "the page ends in its list of files"
    assert [name for name in named if not (ROOT / name).is_file()] == []
    assert len(text.splitlines()) <= 40, "half a page"


def test_the_architecture_names_files_that_are_there() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = re.findall(r"`(_[a-z]+/[a-z_/]+\.py)`", text)
    assert len(named) > 15
    assert [name for name in named if not (ROOT / "pytest_concurrency" / name).is_file()] == []


def test_the_architecture_has_a_row_for_each_room() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = {folder.parent.name for folder in ROOT.glob("pytest_concurrency/_*/__init__.py")}
    assert {room for room in rooms if f"{room}/" not in text} == set()
