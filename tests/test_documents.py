"""Pages for developers: what they name is there."""

import re
from pathlib import Path

import pytest

from pytest_concurrency._engine import ending
from pytest_concurrency._explore import doubts, investigation, running
from pytest_concurrency._oracles import deadlocks, races

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


def test_the_budgets_are_those_of_the_code() -> None:
    text = " ".join((ROOT / "docs/reference/settings.md").read_text(encoding="utf-8").split())
    spent, within = investigation.SHRINK_SECONDS, investigation.SHRINK_WITHIN
    assert f"made smaller (for {spent:g} s of the processor, {within:g} s by the clock at most)" in text
    assert f"within {investigation.INVESTIGATE_SECONDS:g} s together" in text
    assert f"the last run gets {running.FURTHER_SECONDS:g} s however" in text
    assert f"everything ({doubts.SECONDS:g} s and {doubts.RUNS} schedules at most" in text
    assert f"what is left of `seconds`, {running.FURTHER_SECONDS:g} s at least" in text
    assert f"deadlocks that are predicted ({deadlocks.SECONDS:g} s)" in text
    assert f"two searches of {races.SECONDS:g} s" in text
    assert f"left behind after {ending.UNWOUND_WITHIN:g} s where it waits" in text
    assert f"after {ending.ENDED_WITHIN:g} s where it computes" in text
