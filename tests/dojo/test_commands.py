"""What the commands print, and what they remember. No run of pytest here."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from dojo_folder import SOLVED, Katas, write
from kata_library import Library

from pytest_concurrency._dojo import cli, progress
from pytest_concurrency._dojo.folder import Folder
from pytest_concurrency._dojo.progress import Entry
from pytest_concurrency._dojo.states import State

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def know(home: Folder, **values: object) -> None:
    """Note down what was done about the kata."""
    home.update("boil_water", lambda entry: replace(entry, **values))  # type: ignore[arg-type]  # any field


def test_where_one_is(home: Folder, katas: Katas) -> None:
    assert katas().splitlines() == [
        "0 of 1 katas are green",
        "tea  ............  0/1",
        "· tea/boil_water: Boil water (not begun)",
        "  read katas/tea/boil_water/README.md",
        "  write katas/tea/boil_water/boil_water.py",
        "  `katas watch` runs its tests whenever you save it",
    ]
    write(home, SOLVED)
    know(home, state=State.RED, at=NOON, task=2)
    assert katas().splitlines()[2:4] == ["✗ tea/boil_water: Boil water (red)", "  task 2: Boil more"]
    know(home, state=State.GREEN, green=NOON)
    assert katas().splitlines() == [
        "1 of 1 katas are green",
        "tea  ############  1/1",
        "All are done. `katas mistakes KATA` shows what others got wrong.",
    ]


def test_an_untouched_file_is_not_begun_whatever_its_tests_say(home: Folder, katas: Katas) -> None:
    know(home, state=State.RED, at=NOON)
    assert "not begun" in katas("list")
    write(home, "mine = 1")
    assert "red" in katas("list")
    know(home, state=State.NOT_BEGUN)
    assert "◐ boil_water  begun" in katas("list")


def test_the_list_fits_eighty_columns(katas: Katas) -> None:
    printed = katas("list")
    assert printed.splitlines() == ["tea — Tea: boiling, brewing", "· boil_water  not begun    5 min  *", ""]
    assert katas("list", "tea") == printed
    assert katas("list", "coffee", status=2) == "katas: TRACK must be one of tea, got 'coffee'\n"


def test_a_track_whose_packages_are_missing_names_the_command(
    home: Folder, katas: Katas, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = home.katas / "tea/boil_water/kata.toml"
    file.write_text(file.read_text().replace("extras = []", 'extras = ["gevent"]'))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    line = "needs gevent: pip install 'pytest-concurrency-katas[katas]'"
    assert f"tea {line}" in katas("list")
    assert katas("run", status=2) == f"katas: boil_water {line}\n"
    assert katas("watch", status=2) == (
        "katas: katas watch needs watchfiles: pip install 'pytest-concurrency-katas[dojo]'\n"
    )


def test_what_comes_next(home: Folder, katas: Katas) -> None:
    assert katas("next").splitlines()[0] == "· tea/boil_water: Boil water (not begun)"
    assert "5 minutes, difficulty 1 of 5" in katas("next")
    write(home, SOLVED)
    know(home, state=State.RED, at=NOON)
    assert katas("next").startswith("tea/boil_water is not green yet\n")


def test_the_path_of_a_file(home: Folder, katas: Katas, monkeypatch: pytest.MonkeyPatch) -> None:
    file = home.katas / "tea/boil_water/boil_water.py"
    for name in ("boil_water", "boil", "tea/boil_water", "katas/tea/boil_water/", "test_boil_water.py"):
        assert katas("open", name) == f"{file}\n"
    assert katas("open", "coffee", status=2) == (
        "katas: KATA must be the name of one kata, got 'coffee': boil_water, … (`katas list` shows all)\n"
    )
    assert "EDITOR must be set to open a file, got ''" in katas("open", "-e", status=2)
    monkeypatch.setenv("EDITOR", "test -f")
    katas("open", "-e")


def test_hints_come_one_at_a_time_and_are_remembered(home: Folder, katas: Katas) -> None:
    assert katas("hint").splitlines() == ["**boil_water, task 1: Boil one**", "*A nudge*", "", "Heat."]
    assert "A kettle." in katas("hint")
    assert "Switch it on." in katas("hint", "boil_water")
    assert "You have read all 3 hints" in katas("hint")
    assert "Heat." in katas("hint", "--all")
    assert home.progress()["boil_water"].hints == {"1": 3}
    know(home, task=2)
    assert "Count." in katas("hint")
    assert "Heat." not in katas("hint", "--task", "1")
    assert katas("hint", "--task", "7", status=2) == "katas: --task must be one of 1, 2, got 7\n"


def test_hints_are_there_after_success_too(home: Folder, katas: Katas) -> None:
    write(home, SOLVED)
    know(home, state=State.GREEN, green=NOON)
    assert "Heat." in katas("hint", "boil_water")
    assert katas("hint", status=2) == "katas: all katas are green; name the one you mean\n"


def test_the_solution_waits_for_green(home: Folder, katas: Katas) -> None:
    refused = "katas: boil_water must be green first; `katas solution boil_water --anyway` shows it all the same\n"
    assert katas("solution", "boil_water", status=2) == refused
    solution = 'def boil(litres):\n    return ["hot"] * litres\nOther right ways, with --approach: loop\n'
    assert katas("solution", "boil_water", "--anyway") == solution
    know(home, state=State.RED, green=NOON)  # it was green once
    assert katas("solution", "boil_water") == solution
    assert "for _ in range" in katas("solution", "boil_water", "--approach", "loop")
    assert "--approach must be one of loop, got 'x'" in katas("solution", "boil_water", "--approach", "x", status=2)


def test_reset_keeps_the_old_file(home: Folder, library: Library, katas: Katas) -> None:
    stub = home.katas / "tea/boil_water/boil_water.py"
    for number in (1, 2):
        write(home, f"mine = {number}")
        assert katas("reset", "boil_water").splitlines() == [
            f"your file is now katas/tea/boil_water/boil_water.py.{number}",
            "katas/tea/boil_water/boil_water.py is as it was at first",
        ]
        assert stub.with_name(f"boil_water.py.{number}").read_text() == f"mine = {number}"
    assert stub.read_text() == (library.root / "katas/tea/boil_water/boil_water.py").read_text()


def test_in_a_clone_git_resets(library: Library, katas: Katas, monkeypatch: pytest.MonkeyPatch) -> None:
    (library.root / ".katas").mkdir()
    (library.root / ".katas/source").write_text(str(library.root))
    monkeypatch.chdir(library.root)
    assert katas("reset", "boil_water", status=2) == (
        "katas: here the katas are the project's own: git restore katas/tea/boil_water/boil_water.py\n"
    )


def test_progress_is_summed_up_and_joined(home: Folder, katas: Katas) -> None:
    write(home, SOLVED)
    know(home, state=State.GREEN, at=NOON, green=NOON, runs={"a1": 2}, hints={"1": 3}, mistakes={"cold": "wrong"})
    assert katas("progress").splitlines() == [
        "track  not begun  begun  red  amber  green  hung",
        "tea    -          -      -    -      1      -",
        "2 runs, 3 hints read, 0 of 1 mistakes told",
    ]
    other = {"boil_water": Entry(State.RED, NOON, 1, None, {"b2": 5}, {}, {"cold": "right"})}
    (home.root / "other.toml").write_text(progress.write(other))
    assert katas("progress", "--merge", "other.toml").splitlines()[0] == "other.toml is joined: 1 katas"
    assert katas("progress").splitlines()[-1] == "7 runs, 3 hints read, 1 of 1 mistakes told"
    assert katas("progress", "--merge", "x.toml", status=2) == (
        "katas: --merge must be an existing file, got 'x.toml'\n"
    )


def test_elsewhere_there_are_no_katas(katas: Katas, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        line = "katas: no katas lie here or above; `katas init my-katas` makes a folder with them\n"
        assert katas(status=2) == line


def test_a_language_is_chosen_and_remembered(katas: Katas) -> None:
    assert "未开始" in katas("--lang", "zh", "list")
    assert "未开始" in katas("list")
    assert "not begun" in katas("--lang", "en", "list")


def test_help_speaks_the_language_too(
    home: Folder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def helped(*arguments: str) -> str:
        with pytest.raises(SystemExit):
            cli.main([*arguments, "--help"])
        return capsys.readouterr().out

    assert "run the tests of a kata" in helped()
    assert "运行一个练习的测试" in helped("--lang", "zh")
    assert "运行一个练习的测试" in helped("--lang=zh")
    home.remember("lang", "zh")
    assert "多少秒没有动静算卡住" in helped("run")
    monkeypatch.setenv("KATAS_LANG", "en")
    assert "run the tests of a kata" in helped()
    monkeypatch.setenv("KATAS_LANG", "xx")  # refused where it is used
    assert "运行一个练习的测试" in helped()
