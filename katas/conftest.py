"""How pytest runs the katas: against your files, the worked solutions, or any other file."""

from __future__ import annotations

import contextlib
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_concurrency._dojo import feed
from pytest_concurrency._katas import done, index, mistakes, solutions
from pytest_concurrency._katas.solutions import Bench
from pytest_concurrency._plugin.fixtures import watch_key

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from pytest_concurrency._katas.index import Curriculum

BENCH = pytest.StashKey[Bench]()
NOT_STARTED = "kata not started"
UNFINISHED = """\
{line}
This is no pass, as not all was tried. Does something go on for ever, or ask again and again instead of waiting?
If only the machine was too slow: --race-seconds=60"""
UNCONTROLLED = """\
{line}
This is no pass, as nobody has tried in which orders it may go on. There the code waits for what the tests do not have
in hand: another program, a file, another machine, a lock or a thread that was there before the test, a pool or a
manager of processes. Use what this kata is about, and make it within the functions of the contract: {technique}"""
MARKERS = (
    "task(n): the task in the kata's README that this test belongs to",
    "means(ValueError='...'): what an error that ends a learner's thread means in this test",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the two ways to test something else than the files under katas/."""
    group = parser.getgroup("katas", "katas")
    group.addoption("--reference", action="store_true", help="test the worked solutions instead of your files")
    group.addoption(
        "--solution",
        metavar="MISTAKE|FILE",
        help="test a known mistake, or FILE, instead of your file; give the folder of one kata; '?' lists the mistakes",
    )


def pytest_cmdline_main(config: pytest.Config) -> pytest.ExitCode | None:
    """List the mistakes instead of testing when they are asked for."""
    if config.getoption("solution") != "?":
        return None
    curriculum, katas = asked_for(config)
    with told():
        if not katas:
            raise ValueError("--solution '?' must be given with the folder of a kata or more, got none")
        for kata in map(curriculum.kata, katas):
            sys.stdout.write(mistakes.listing(kata, mistakes.read(curriculum, kata)))
    return pytest.ExitCode.OK


def asked_for(config: pytest.Config) -> tuple[Curriculum, list[str]]:
    """Return the curriculum, and the names of the katas that the command line asks for."""
    base = config.invocation_params.dir
    here = Path(__file__).parent
    with told():
        curriculum = index.read_curriculum(here, feed.reference(here.parent))
    paths = [(base / argument.partition("::")[0]).resolve() for argument in config.args]
    asked = {name for path in paths for name in curriculum.under(path)}
    return curriculum, [name for name in curriculum.places if name in asked]


@contextlib.contextmanager
def told() -> Generator[None]:
    """Let a line about bad input be all that pytest says."""
    try:
        yield
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_configure(config: pytest.Config) -> None:
    """Find out which katas are asked for, and let their names lead to the files under test."""
    for line in MARKERS:
        config.addinivalue_line("markers", line)
    curriculum, katas = asked_for(config)
    with told():
        bench = Bench(
            curriculum,
            katas,
            reference=config.getoption("reference", default=False),
            solution=config.getoption("solution", default=None),
            seen_from=config.invocation_params.dir,
        )
    bench.open()
    config.add_cleanup(bench.close)
    config.stash[BENCH] = bench
    if watch_key in config.stash:  # the file under test may lie outside the project
        config.stash[watch_key].names += tuple(katas)
    feed.attach(config, bench.kata, bench.katas, Path(__file__).parents[1], own=bench.is_own)


@pytest.hookimpl(tryfirst=True)
def pytest_make_collect_report(collector: pytest.Collector) -> pytest.CollectReport | None:
    """Skip a kata whose packages are not installed."""
    missing = collector.config.stash[BENCH].missing_extras(collector.path)
    if not isinstance(collector, pytest.Module) or not missing:
        return None
    reason = f"Skipped: needs {', '.join(missing)}: pip install 'pytest-concurrency-katas[katas]'"
    return pytest.CollectReport(collector.nodeid, "skipped", (str(collector.path), 0, reason), [])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the kata that is learnt first; what is no kata stays in front."""
    bench = config.stash[BENCH]
    items.sort(key=lambda item: bench.position(item.path))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say in one line that a part is not written yet, or what an error means here."""
    report = yield
    mark = item.get_closest_marker("task")
    if call.excinfo and mark:
        error, bench = call.excinfo.value, item.config.stash[BENCH]
        if line := bench.not_started(item.path, mark.args[0], error):
            report.longrepr = line
            report.user_properties.append((NOT_STARTED, line))
        elif meanings := solutions.meanings(error, item.iter_markers("means")):
            report.longrepr = "\n".join([*meanings, "", report.longreprtext])
    elif mark and call.when == "call" and report.passed and (words := no_pass(item)):
        report.outcome, report.longrepr = "failed", words
    return report


def no_pass(item: pytest.Item) -> str:
    """Say why a test without a failure is no pass: an exploration has not tried all that it should; nothing if it has.

    Equal choices that lead elsewhere (a learner may use `random`) say nothing about an end: they pass.
    """
    for line in (str(value) for name, value in item.user_properties if name == "concurrency"):
        if line.startswith("unfinished: ") and "not deterministic" not in line:
            return UNFINISHED.format(line=line)
        if line.startswith("uncontrolled: "):
            kata = item.config.stash[BENCH].kata(item.path)
            return UNCONTROLLED.format(line=line, technique=kata.technique if kata else "")
    return ""


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Tell what is not started from what failed."""
    is_unwritten = any(name == NOT_STARTED for name, _ in getattr(report, "user_properties", ()))
    return ("not started", "n", "NOT STARTED") if is_unwritten and report.failed else None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None]:
    """Show for each kata the first task that is not started, below all failures."""
    yield
    first: dict[str, str] = {}
    for report in terminalreporter.stats.get("not started", []):
        kata = report.nodeid.partition("::")[0]
        line = str(report.longrepr)
        first[kata] = min(first.get(kata, line), line)
    if first:
        terminalreporter.section(f"{len(first)} {'kata' if len(first) == 1 else 'katas'} not started", yellow=True)
        for line in first.values():
            terminalreporter.line(line)
    for line in what_next(terminalreporter):
        terminalreporter.line(line, green=True)


def what_next(terminalreporter: pytest.TerminalReporter) -> Iterator[str]:
    """Yield a line for each kata whose tasks are all done in the learner's own file."""
    bench = terminalreporter.config.stash[BENCH]
    states: dict[Path, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for state, reports in terminalreporter.stats.items():
        for report in reports:
            if state and isinstance(report, pytest.TestReport):  # state "": a set-up or clean-up that went well
                file, _, test = report.nodeid.partition("::")
                states[terminalreporter.config.rootpath / file][test.rpartition("::")[2].partition("[")[0]].add(state)
    for file, found in states.items():
        kata = bench.kata(file)
        if bench.is_own and kata and kata.mistakes.is_file() and done.is_done(kata, found):
            try:
                yield done.invitation(bench.curriculum, kata)
            except ValueError as error:  # what authors did wrong is no reason to fail a learner
                yield str(error)
