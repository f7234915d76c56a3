"""The matrix as a table, its holes, and its command."""

import subprocess
import sys
from pathlib import Path

import pytest
from kata_library import Library

from pytest_concurrency._katas import matrix, trials
from pytest_concurrency._katas.index import Kata
from pytest_concurrency._katas.trials import Outcome, Trial

TABLE = """\
| kata | stub | reference | approaches that pass | wrong solutions that are told |
|---|---|---|---|---|
| `boil_water` | not started | passes | 1 of 1 | 3 of 3 |
"""
GOOD = {
    "stub": Outcome("test_hot", "not started", "boil_water: task 1 not started — open"),
    "reference": Outcome("test_hot", "passed"),
    "approaches": Outcome("test_hot", "passed"),
    "cold": Outcome("test_hot", "failed", "the water is ['cold']: switch the kettle on"),
    "one": Outcome("test_all_of_it", "failed", "asked for 3, got 1"),
    "dry": Outcome("test_hot", "failed", "the water is []"),
}


class Runs:
    """Trials that were never run: what became of each is written down beforehand."""

    def __init__(self) -> None:
        self.outcomes = dict(GOOD)
        self.only = dict[str, str]()

    def run(self, kata: Kata, group: str, file: Path, *, only: str = "", shared: object = None) -> Trial:
        assert kata.name == "boil_water"
        assert shared
        self.only[file.stem if group == "wrong" else group] = only
        outcome = self.outcomes[file.stem if group == "wrong" else group]
        return Trial(group, file.stem, (outcome,), seconds=len(file.stem) / 10)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    made = Runs()
    monkeypatch.setattr(trials, "run", made.run)
    return made


def command(library: Library, *more: str) -> int:
    return matrix.main([str(library.root / "katas"), str(library.root / "reference"), *more])


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("more", [(), ("-j", "2"), ("tea",), ("tea/boil_water",), ("katas/tea/",)])
def test_without_a_hole(library: Library, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]) -> None:
    assert command(library, *more) == 0
    sums = "katas: 1, approaches: 1, wrong solutions: 3, holes: 0, slowest: boil_water 1.0 s"
    assert capsys.readouterr().out == f"Tea: boiling, brewing\n\n{TABLE}\n{sums}\n"


def test_a_wrong_solution_meets_only_the_test_that_is_to_tell_it(library: Library, runs: Runs) -> None:
    assert command(library) == 0
    assert set(runs.only.values()) == {""}
    assert command(library, "--named") == 0
    named = {name: GOOD[name].test for name in ("cold", "one", "dry")}
    assert runs.only == {**dict.fromkeys(("stub", "reference", "approaches"), ""), **named}


def test_with_holes(library: Library, capsys: pytest.CaptureFixture[str], runs: Runs) -> None:
    for name in ("stub", "reference", "approaches", "one"):
        runs.outcomes[name] = Outcome("test_all_of_it", "failed", "no")
    assert command(library) == 1
    out, unwritten = (
        capsys.readouterr().out,
        "test_all_of_it must meet NotImplementedError, got failed: no",
    )
    assert "| `boil_water` | **hole** | **hole** | 0 of 1 | 2 of 3 |" in out
    assert [line for line in out.splitlines() if line.startswith("hole: ")] == [
        f"hole: tea/boil_water stub boil_water: {unwritten}",
        "hole: tea/boil_water reference boil_water: test_all_of_it must pass, got failed: no",
        "hole: tea/boil_water approaches loop: test_all_of_it must pass, got failed: no",
        "hole: tea/boil_water wrong one: test_all_of_it must say ['asked for 3, got 1'], got: no",
    ]


def test_a_kata_of_kind_fix(library: Library, capsys: pytest.CaptureFixture[str], runs: Runs) -> None:
    library.edit("katas/tea/boil_water/kata.toml", '"write"', '"fix"')
    runs.outcomes["stub"] = Outcome("test_hot", "failed", "AssertionError: cold")
    assert command(library) == 0
    assert "| `boil_water` | fails | passes |" in capsys.readouterr().out


@pytest.mark.usefixtures("runs")
def test_complaints_are_holes(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    (library.root / "katas/tea/boil_water/hints.md").unlink()
    assert command(library) == 1
    out = capsys.readouterr().out
    assert "hole: katas/tea/boil_water/hints.md must exist and hold something\n" in out
    assert "| `boil_water` | **hole** | **hole** | 0 of 0 | 0 of 0 |" in out


@pytest.mark.usefixtures("runs")
def test_a_bad_mistakes_toml_is_a_hole(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    library.edit("reference/tea/boil_water/mistakes.toml", "[one]", "[two]")
    assert command(library) == 1
    line = "hole: reference/tea/boil_water/mistakes.toml: two.file must be 'wrong/two.py', got 'wrong/one.py'\n"
    assert line in capsys.readouterr().out


@pytest.mark.usefixtures("runs")
def test_an_unlisted_kata_is_a_hole_of_the_whole(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    library.write("katas/tea/brew/kata.toml", "x")
    assert command(library, "boil_water") == 0
    assert command(library) == 1
    assert "hole: katas/tea/brew must be listed in katas.toml, or go\n" in capsys.readouterr().out


@pytest.mark.usefixtures("runs")
def test_the_table_is_written_into_the_readme(library: Library) -> None:
    assert command(library, "--write") == 0
    page = (library.root / "katas/tea/README.md").read_text(encoding="utf-8")
    begin, end = "<!-- kill matrix: how to make it -->\n", "<!-- end of kill matrix -->\n"
    assert page == f"# Tea\n{begin}{TABLE}{end}"


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("coffee",), "what to try must be a track (tea) or a kata, got 'coffee'"),
        (("--write",), "tea/README.md must hold '<!-- kill matrix … -->' and its end, got neither"),
    ],
)
def test_bad_input(library: Library, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], message: str) -> None:
    library.write("katas/tea/README.md", "# Tea")
    assert command(library, *more) == 2
    assert capsys.readouterr().err == f"{message}\n"


@pytest.mark.usefixtures("runs")
def test_only_the_tracks_that_are_asked_for(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    text = (library.root / "katas/katas.toml").read_text(encoding="utf-8")
    library.write("katas/katas.toml", f'[[track]]\nname = "milk"\ntitle = "Milk"\nkatas = []\n{text}')
    assert command(library, "tea") == 0
    assert "Milk" not in capsys.readouterr().out


@pytest.mark.soak
def test_the_module_is_a_command(library: Library) -> None:
    module = [sys.executable, "-m", "pytest_concurrency._katas.matrix"]
    folders = [str(library.root / "katas"), str(library.root / "reference")]
    ended = subprocess.run([*module, *folders, "coffee"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("what to try must be a track (tea) or a kata, got 'coffee'")


def test_sums_of_nothing() -> None:
    assert matrix.totals([]) == "katas: 0, approaches: 0, wrong solutions: 0, holes: 0"
