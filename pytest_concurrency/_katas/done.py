"""What is said to a learner whose tests all pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_concurrency._katas import check, mistakes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_concurrency._katas.index import Curriculum, Kata


def is_done(kata: Kata, states: Mapping[str, set[str]]) -> bool:
    """Tell whether every test of a kata ran, and none did anything but pass or be skipped.

    Args:
        kata: Whose tests they are.
        states: What became of each test function, of all its cases.
    """
    found = [states.get(name, {"not run"}) for name in check.test_functions(kata.tests)]
    return all(each <= {"passed", "skipped"} for each in found) and any("passed" in each for each in found)


def invitation(curriculum: Curriculum, kata: Kata) -> str:
    """Say in one line how many mistakes are known, and how to play with one.

    Raises:
        ValueError: mistakes.toml breaks a rule.
    """
    known = mistakes.read(curriculum, kata)
    name = known[0].name
    guess = f"say which test will tell {name}, then see with --solution {name}"
    return f"{kata.name}: all tasks done; {len(known)} mistakes are known here: {guess} (--solution '?' lists them)"
