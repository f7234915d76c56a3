"""What `katas watch` shows, without a terminal."""

import io

from pytest_concurrency._dojo import screen
from pytest_concurrency._dojo.desk import Desk
from pytest_concurrency._dojo.events import Result, Run
from pytest_concurrency._dojo.folder import Folder
from pytest_concurrency._dojo.screen import Screen
from pytest_concurrency._dojo.watch import view
from pytest_concurrency._dojo.watch.view import View
from pytest_concurrency._dojo.words import Words


def shown(home: Folder, run: Run | None, height: int = 24, width: int = 80, **values: object) -> list[str]:
    at = Desk(home, Words(), Screen(io.StringIO()))
    kata = home.kata("boil_water")
    return [text for text, _ in view.lines(at, View(kata, run, **values), height, width)]  # type: ignore[arg-type]  # any field


def test_before_the_first_run_it_waits(home: Folder) -> None:
    assert shown(home, None) == [
        "tea/boil_water: Boil water",
        "",
        "waiting for a change of katas/tea/boil_water/boil_water.py",
        "h hint   n next   r run   l list   q quit",
    ]


def test_a_run_that_says_nothing_for_long_is_spoken_of(home: Folder) -> None:
    run = Run("boil_water", test="test_hot")
    assert shown(home, run)[0] == "boil_water runs"
    assert shown(home, run, silence=4)[0] == "boil_water runs: test_hot, 4 s without news"


def test_a_hang_is_told_while_the_other_tests_still_run(home: Folder) -> None:
    found = (Result("test_cold", 1, "failed", "cold", ""), Result("test_hot", 1, "hung", "main runs for ever", ""))
    assert shown(home, Run("boil_water", found, test="test_all"))[:4] == [
        "main runs for ever",
        "  test_hot",
        "",
        "boil_water runs",
    ]
    assert shown(home, Run("boil_water", found[:1], test="test_all"))[0] == "boil_water runs"


def test_a_long_failure_leaves_room_for_the_tasks(home: Folder) -> None:
    text = "\n".join(f"line {number}" for number in range(100))
    run = Run("boil_water", (Result("test_hot", 1, "failed", "cold", text),), done=True)
    found = shown(home, run)
    assert len(found) <= 23  # the cursor stands in the last line: with one more the first would be gone
    assert found[:2] == ["cold", "  test_hot"]
    assert {"✗ 1. Boil one", "· 2. Boil more", "  …"} <= set(found)


def test_what_a_key_asked_for_stands_above(home: Folder) -> None:
    assert shown(home, Run("boil_water"), extra=("a hint\nof two lines",))[:3] == ["a hint", "of two lines", ""]


def test_what_is_long_fits_a_small_window(home: Folder) -> None:
    text = "replay\n  pytest katas/tea/boil_water/test_boil_water.py::test_hot --race-replay=1-24a8523b\n  " + "壶" * 90
    run = Run("boil_water", (Result("test_hot", 1, "failed", "cold", text),), done=True)
    for height in range(8, 40):
        found = shown(home, run, height, width=50)
        assert len(found) < height
        assert max(map(screen.cells, found)) < 50
    assert "--race-replay=1-24a8523b" in " ".join(found)  # a command can be copied, source is cut
    assert "壶" * 22 in " ".join(found)
    assert "壶" * 23 not in " ".join(found)
