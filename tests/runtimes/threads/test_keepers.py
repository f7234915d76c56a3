"""Where code is loaded that may keep what nobody sees for a thread, none serves a second task."""

import ctypes
import importlib
import sys
import threading
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from types import ModuleType
from typing import Any

import pytest
from controlled import TESTS

from pytest_concurrency import explore
from pytest_concurrency._runtimes.threads.serving.keepers import Keepers
from pytest_concurrency._sight.watching import Watch


@pytest.fixture
def loaded() -> dict[str, ModuleType]:
    """Return what the interpreter brings along: an extension module, too."""
    return {"array": importlib.import_module("array"), "ctypes": importlib.import_module("ctypes")}


@pytest.fixture
def keepers(loaded: dict[str, ModuleType]) -> Keepers:
    return Keepers(Watch([TESTS]), loaded)


def module(name: str, file: str, **has: Any) -> ModuleType:
    made = ModuleType(name)
    made.__dict__.update(has, __file__=file)
    return made


def test_there_are_none_at_first(keepers: Keepers, loaded: dict[str, ModuleType]) -> None:
    loaded["user"] = module("user", f"{TESTS}/user.py", number=1, kind=dict, ask=len, other=sys)
    assert not keepers.are_there()


def test_an_extension_module_is_one_from_when_it_is_loaded(keepers: Keepers, loaded: dict[str, ModuleType]) -> None:
    assert not keepers.are_there()
    loaded["swift"] = module(
        "swift", "swift.so", __spec__=ModuleSpec("swift", ExtensionFileLoader("swift", "swift.so"))
    )
    assert keepers.are_there()
    loaded.pop("swift")
    assert keepers.are_there()  # it has been used


@pytest.mark.parametrize("name", ["ctypes", "ctypes.CDLL", "ctypes.pythonapi", "resource", "resource.getrusage"])
def test_so_is_what_watched_code_has_of_ctypes_and_of_resource(
    keepers: Keepers, loaded: dict[str, ModuleType], name: str
) -> None:
    owner, _, attribute = name.partition(".")
    value: Any = pytest.importorskip(owner)
    if attribute:
        value = getattr(value, attribute)
    loaded["other"] = module("other", "/other.py", used=value)  # which nobody watches
    assert not keepers.are_there()
    loaded["user"] = module("user", f"{TESTS}/user.py", used=value)
    assert keepers.are_there()


def test_what_is_sent_to_a_thread_that_has_ended_reaches_nobody() -> None:
    def scenario() -> list[int]:
        reached = []
        for _ in range(2):
            thread = threading.Thread(target=int)
            thread.start()
            thread.join()
            ident = ctypes.c_ulong(thread.ident or 0)
            reached.append(ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(KeyError)))
        return reached

    assert list(explore(scenario, strategy="random", schedules=10, seconds=60).outcomes) == ["[0, 0]"]
