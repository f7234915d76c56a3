"""Each thing that can be wrong with the files of a kata has a line of its own."""

from pathlib import Path

import pytest
from kata_library import Library

from pytest_concurrency._katas import check

FOLDER = "katas/tea/boil_water"
WORKED = "reference/tea/boil_water"


def complaints(library: Library) -> list[str]:
    curriculum = library.read()
    return check.complaints(curriculum, curriculum.kata("boil_water"))


def test_nothing_to_complain_about(library: Library) -> None:
    library.write(f"{FOLDER}/__pycache__/boil_water.pyc", "x")
    assert complaints(library) == []
    assert check.unlisted_katas(library.read()) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        (
            "README.md",
            "## Traps",
            "## Tricks",
            "must have a section '## Traps' with something in it",
        ),
        (
            "README.md",
            "2. **Boil more.**",
            "3. **Boil more.**",
            "must number its tasks from 1, each with a bold title, got [1, 3]",
        ),
        (
            "hints.md",
            "### The tool\nA kettle.",
            "### The tool",
            "must have '### The tool' with something in it under '## Task 1'",
        ),
        (
            "hints.md",
            "### The tool\nA loop.",
            "",
            "must have '### The tool' with something in it under '## Task 2'",
        ),
        (
            "hints.md",
            "# Hints",
            "# Hints\n## Task 3",
            "must have no heading but '## Task n' for a task of the README, got 'Task 3'",
        ),
        (
            "test_boil_water.py",
            "@pytest.mark.task(1)",
            "@pytest.mark.task(4)",
            "must mark test_hot with one task of the README, got [4]",
        ),
        (
            "test_boil_water.py",
            "@pytest.mark.task(1)",
            "",
            "must mark test_hot with one task of the README, got []",
        ),
        (
            "test_boil_water.py",
            "@pytest.mark.task(1)",
            "@pytest.mark.task(2)",
            "must hold a test for task 1",
        ),
        (
            "kata.toml",
            "extras = []",
            "extras = []\nfiles = ['cup.py']",
            "must exist, as kata.toml*",
        ),
    ],
)
def test_a_complaint(library: Library, file: str, old: str, new: str, complaint: str) -> None:
    library.edit(f"{FOLDER}/{file}", old, new)
    place = f"{FOLDER}/cup.py" if file == "kata.toml" else f"{FOLDER}/{file}"
    assert any(line.startswith(f"{place} {complaint}".rstrip("*")) for line in complaints(library))


@pytest.mark.parametrize("file", ["hints.md", "README.md", "boil_water.py", "test_boil_water.py"])
@pytest.mark.parametrize("is_gone", [True, False])
def test_absent_or_empty(library: Library, file: str, is_gone: bool) -> None:  # noqa: FBT001 - a parameter
    path = library.root / FOLDER / file
    path.unlink() if is_gone else path.write_text("\n", encoding="utf-8")
    assert f"{FOLDER}/{file} must exist and hold something" in complaints(library)


def test_unlisted_files(library: Library) -> None:
    library.write(f"{FOLDER}/cup.py", "x = 1")
    library.write(f"{FOLDER}/leaves/green.txt", "x")
    library.write(f"{WORKED}/notes.txt", "x")
    assert complaints(library) == [
        f"{name} must be listed in kata.toml under files, or go"
        for name in (f"{FOLDER}/cup.py", f"{FOLDER}/leaves/green.txt", f"{WORKED}/notes.txt")
    ]
    library.edit(f"{FOLDER}/kata.toml", "extras", "files = ['cup.py', 'leaves/']\nextras")
    (library.root / WORKED / "notes.txt").unlink()
    assert complaints(library) == []


def test_too_few_solutions(library: Library) -> None:
    (library.root / WORKED / "approaches/loop.py").unlink()
    (library.root / WORKED / "wrong/one.py").unlink()
    library.edit(f"{WORKED}/wrong/expected.toml", "[one]", "[dry2]")
    library.write(f"{WORKED}/wrong/dry2.py", "x")
    (library.root / WORKED / "wrong/cold.py").unlink()
    with pytest.raises(ValueError, match=r"must be named like a .py file beside it, got 'cold'"):
        complaints(library)
    library.edit(f"{WORKED}/wrong/expected.toml", "[cold]", "#")
    text = (library.root / WORKED / "wrong/expected.toml").read_text(encoding="utf-8")
    library.write(f"{WORKED}/wrong/expected.toml", text[text.index("[dry2]") :])
    assert complaints(library) == [
        f"{WORKED}/approaches must hold at least 1 solutions, got 0",
        f"{WORKED}/wrong must hold at least 3 solutions, got 2",
    ]


def test_the_named_test_exists(library: Library) -> None:
    library.edit(f"{WORKED}/wrong/expected.toml", "test_all_of_it", "test_all")
    path = f"{WORKED}/wrong/expected.toml"
    assert complaints(library) == [f"{path} must name a test of test_boil_water.py, got 'test_all'"]


def test_a_name_of_the_standard_library(library: Library) -> None:
    library.write(f"{FOLDER}/queue.py", "x = 1")
    library.edit(f"{FOLDER}/kata.toml", "extras", "files = ['queue.py']\nextras")
    message = "must differ in name from a module of the standard library"
    assert complaints(library) == [f"{FOLDER}/queue.py {message}"]


def test_unlisted_katas(library: Library) -> None:
    library.write("katas/tea/brew/kata.toml", "x")
    library.write("reference/milk/boil_water/boil_water.py", "x")
    library.write("reference/milk/__pycache__/x.pyc", "x")
    assert check.unlisted_katas(library.read()) == [
        "katas/tea/brew must be listed in katas.toml, or go",
        "reference/milk/boil_water must be listed in katas.toml, or go",
    ]


def test_marks_of_methods_count_too(tmp_path: Path) -> None:
    file = tmp_path / "test_x.py"
    file.write_text(
        "class TestA:\n"
        "    @pytest.mark.task(1)\n"
        "    @pytest.mark.task('2')\n"
        "    @other(3)\n"
        "    @plain\n"
        "    async def test_b(self): pass\n"
        "def helper(): pass\n",
        encoding="utf-8",
    )
    assert check.test_functions(file) == {"test_b": [1]}
