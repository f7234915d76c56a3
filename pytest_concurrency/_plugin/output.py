"""Captured output and log of one schedule at a time, so that only the failing one is shown."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import pytest


class Output:
    """Sees to what a test has printed and logged; enter it around an exploration."""

    def __init__(self, item: pytest.Item) -> None:
        self._item = item
        self._capture: Any = item.config.pluginmanager.getplugin("capturemanager")
        self._before: tuple[str, str] = ("", "")
        self._logged = ""

    def __enter__(self) -> Self:
        self._before = self._read()
        handler = self._log_handler()
        self._logged = "" if handler is None else handler.stream.getvalue()
        return self

    def __exit__(self, *exc: object) -> None:
        last = self._read()
        for stream, before, text in zip((sys.stdout, sys.stderr), self._before, last, strict=True):
            if before + text:
                stream.write(before + text)

    def clear(self) -> None:
        """Forget what the schedule before has printed and logged."""
        self._read()
        funcargs = getattr(self._item, "funcargs", {})
        for name in ("capsys", "capfd", "capsysbinary", "capfdbinary"):
            if name in funcargs:
                funcargs[name].readouterr()
        if "caplog" in funcargs:
            funcargs["caplog"].clear()
        handler = self._log_handler()
        if handler is not None:
            handler.reset()
            handler.stream.write(self._logged)

    def _log_handler(self) -> Any:
        """Return what keeps the log that is shown with a failure; None where pytest's plugin is off."""
        return getattr(self._item.config.pluginmanager.getplugin("logging-plugin"), "report_handler", None)

    def _read(self) -> tuple[str, str]:
        if self._capture is None or not self._capture.is_globally_capturing():
            return "", ""
        sys.stdout.flush()
        sys.stderr.flush()
        out, err = self._capture.read_global_capture()
        return out, err
