"""Tests that a patched child runs: their reports are logged as if they had run here."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_concurrency._machine import real
from pytest_concurrency._plugin.patched.zygote import PatchedProcessError, Zygote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_concurrency._plugin.patched.frames import Message

NAME: Final = "race-patched"
PHASES: Final = ("setup", "call", "teardown")


class Patched:
    """Takes part in a session that has such tests."""

    def __init__(self, config: pytest.Config, items: Iterable[pytest.Item]) -> None:
        self._config = config
        self._items = {item.nodeid: item for item in items}
        self._zygote: Zygote | None = None
        self._refused = ""  # why there is none, and will be none
        config.add_cleanup(self._end)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Let a child run a test, and log what it reports."""
        if item.nodeid not in self._items:
            return None
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        log = Log(item)
        self._run(item, log)
        log.ends(None if item.session.shouldfail or item.session.shouldstop else nextitem)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def pytest_sessionfinish(self) -> None:
        """End the patched process."""
        self._end()

    def _run(self, item: pytest.Item, log: Log) -> None:
        try:
            if real.fork is None or sys.platform == "win32":
                raise PatchedProcessError("patched must run on a system with fork, got Windows")
            for message in self._started().run(item.nodeid):
                log.takes(message)
            if log.missing:
                raise PatchedProcessError("the patched child ended without a report")
        except PatchedProcessError as error:
            self._end()
            log.breaks_off(str(error))
        except pytest.fail.Exception as error:  # of pytest-timeout, for one
            self._end()
            log.breaks_off(str(error))
        except BaseException:
            self._end()
            raise

    def _started(self) -> Zygote:
        if self._refused:
            raise PatchedProcessError(self._refused)
        if self._zygote is None:
            files = dict.fromkeys(str(each.path) for each in self._items.values())
            try:
                self._zygote = Zygote(self._config, list(files))
            except PatchedProcessError as error:
                self._refused = str(error)
                raise
        return self._zygote

    def _end(self) -> None:
        zygote, self._zygote = self._zygote, None
        if zygote is not None:
            zygote.end()


class Log:
    """Logs the reports of one test.

    Attributes:
        missing: The phases of which nothing is known yet.
    """

    def __init__(self, item: pytest.Item) -> None:
        self._item = item
        self._began = real.wall()
        self._teardown: pytest.TestReport | None = None
        self.missing = list(PHASES)

    def takes(self, message: Message) -> None:
        """Log what the child reports."""
        config = self._item.config
        if message[0] == "report":
            report = config.hook.pytest_report_from_serializable(config=config, data=message[1])
            self._log(report)
            if report.when == "setup" and not report.passed:
                self.missing.remove("call")
        elif message[0] == "exit":
            raise pytest.exit.Exception(*message[1:])
        elif message[0] == "interrupt":
            raise KeyboardInterrupt
        elif message[0] == "warning":
            (text, category, file, line), nodeid, location = message[1:]
            told = warnings.WarningMessage(category(text), category, file, line)
            config.hook.pytest_warning_recorded.call_historic(
                kwargs={"warning_message": told, "when": "runtest", "nodeid": nodeid, "location": location}
            )

    def breaks_off(self, why: str) -> None:
        """Log that nothing more comes: what is missing has failed."""
        first, *others = self.missing
        self._log(self._report(first, why))
        for when in others:
            if first != "setup" or when != "call":
                self._log(self._report(when, None))

    def ends(self, nextitem: pytest.Item | None) -> None:
        """Tear down what earlier tests have set up here and the next one does not need; log the end."""
        item = self._item
        call = pytest.CallInfo.from_call(
            lambda: item.session._setupstate.teardown_exact(nextitem),
            "teardown",
            (pytest.exit.Exception, KeyboardInterrupt),
        )
        report = self._teardown
        if call.excinfo is not None and (report is None or report.passed):
            report = item.ihook.pytest_runtest_makereport(item=item, call=call)
        item.ihook.pytest_runtest_logreport(report=report)

    def _log(self, report: pytest.TestReport) -> None:
        self.missing.remove(report.when)
        if report.when == "teardown":
            self._teardown = report
        else:
            self._item.ihook.pytest_runtest_logreport(report=report)

    def _report(self, when: Any, why: str | None) -> pytest.TestReport:
        item, now = self._item, real.wall()
        report = pytest.TestReport(
            nodeid=item.nodeid,
            location=item.location,
            keywords=dict.fromkeys(item.keywords, 1),
            outcome="passed" if why is None else "failed",
            longrepr=why,
            when=when,
            duration=now - self._began,
            start=self._began,
            stop=now,
        )
        if why is not None:
            report.race_where = (item.location[0], (item.location[1] or 0) + 1)  # type: ignore[attr-defined] # of ours
        return report
