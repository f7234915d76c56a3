"""Whether a name that one line assigns decides that another is gone through."""

import linecache
from pathlib import Path

import pytest

from pytest_concurrency._core.telling.report import Place
from pytest_concurrency._engine.scripts.deciding import decides

BEGIN = "def sell(shop):\n    ok = shop.left > 0\n"


@pytest.mark.parametrize(
    ("rest", "does"),
    [
        ("    if ok:\n        act()\n", True),
        ("    if not ok:\n        pass\n    else:\n        act()\n", True),
        ("    if not ok:\n        return\n    act()\n", True),
        ("    for _ in shop:\n        if not ok:\n            continue\n        act()\n", True),
        ("    if not ok:\n        print()\n    act()\n", False),
        ("    if shop:\n        if not ok:\n            return\n    act()\n", False),
        ("    if ok or shop:\n        act()\n", False),
        ("    ok = True\n    if ok:\n        act()\n", False),
        ("    act()\n", False),
        ("    def inner():\n        if ok:\n            act()\n", False),
    ],
)
def test_which_lines_a_name_decides(tmp_path: Path, rest: str, does: bool) -> None:  # noqa: FBT001
    file = tmp_path / "shop.py"
    file.write_text(BEGIN + rest)
    linecache.checkcache()
    at = (BEGIN + rest).splitlines()
    line = at.index(next(each for each in at if "act()" in each)) + 1
    read, write = Place(str(file), 2, "sell", at[1].strip()), Place(str(file), line, "sell", "act()")
    assert decides("ok", read, write) is does
    assert not decides("ok", read, Place(str(file), line, "sell", "another()"))
