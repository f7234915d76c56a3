"""A folder with katas: what `init` writes, and what it leaves alone."""

import json
from pathlib import Path

import pytest
from dojo_folder import Katas, write
from kata_library import Library

from pytest_concurrency._dojo import bundle, cli
from pytest_concurrency._dojo.bundle import Plan
from pytest_concurrency._dojo.folder import Folder

STUB = "katas/tea/boil_water/boil_water.py"


def test_a_file_is_the_learners_as_soon_as_it_differs_from_what_was_written() -> None:
    wanted = {"new": "1", "same": "1", "newer": "2", "mine": "2", "mine, and equal": "2", "never written": "2"}
    present = {"same": "1", "newer": "1", "mine": "x", "mine, and equal": "2", "never written": "1"}
    written = {"same": "1", "newer": "1", "mine": "1", "mine, and equal": "1"}
    assert bundle.plan(wanted, present, written) == Plan(("new",), ("newer",), ("mine", "never written"))


def test_the_katas_are_there_and_no_solution(home: Folder, library: Library) -> None:
    found = {path.relative_to(home.root).as_posix() for path in home.root.rglob("*") if path.is_file()}
    assert {STUB, "katas/conftest.py", "katas/katas.toml", "pyproject.toml", ".gitignore"} <= found
    for path in home.root.rglob("*.py"):
        assert path.name not in ("loop.py", "cold.py", "one.py", "dry.py")
    assert (home.root / STUB).read_text() == (library.root / STUB).read_text()


def test_a_second_init_brings_what_is_new_and_touches_nothing(home: Folder, library: Library, katas: Katas) -> None:
    write(home, "mine = 1\n")
    readme = home.katas / "tea/boil_water/README.md"
    library.write("katas/tea/boil_water/README.md", "# Newer")
    library.write(STUB, "newer = 1")
    library.write("katas/tea/news.txt", "news")
    printed = katas("init", str(home.root), "--from", str(library.root))
    assert printed.splitlines()[:2] == [
        f"{home.root}: 1 files new, 1 brought up to date",
        f"not touched, as you have changed them: {STUB}",
    ]
    assert (home.root / STUB).read_text() == "mine = 1\n"
    assert readme.read_text() == "# Newer\n"
    assert (home.katas / "tea/news.txt").is_file()
    printed = katas("init", str(home.root), "--from", str(library.root))
    assert printed.startswith(f"{home.root}: 0 files new, 0 brought up to date")


def test_what_a_learner_made_equal_again_is_brought_up_to_date(home: Folder, library: Library, katas: Katas) -> None:
    original = (home.root / STUB).read_text()
    write(home, "mine = 1\n")
    katas("init", str(home.root), "--from", str(library.root))
    write(home, original)
    library.write(STUB, "newer = 1")
    katas("init", str(home.root), "--from", str(library.root))
    assert (home.root / STUB).read_text() == "newer = 1\n"


def test_a_file_that_lay_there_before_is_kept(
    tmp_path: Path, library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text("# mine")
    assert cli.main(["init", str(tmp_path), "--from", str(library.root)]) == 0
    assert "not touched, as you have changed them: pyproject.toml" in capsys.readouterr().out
    assert (tmp_path / "pyproject.toml").read_text() == "# mine"


def test_the_language_is_remembered(home: Folder, library: Library, katas: Katas) -> None:
    katas("--lang", "zh", "init", str(home.root), "--from", str(library.root))
    assert "1 个练习中已有 0 个变绿" in katas()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["{root}/pyproject.toml"], "FOLDER must be a folder or new, got the file '{root}/pyproject.toml'"),
        (
            ["{root}/x", "--from", "{root}/katas"],
            "--from must be a folder that holds katas/katas.toml, got '{root}/katas'",
        ),
    ],
)
def test_a_wrong_folder_is_named(home: Folder, katas: Katas, arguments: list[str], line: str) -> None:
    arguments = [each.format(root=home.root) for each in arguments]
    assert katas("init", *arguments, status=2) == f"katas: {line.format(root=home.root)}\n"


def test_the_clone_is_no_folder_to_write_to(katas: Katas) -> None:
    clone = bundle.find().katas.parent
    if (clone / "katas").is_dir():
        assert "FOLDER must be another than the clone" in katas("init", str(clone), status=2)


@pytest.mark.slow
def test_the_package_brings_its_own_katas(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["init", str(tmp_path)]) == 0
    assert "not touched" not in capsys.readouterr().out
    assert (tmp_path / "katas/threads/two_spiders/two_spiders.py").is_file()
    assert not list(tmp_path.rglob("wrong"))
    assert not list(tmp_path.rglob("__pycache__"))
    assert not (tmp_path / "katas/FORMAT.md").exists()
    manifest = json.loads((tmp_path / ".katas/manifest.json").read_text())
    assert "katas/threads/two_spiders/two_spiders.py" in manifest
