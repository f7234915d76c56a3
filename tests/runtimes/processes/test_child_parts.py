"""The parts of a run that a child process has: whatever is asked of them where something is touched, they answer."""

import ast
from pathlib import Path

from pytest_concurrency._engine import touching
from pytest_concurrency._runtimes.processes.child_parts import ChildShared

ALONE = {"_alone", "_met", "_is_known"}
"""What is called of a task that no other is beside, as in a child."""


def test_the_shared_part_answers_whatever_is_asked_where_something_is_touched() -> None:
    tree = ast.parse(Path(touching.__file__).read_text(encoding="utf-8"))
    alone = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef) and each.name in ALONE]
    asked = {
        each.attr
        for function in alone
        for each in ast.walk(function)
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Attribute) and each.value.attr == "shared"
    }
    answered = {name for each in ChildShared.__mro__ for name in vars(each)}
    assert len(alone) == len(ALONE)
    assert "asks_the_world" in asked
    assert asked - answered == set()
