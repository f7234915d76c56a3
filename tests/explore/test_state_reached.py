"""State is looked for in whatever watched module the scenario can reach, and in no other."""

import functools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

from pytest_concurrency._explore.state import State
from pytest_concurrency._sight.watching import Watch

SHOP = """
    made = None

    class Shop:
        pass

    def open_once():
        global made
        made = Shop()
"""
WAYS = {
    "a name": "from room.shop import open_once as scenario",
    "a module": "import room.shop\ndef scenario(): room.shop.open_once()",
    "an import inside": "def scenario():\n    from .shop import open_once\n    open_once()",
    "a string": "import importlib\ndef scenario(): importlib.import_module('room.shop').open_once()",
    "another module": "from room import street\ndef scenario(): street.walk()",
    "a partial function": "import functools, room.shop\nscenario = functools.partial(room.shop.open_once)",
    "an object of the library": "import types, room.shop\ntown = types.SimpleNamespace(open=room.shop.open_once)\n"
    "def scenario(): town.open()",
}


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Make a package with a shop, a street to it, a house apart, and a module `start` with the given text."""

    def make(text: str) -> ModuleType:
        files = {"__init__": "", "shop": SHOP, "street": "from .shop import open_once as walk", "start": text}
        files.update(house="door = 'shut'", conftest="lamp = 'off'")
        (tmp_path / "room").mkdir()
        for name, lines in files.items():
            (tmp_path / "room" / f"{name}.py").write_text(dedent(lines), encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        for name in files:
            __import__(f"room.{name}")
        return sys.modules["room.start"]

    yield make
    for name in [name for name in sys.modules if name.partition(".")[0] == "room"]:
        del sys.modules[name]


@pytest.mark.parametrize("text", WAYS.values(), ids=WAYS)
def test_a_module_that_it_can_reach_is_looked_at(room: Callable[[str], ModuleType], tmp_path: Path, text: str) -> None:
    scenario = room(text).scenario
    state = State(Watch([tmp_path]), scenario)
    scenario()
    assert state.changed() == ["room.shop.made"]
    state.give_back()
    assert sys.modules["room.shop"].made is None


def test_what_it_cannot_reach_costs_nothing_and_is_left_alone(
    room: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    state = State(Watch([tmp_path]), room(WAYS["a name"]).scenario)
    vars(sys.modules["room.house"])["door"] = "open"
    assert state.changed() == []
    state.give_back()
    assert sys.modules["room.house"].door == "open"


def test_where_fixtures_are_made_is_always_looked_at(room: Callable[[str], ModuleType], tmp_path: Path) -> None:
    state = State(Watch([tmp_path]), room(WAYS["a name"]).scenario)
    vars(sys.modules["room.conftest"])["lamp"] = "on"
    assert state.changed() == ["room.conftest.lamp"]


def test_somebody_elses_function_may_be_about_anything(room: Callable[[str], ModuleType], tmp_path: Path) -> None:
    room(WAYS["a name"])
    state = State(Watch([tmp_path]), functools.partial(print, "anything"))
    vars(sys.modules["room.house"])["door"] = "open"
    assert state.changed() == ["room.house.door"]


def test_a_module_whose_source_is_gone_may_name_any(room: Callable[[str], ModuleType], tmp_path: Path) -> None:
    scenario = room(WAYS["a name"]).scenario
    (tmp_path / "room" / "shop.py").unlink()
    state = State(Watch([tmp_path]), scenario)
    vars(sys.modules["room.house"])["door"] = "open"
    assert state.changed() == ["room.house.door"]
