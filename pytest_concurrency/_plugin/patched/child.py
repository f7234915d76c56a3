"""The patched process: it collects the tests that need it, and forks a child that runs one of them and reports.

What is ours is loaded before the patch, so that it has the originals; pytest and the tests come after it. Neither this
process nor its children end as others do: what a session writes at its end, the one that started them writes.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import io
import os
import pickle
import select
import signal
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any, Final, Self

from pytest_concurrency._machine import private, real
from pytest_concurrency._machine.patched import child
from pytest_concurrency._plugin.patched import frames

if TYPE_CHECKING:
    import pytest

    from pytest_concurrency._explore.plan import Plan
    from pytest_concurrency._plugin.patched.frames import Inbox, Message
    from pytest_concurrency._sight.watching import Watch

_OURS: Final = (
    "pytest_concurrency._explore.exploration",
    "pytest_concurrency._explore.linear",
    "pytest_concurrency._explore.play",
    "pytest_concurrency._explore.virtual",
    "pytest_concurrency._hangs.verdict",
    "pytest_concurrency._machine.sockets",
    "pytest_concurrency._runtimes.threads.hosting.kind",
    "pytest_concurrency._runtimes.threads.together",
)
_TICK: Final = 0.02  # seconds from one look at a child to the next
_EVERY: Final = 0.2  # seconds from one message to the next while it explores
_DIE_WITH_PARENT: Final = 1  # of `prctl`, on Linux


def main(fd: int) -> None:
    """Patch this process, collect what the first message names, and serve until the descriptor is closed."""
    parent = os.getppid()
    _dies_with(parent)
    inbox = frames.Inbox(fd)
    given = _next(inbox)
    refused = patch()
    if refused:
        frames.send_or_end(fd, ("refused", refused))
        os._exit(1)
    try:
        _session(given, inbox)
    except BaseException as error:  # whatever a conftest raises
        frames.send_or_end(fd, ("refused", f"{type(error).__name__}: {error}"))
    os._exit(1)


def _dies_with(parent: int) -> None:
    """End with the process that has started this one, however that ends; where the system can do so."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, int(signal.SIGKILL))
        if os.getppid() != parent:
            os._exit(1)


def _next(inbox: Inbox) -> Message:
    while (text := inbox.take()) is None:
        inbox.read()
        if inbox.ended:
            os._exit(0)
    return frames.loaded(text)


def patch() -> str:
    """Put greenlets in the place of threads; return why not, or ""."""
    private.require()
    for name in _OURS:
        importlib.import_module(name)
    try:
        monkey = importlib.import_module("gevent.monkey")
    except ImportError as error:
        return f'patched="gevent" must find gevent, got {type(error).__name__}: {error}; pip install gevent'
    monkey.patch_all()
    child.begins()
    return ""


def _warms_up(watch: Watch) -> None:
    """Do once what every child would do for the first time."""
    from pytest_concurrency._explore.exploration import Exploration
    from pytest_concurrency._explore.plan import Plan
    from pytest_concurrency._plugin import marked, race

    def scenario() -> None:
        lock = threading.Lock()
        with lock:
            started = threading.Thread(target=threading.Event().wait, args=(1,))
            started.start()
        started.join()

    assert marked, race
    Exploration(scenario, Plan(schedules=2), watch, owner="", command=str).run()
    gc.collect()
    gc.freeze()


def _session(given: Message, inbox: Inbox) -> None:
    """Make the session that the message describes, up to the point where it would run its first test."""
    import pytest

    from pytest_concurrency._plugin import progress, shown

    args, options, width = given
    config = pytest.Config.fromdictargs(options, args)
    config.stash[shown.width_key] = width
    serving = Serving(config, inbox)

    class Loop:
        @pytest.hookimpl(tryfirst=True)
        def pytest_runtestloop(self, session: pytest.Session) -> bool:
            return serving.serves(session)

    config.stash[progress.teller_key] = serving.teller
    config.pluginmanager.register(Unheard(config), "terminalreporter")
    config.pluginmanager.register(serving)
    config.pluginmanager.register(Loop())
    config.hook.pytest_cmdline_main(config=config)
    raise RuntimeError("pytest ended before its tests")


class Unheard:
    """Stands in for the terminal, which a child does not have: some versions of pytest ask it how to colour."""

    isatty = False

    def __init__(self, config: pytest.Config) -> None:
        from _pytest.config import create_terminal_writer

        self.stats: dict[str, list[Any]] = {}
        self._tw = create_terminal_writer(config, io.StringIO())

    def write_line(self, line: str, **markup: bool) -> None:
        """Say nothing."""


