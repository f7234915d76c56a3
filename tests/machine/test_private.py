"""Names of the standard library that are no promise: this Python has them, and one without is refused."""

import ast
import sys
from pathlib import Path

import pytest

import pytest_concurrency
from pytest_concurrency._machine import private
from pytest_concurrency._machine.private import NAMES, Private

ROOT = Path(pytest_concurrency.__file__).parent
OWNERS = {"threading", "_threads", "_thread", "bootstrap"}


def test_this_python_has_every_name() -> None:
    private.missing.cache_clear()
    assert private.missing() == ()
    private.require()


def test_a_python_without_one_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = (
        Private("threading", "_gone"),
        Private("threading", "Thread:_lost"),
        Private("threading", "_old", until=(3, 2)),
    )
    monkeypatch.setattr(private, "NAMES", gone)
    private.missing.cache_clear()
    try:
        with pytest.raises(RuntimeError) as caught:
            private.require()
    finally:
        private.missing.cache_clear()
    version = ".".join(map(str, sys.version_info[:3]))
    assert str(caught.value) == (
        f"this Python must have threading._gone, threading.Thread()._lost, got {version} without: "
        "it is newer than this pytest-concurrency, whose doubles would not work"
    )


@pytest.mark.slow
def test_the_table_lists_every_private_name_that_we_use() -> None:
    known = {each.name.partition(":")[2] or each.name for each in NAMES}
    used = {
        node.attr
        for path in ROOT.rglob("*.py")
        if not path.is_relative_to(ROOT / "_dojo/bundle")  # the wheel carries the katas there
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in OWNERS
        and node.attr.startswith("_")
    }
    assert len(used) >= 8
    assert used - known == set()
