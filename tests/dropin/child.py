"""Run one module of CPython's tests in this process and write how each test ended, line by line.

python -m dropin.child MODULE plain|doubles RESULTS
"""

from __future__ import annotations

import json
import os
import sys
import traceback
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from dropin import everywhere

TESTS = str(Path(__file__).resolve().parent.parent)


class Results(unittest.TestResult):
    """Writes a line when a test starts and when it ends: a hang is seen, and where."""

    def __init__(self, lines: IO[str]) -> None:
        super().__init__()
        self.lines = lines
        self.outcome, self.detail = "", ""

    def write(self, test: Any, outcome: str, detail: str = "") -> None:
        self.lines.write(json.dumps([test.id(), outcome, detail]) + "\n")
        self.lines.flush()

    def startTest(self, test: Any) -> None:
        super().startTest(test)
        self.outcome, self.detail = "passed", ""
        self.write(test, "started")

    def stopTest(self, test: Any) -> None:
        super().stopTest(test)
        self.write(test, self.outcome, self.detail)

    def fails(self, test: Any, error: Any) -> None:
        self.outcome, self.detail = "failed", "".join(traceback.format_exception(*error))
        if not isinstance(test, unittest.TestCase):  # a whole class or module, before any test
            self.write(test, self.outcome, self.detail)

    def addError(self, test: Any, err: Any) -> None:
        self.fails(test, err)

    def addFailure(self, test: Any, err: Any) -> None:
        self.fails(test, err)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        if err is not None:
            self.fails(test, err)

    def addSkip(self, test: Any, reason: str) -> None:
        self.outcome, self.detail = "skipped", reason
        if not isinstance(test, unittest.TestCase):
            self.write(test, self.outcome, self.detail)

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        self.outcome = "expected failure"

    def addUnexpectedSuccess(self, test: Any) -> None:
        self.outcome = "failed"


def flat(suite: Any) -> Iterator[Any]:
    if isinstance(suite, unittest.TestSuite):
        for each in suite:
            yield from flat(each)
    else:
        yield suite


def main() -> None:
    name, mode, results = sys.argv[1:4]
    patterns = sys.argv[4:]
    if mode == "doubles":
        everywhere.install()
        everywhere.install_in_children(TESTS)
    loader = unittest.TestLoader()
    loader.testNamePatterns = patterns or None
    suite = loader.loadTestsFromName(name)
    if mode == "doubles":
        everywhere.use_doubles(sys.modules[name], [*{type(test): None for test in flat(suite)}])
    with open(results, "w", encoding="utf-8") as lines:
        suite.run(Results(lines))
    sys.stdout.flush()
    os._exit(0)  # whatever a test left behind


if __name__ == "__main__":
    main()