class Serving:
    """Takes part in the session of the patched process: it forks where others would run their tests."""

    def __init__(self, config: pytest.Config, inbox: Inbox) -> None:
        self._config = config
        self._inbox = inbox
        self._out = inbox.fd
        self._broken: list[str] = []

    def teller(self, plan: Plan) -> Telling:
        """Return what tells that an exploration goes on."""
        return Telling(self._out, plan.seconds)

    # -- hooks

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what could not be imported."""
        if report.failed:
            self._broken.append(str(report.longrepr))

    def pytest_internalerror(self, excrepr: object) -> None:
        """Say why nothing can be run."""
        frames.send_or_end(self._out, ("refused", str(excrepr)))
        os._exit(1)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Send the report of a test, in its child."""
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        frames.send(self._out, ("report", data))

    def pytest_warning_recorded(self, warning_message: Any, when: str, nodeid: str, location: Any) -> None:
        """Send a warning, as far as it can be sent."""
        if when == "runtest":
            message, category = warning_message.message, warning_message.category
            told = (str(message), category, warning_message.filename, warning_message.lineno)
            try:
                frames.send(self._out, ("warning", told, nodeid, location))
            except (TypeError, AttributeError, ValueError, pickle.PicklingError):  # a class of a test's own
                told = (f"{category.__name__}: {message}", UserWarning, *told[2:])
                frames.send(self._out, ("warning", told, nodeid, location))

    def serves(self, session: pytest.Session) -> bool:
        """Fork a child for each test that is asked for; never return."""
        from pytest_concurrency._plugin.fixtures import watch_key

        timeout = self._config.pluginmanager.getplugin("timeout")
        if timeout is not None:
            self._config.pluginmanager.unregister(timeout)  # the session has one, and ends the child
        _warms_up(self._config.stash[watch_key])
        items = {item.nodeid: item for item in session.items}
        frames.send_or_end(self._out, ("ready",))
        while True:
            nodeid = _next(self._inbox)[0]
            item = items.get(nodeid)
            if item is None:
                frames.send_or_end(self._out, ("missing", "\n".join(self._broken)))
            else:
                self._fork(item)

    # -- children

    def _fork(self, item: pytest.Item) -> None:
        reads, writes = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        me = os.getpid()
        pid = importlib.import_module("gevent.os").fork()
        if pid == 0:
            try:
                os.setpgid(0, 0)
                _dies_with(me)
                real.close(reads)
                real.close(self._inbox.fd)
                self._out = writes
                _has_one_main_thread()
                self._child(item)
            finally:
                os._exit(0)
        real.close(writes)
        self._follow(pid, reads)
        real.close(reads)

    def _child(self, item: pytest.Item) -> None:
        """Run a test, and report; what ends a session is sent."""
        import pytest

        try:
            item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
            sys.stdout.flush()
            sys.stderr.flush()
        except pytest.exit.Exception as error:
            frames.send(self._out, ("exit", error.msg, error.returncode))
        except KeyboardInterrupt:
            frames.send(self._out, ("interrupt",))
        except BaseException:  # a hook of somebody else's
            frames.send(self._out, ("broke", traceback.format_exc()))

    def _follow(self, pid: int, reads: int) -> None:
        """Pass on what a child says until it has ended; end it when the session has."""
        heard = frames.Inbox(reads)
        status = None
        while status is None or not heard.ended:
            asked = [self._inbox.fd] if heard.ended else [reads, self._inbox.fd]
            ready = _ready(asked, 0 if status is not None else _TICK)
            try:
                if self._inbox.fd in ready:  # nothing is asked while a test runs
                    raise ConnectionError("the session has ended")
                if reads in ready:
                    heard.read()
                    while (text := heard.take()) is not None:
                        frames.send_raw(self._inbox.fd, text)
            except OSError:
                _kill(pid)
                if status is None:
                    real.waitpid(pid, 0)
                os._exit(0)
            if status is not None and reads not in ready:
                break  # somebody whom it has started keeps the pipe
            if status is None:
                ended, code = real.waitpid(pid, os.WNOHANG)
                status = code if ended else None
        _kill(pid)
        if status:
            self._config.pluginmanager.getplugin("capturemanager").read_global_capture()
        frames.send_or_end(self._inbox.fd, ("ended", os.waitstatus_to_exitcode(status)))


def _ready(fds: list[int], seconds: float) -> list[int]:
    poll = real.poll()
    for fd in fds:
        poll.register(fd, select.POLLIN)
    return [fd for fd, _ in poll.poll(seconds * 1000)]


def _has_one_main_thread() -> None:
    """Forget the main thread under its other number: with gevent, from Python 3.13 on, a fork leaves it under two."""
    active: dict[int, threading.Thread] = vars(threading)["_active"]
    main = threading.main_thread()
    for number in [number for number, thread in active.items() if thread is main and number != main.ident]:
        del active[number]


def _kill(pid: int) -> None:
    """End a child and whom it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


class Telling:
    """Tells the session that an exploration goes on; enter it around one."""

    def __init__(self, fd: int, seconds: float | None) -> None:
        self._fd = fd
        self._seconds = seconds
        self._next = 0.0

    def __enter__(self) -> Self:
        frames.send(self._fd, ("explores", self._seconds))
        return self

    def __exit__(self, *exc: object) -> None:
        frames.send(self._fd, ("explored",))

    def tick(self) -> None:
        """Note a schedule that is about to begin."""
        now = real.monotonic()
        if now >= self._next:
            self._next = now + _EVERY
            frames.send(self._fd, ("tick",))
