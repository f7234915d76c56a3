"""Each thing that can be wrong with the files of a kata has a line of its own."""

from pathlib import Path

import pytest
from kata_library import Library

from pytest_concurrency._katas import check, mistakes

FOLDER = "katas/tea/boil_water"
WORKED = "reference/tea/boil_water"
MISTAKES = f"{WORKED}/mistakes.toml"


def complaints(library: Library) -> list[str]:
    curriculum = library.read()
    kata = curriculum.kata("boil_water")
    return check.complaints(curriculum, kata, mistakes.read(curriculum, kata))


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
    text = (library.root / MISTAKES).read_text(encoding="utf-8")
    library.write(MISTAKES, text[: text.index("[dry]")])
    assert complaints(library) == [
        f"{WORKED}/approaches must hold at least 1 solution, got 0",
        f"{MISTAKES} must hold at least 3 mistakes, got 2",
    ]


def test_a_wrong_file_that_no_mistake_names(library: Library) -> None:
    library.write(f"{WORKED}/wrong/two.py", "x = 1")
    complaint = f"{WORKED}/wrong/two.py must be the file of a mistake in mistakes.toml, or go"
    assert complaints(library) == [complaint]


def test_the_named_test_exists(library: Library) -> None:
    library.edit(MISTAKES, "test_all_of_it", "test_all")
    assert complaints(library) == [f"{MISTAKES} must name a test of test_boil_water.py, got one.test 'test_all'"]


def test_every_edit_that_does_not_fit_has_a_line(library: Library) -> None:
    library.write(f"{WORKED}/boil_water.py", "def boil(litres):\n    pass")
    library.write(f"{WORKED}/approaches/loop.py", "def boil(litres):\n    pass")
    found = [("cold", "boil_water.py", '["hot"] * litres'), ("dry", "loop.py", '["hot" for _ in range(litres)]')]
    assert complaints(library) == [
        f"{MISTAKES}: {name} must replace what occurs once in {base}, got 0 times '    return {line}'"
        for name, base, line in found
    ]


def test_two_mistakes_that_are_told_with_the_same_words(library: Library) -> None:
    library.edit(MISTAKES, """message = ["the water is ['cold']", "switch the kettle on"]""", 'message = ["is", "the"]')
    library.edit(MISTAKES, 'message = ["the water is []"]', 'message = ["the", "is"]')
    words = "dry.message have words of its own, or say why not with same_words_as"
    assert complaints(library) == [f"{MISTAKES} must let {words}, got those of cold"]
    library.edit(MISTAKES, '"the", "is"]', '"the", "is"]\nsame_words_as = { one = "no" }')
    assert complaints(library) == [f"{MISTAKES} must let {words}, got those of cold"]
    library.edit(MISTAKES, '{ one = "no" }', '{ cold = "a cup without water is not hot either" }')
    assert complaints(library) == []


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
