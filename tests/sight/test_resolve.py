"""Which object an expression means, found without running any code of the user's."""

import ast
import linecache
import types
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pytest_concurrency._sight.resolve import (
    UNKNOWN,
    class_attribute,
    instance_dict,
    mangle,
    plain_attribute,
    resolver,
)
from pytest_concurrency._sight.source_index import index_file


class Plain:
    shared = "of the class"

    def __init__(self) -> None:
        self.own = {"key": [10, 20]}
        self.__private = "hidden"

    def method(self) -> None: ...


class Slotted:
    __slots__ = ("empty", "filled")

    def __init__(self) -> None:
        self.filled = "slot"


class Trap:
    """Says so when any of its code runs."""

    ran: ClassVar[list[str]] = []

    def __getattr__(self, name: str) -> Any:
        self.ran.append(name)

    @property
    def computed(self) -> str:
        self.ran.append("computed")
        return "computed"

    def __getitem__(self, key: object) -> None:
        self.ran.append(f"item {key}")

    def __eq__(self, other: object) -> bool:
        self.ran.append("==")
        return False

    def __hash__(self) -> int:
        self.ran.append("hash")
        return 0


class Overriding:
    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(name)


def resolved(text: str, owner: str = "", **space: Any) -> Any:
    resolve = resolver(ast.parse(text, mode="eval").body, owner)
    assert resolve is not None
    return resolve(space, {"outer": "global", "hidden": 1})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("n", 7),
        ("outer", "global"),
        ("len", len),
        ("missing", UNKNOWN),
        ("3", 3),
        ("plain.shared", "of the class"),
        ("plain.own", {"key": [10, 20]}),
        ("plain.own['key']", [10, 20]),
        ("plain.own['key'][1]", 20),
        ("plain.own['other']", UNKNOWN),
        ("plain.own['key'][-1]", 20),
        ("plain.own['key'][7]", UNKNOWN),
        ("plain.missing", UNKNOWN),
        ("plain.missing.more", UNKNOWN),
        ("plain.method", UNKNOWN),
        ("items[n]", UNKNOWN),
        ("items[key]", "item"),
        ("pair[0]", "first"),
        ("pair[key]", UNKNOWN),
        ("slotted.filled", "slot"),
        ("slotted.empty", UNKNOWN),
        ("Plain.shared", "of the class"),
        ("Plain.method", UNKNOWN),
        ("module.value", 5),
        ("module.missing", UNKNOWN),
    ],
)
def test_what_is_plain_is_resolved(text: str, value: object) -> None:
    module = types.ModuleType("module")
    vars(module)["value"] = 5
    space: dict[str, Any] = {
        "n": 7,
        "key": "k",
        "items": {"k": "item"},
        "pair": ("first",),
        "plain": Plain(),
        "slotted": Slotted(),
    }
    assert resolved(text, Plain=Plain, module=module, **space) == value


@pytest.mark.parametrize("text", ["trap.anything", "trap.computed", "trap[0]", "items[trap]", "trap.computed.more"])
def test_no_code_of_the_user_runs(text: str) -> None:
    Trap.ran.clear()
    assert resolved(text, trap=Trap(), items={1: 2}) is UNKNOWN
    assert Trap.ran == []


def test_getattribute_is_not_asked() -> None:
    thing = Overriding()
    object.__setattr__(thing, "x", 3)
    assert plain_attribute(thing, "x") == 3
    assert instance_dict(thing) == {"x": 3}


@pytest.mark.parametrize(
    "text", ["f()", "a * b", "a[1:2]", "a.b().c", "[a][0]", "(lambda: a)", "f'{a}'", "a if b else c"]
)
def test_what_is_not_plain_is_left_alone(text: str) -> None:
    assert resolver(ast.parse(text, mode="eval").body) is None


@pytest.mark.parametrize(
    ("text", "value"), [("n + 1", 8), ("n - k", 4), ("n + True", UNKNOWN), ("n + half", UNKNOWN), ("trap + n", UNKNOWN)]
)
def test_only_of_two_whole_numbers_a_sum_is_known(text: str, value: object) -> None:
    assert resolved(text, n=7, k=3, half=0.5, trap=Trap()) == value


def test_nothing_is_not_plain() -> None:
    assert resolver(None) is None


@pytest.mark.parametrize(
    ("name", "owner", "real"),
    [
        ("__secret", "Bank", "_Bank__secret"),
        ("__secret", "_Bank", "_Bank__secret"),
        ("__init__", "Bank", "__init__"),
        ("__secret", "", "__secret"),
        ("_one", "Bank", "_one"),
    ],
)
def test_private_names_are_mangled(name: str, owner: str, real: str) -> None:
    assert mangle(name, owner) == real


def test_a_private_attribute_is_found_inside_its_class_only() -> None:
    assert resolved("plain.__private", "Plain", plain=Plain()) == "hidden"
    assert resolved("plain.__private", plain=Plain()) is UNKNOWN


def test_a_class_attribute_comes_with_the_class_that_has_it() -> None:
    class Child(Plain):
        pass

    assert class_attribute(Child, "shared") == (Plain, "of the class")
    assert class_attribute(Child, "missing") == (None, UNKNOWN)


def test_a_file_that_was_edited_is_read_anew(tmp_path: Path) -> None:
    """As a watcher's or a notebook's process does, which imports a module again."""
    path = tmp_path / "edited.py"
    for text, names in (("one = 1\n", {"one"}), ("other = 1\nlast = 2\n", {"other", "last"})):
        path.write_text(text, encoding="utf-8")
        linecache.checkcache(str(path))
        index = index_file(str(path))
        assert index is not None
        nodes = [each for at_one_place in index.nodes.values() for each in at_one_place]
        assert {each.id for each in nodes if isinstance(each, ast.Name)} == names
        assert index_file(str(path)) is index
