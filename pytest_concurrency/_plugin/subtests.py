"""Subtests of a test that is explored: one that fails ends its schedule, and those that pass are reported once.

Problem: pytest reports a subtest where it ends, and goes on when it has failed; explored, each would be reported once a
schedule, and no schedule would ever fail. Solution: in a schedule, subtests are noted and let their errors through;
those of the last schedule are reported when all have passed.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_FAILURES = (pytest.skip.Exception, pytest.xfail.Exception)


class Subtests:
    """Stands for the fixture `subtests`, and for what `TestCase.subTest` reports to, while a test is explored."""

    def __init__(self, item: Any) -> None:
        """Take part in the schedules of one test."""
        self._item = item
        self._of_pytest: list[tuple[Any, dict[str, Any], BaseException | None]] = []
        self._of_unittest: list[tuple[Any, ...]] = []
        self._fixture: Any = None
        self._whole: tuple[list[Any], list[Any]] = ([], [])  # of the last schedule that came to its end
        self._failed: BaseException | None = None

    def begin(self) -> None:
        """Begin a schedule; the fixtures are set up."""
        self._of_pytest, self._of_unittest, self._failed = [], [], None
        funcargs = getattr(self._item, "funcargs", {})
        if "subtests" in funcargs:
            self._fixture, funcargs["subtests"] = funcargs["subtests"], self
        if hasattr(type(self._item), "addSubTest"):
            self._item.addSubTest = self._add

    def end(self) -> None:
        """End a schedule.

        Raises:
            BaseException: What a subtest of unittest has raised; one of pytest has ended the test.
        """
        vars(self._item).pop("addSubTest", None)
        if self._failed is not None:
            raise self._failed
        self._whole = self._of_pytest, self._of_unittest

    @contextlib.contextmanager
    def test(self, msg: str | None = None, **kwargs: Any) -> Iterator[None]:
        """Be a subtest, in words and values as the fixture takes them; its error is the test's."""
        __tracebackhide__ = True
        skipped = None
        try:
            yield
        except _NO_FAILURES as error:
            skipped = error
        except BaseException as error:
            told = [f"[{msg}]"] * (msg is not None) + [f"{name}={value!r}" for name, value in kwargs.items()]
            error.add_note(f"in subtest {' '.join(told)}".rstrip())
            raise
        self._of_pytest.append((msg, kwargs, skipped))

    def report(self) -> None:
        """Report those of the last schedule that came to its end."""
        of_pytest, of_unittest = self._whole
        for msg, kwargs, skipped in of_pytest:
            with self._fixture.test(msg, **kwargs):
                if skipped is not None:
                    raise skipped
        for each in of_unittest:
            self._item.addSubTest(*each)

    def _add(self, case: Any, test: Any, error: Any) -> None:
        found = error if error is None or isinstance(error, tuple) else error._excinfo
        if found is None or isinstance(found[1], _NO_FAILURES):
            self._of_unittest.append((case, test, error))
            if found is not None:
                self._item._excinfo.pop()  # the report of a subtest would have taken it
        elif self._failed is None:
            self._failed = found[1]
