"""Every setting, declared once: option, ini key and marker keyword come from here."""

from __future__ import annotations

import difflib
import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from pytest_concurrency._core import strategies
from pytest_concurrency._core.oracles import EXTRAS, FAIL, IGNORE, TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_concurrency._core.oracles import Row


def _whole(least: int | None) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        try:
            number = int(value) if isinstance(value, str) else value
        except ValueError:
            number = None
        if isinstance(number, bool) or not isinstance(number, int):
            raise ValueError("a whole number")
        if least is not None and number < least:
            raise ValueError(f">= {least}")
        return number

    return parse


def _parts(value: Any) -> int:
    number = _whole(1)(value)
    if number > MOST_PARTS:
        raise ValueError(f"<= {MOST_PARTS}")
    return number


def _bound(value: Any) -> int | None:
    if value is None or value == "none":
        return None
    try:
        return _whole(0)(value)
    except ValueError:
        raise ValueError("a whole number >= 0, or none") from None


def _seconds(value: Any) -> float | None:
    if value is None or value == "none":
        return None
    try:
        number = -1.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 < number < math.inf:
        raise ValueError("a finite number > 0, or none")
    return number


def _duration(value: Any) -> float | None:
    if value == "off":
        return None
    number, unit = (value[:-1], value[-1]) if value[-1:] in UNITS else (value, "s")
    try:
        seconds = float(number) * UNITS[unit]
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < math.inf:
        raise ValueError("a time > 0 such as 30s or 2m (before a path write --interleave=30s), or off")
    return seconds


def _one_of(*known: str) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if value not in known:
            raise ValueError(f"one of {', '.join(known)}")
        return str(value)

    return parse


def _strategy(value: Any) -> Any:
    if isinstance(value, str):
        return _one_of(*strategies.NAMES)(value)
    from pytest_concurrency._core.strategy import Strategy

    return value if isinstance(value, Strategy) else _one_of(*strategies.NAMES)(value)


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.replace(",", " ").split())
    if isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value):
        return tuple(value)
    raise ValueError("a list of names of packages or modules")


MOST_PARTS: Final = 1000


class Setting(NamedTuple):
    """One setting: what it is where nobody says it, how a value is read, and what `--help` says."""

    default: Any
    parse: Callable[[Any], Any]
    help: str


def _oracle(row: Row) -> Setting:
    text = f"what to do when {row.when}: {IGNORE} or {FAIL} (default: {IGNORE})"
    return Setting(IGNORE, _one_of(IGNORE, FAIL), text)


UNPATCHED: Final = "none"
SETTINGS: Final = {
    "schedules": Setting(1000, _whole(1), "try at most so many schedules (default: 1000)"),
    "shards": Setting(
        1, _parts, "cut each exploration into so many tests, which the workers of pytest-xdist share (default: 1)"
    ),
    "strategy": Setting("auto", _strategy, f"who goes next: {', '.join(strategies.NAMES)} (default: auto)"),
    "seed": Setting(0, _whole(None), "seed of random strategies (default: 0)"),
    "preemptions": Setting(None, _bound, "bound on preemptions for dfs (default: none)"),
    "seconds": Setting(None, _seconds, "explore no longer than this, in real time (default: 10)"),
    "races": Setting(
        "report", _one_of("fail", "report", "ignore"), "unordered accesses: fail, report or ignore (default: report)"
    ),
    "clock": Setting(
        "exact",
        _one_of("exact", "any"),
        "virtual time: exact moves it only when nobody can run, any at any step (default: exact)",
    ),
    "order": Setting(
        "documented",
        _one_of("strict", "documented", "any"),
        "steps of asyncio and gevent: strict, as their own loops take them; documented, equal deadlines in any order; "
        "any, a task's next step may come later (default: documented)",
    ),
    "require": Setting(
        "none",
        _one_of("none", "sampled", "proved"),
        "fail a test whose verdict is weaker: none, sampled, proved (default: none)",
    ),
    "patched": Setting(
        UNPATCHED,
        _one_of(UNPATCHED, "gevent"),
        "run the test in a child process in which gevent.monkey.patch_all() was called: none, gevent (default: none)",
    ),
    "watch": Setting((), _names, "further packages or modules whose code offers switches (default: none)"),
    **{row.name: _oracle(row) for row in TABLE if row.is_setting},
}
"""Each is an option, an ini key and a marker keyword."""


class Settings(SimpleNamespace):
    """What one test is explored with; an attribute for each of `SETTINGS`."""

    def __init__(self, **values: Any) -> None:
        super().__init__(**{name: each.default for name, each in SETTINGS.items()} | values)


PREFIX: Final = "race"
INTERLEAVE_SECONDS: Final = "30s"
UNITS: Final = {"s": 1.0, "m": 60.0}
_CALL_ONLY: Final = [row.name for row in TABLE if any(extra.needed for extra in row.extras)]  # a marker has no extras
_CALLS: Final = {
    "race.explore": EXTRAS,
    "race.linearizable": ("threads", "setup", "after", "model", "result", *EXTRAS),
}
"""Which keywords each call takes beside the settings."""
MARKERS: Final = {
    "race": f"race({', '.join(f'{name}=' for name in SETTINGS if name not in _CALL_ONLY)}): "
    "explore the whole test as a scenario, with its function fixtures anew for each schedule; "
    "in a test that uses the fixture `race`, the settings of race.explore",
    "virtual_time": "virtual_time: the whole test runs in virtual time, as inside timing.virtual()",
}


DRAWN: Final = {
    "html": "write one page that shows each failing exploration step by step; it needs no server",
    "trace": "write the failing explorations in the Trace Event Format, for Perfetto",
}
"""Options that take a file to which what failed is drawn."""
PICTURES: Final = "race-pictures"
"""The plugin that draws, where it is asked for."""
SHARDS: Final = "race-shards"
"""The plugin that joins the parts of explorations, where there are any."""


def _option_names(name: str) -> list[str]:
    """Return `--race-busy-waiting`, and the same with the underscore of the ini key."""
    option = f"--{PREFIX}-{name}"
    return [option] if "_" not in name else [option.replace("_", "-"), option]


def add_options(parser: pytest.Parser) -> None:
    """Declare every setting."""
    group = parser.getgroup("concurrency", "concurrency: races, deadlocks, timing")
    for setting, each in SETTINGS.items():
        name = f"{PREFIX}_{setting}"
        group.addoption(*_option_names(setting), dest=name, default=None, metavar=setting.upper(), help=each.help)
        parser.addini(name, each.help)
    group.addoption(
        "--race-replay",
        dest="race_replay",
        default=None,
        metavar="TOKEN",
        help="run the one schedule that a failure printed (a token, or the file that holds it)",
    )
    _add_interleave(group, parser)
    for kind, what in DRAWN.items():
        group.addoption(f"--race-{kind}", dest=f"race_{kind}", default=None, metavar="FILE", help=what)
    group.addoption(
        "--deadlock-report",
        dest="deadlock_report",
        action="store_true",
        help="at the end print the locks that threads of plain tests, in real time, took in different orders anywhere "
        "in the session; what is explored is not listened to",
    )
    group.addoption(
        "--concurrency",
        dest="concurrency",
        default=None,
        metavar="on|off",
        help="off takes the plugin's doubles away (default: on)",
    )
    parser.addini("concurrency", "off takes the plugin's doubles away (default: on)")
    parser.addini(
        "concurrency_watch",
        "packages or modules whose code offers switches, beside what lies under the root directory",
        type="args",
        default=[],
    )


def _add_interleave(group: pytest.OptionGroup, parser: pytest.Parser) -> None:
    group.addoption(
        "--interleave",
        dest="interleave",
        nargs="?",
        const=INTERLEAVE_SECONDS,
        default=None,
        metavar="30s",
        help="after the tests, run those that start threads again, a few times each, in other orders: so long in all "
        "(default: 30s)",
    )
    group.addoption(
        "--interleave-fail",
        dest="interleave_fail",
        default=None,
        metavar="on|off",
        help="whether the session fails when --interleave finds something (default: on)",
    )
    parser.addini("interleave", "as the option --interleave, in every session: 30s (default: off)")
    parser.addini("interleave_fail", "as the option --interleave-fail (default: on)")


def is_on(config: pytest.Config) -> bool:
    """Tell whether the plugin is to do anything by itself."""
    value, source = config.getoption("concurrency"), "option --concurrency"
    if value is None:
        value, source = config.getini("concurrency") or "on", "the ini file"
    return bool(_parse("concurrency", _one_of("on", "off"), value, source) == "on")


def interleave_seconds(config: pytest.Config) -> float | None:
    """Return for how long tests that start threads are run again; None where nobody asks for that.

    Raises:
        pytest.UsageError: The value is unusable, or the plugin is off.
    """
    value, source = config.getoption("interleave"), "option --interleave"
    if value is None:
        value, source = config.getini("interleave") or "off", "the ini file"
    seconds: float | None = _parse("interleave", _duration, value, source)
    if seconds is not None and not is_on(config):
        raise pytest.UsageError(f"interleave from {source} must stand with concurrency on, got {value!r} with off")
    return seconds


def interleave_fails(config: pytest.Config) -> bool:
    """Tell whether the session fails when an order is found in which a test fails.

    Raises:
        pytest.UsageError: The value is unusable.
    """
    value, source = config.getoption("interleave_fail"), "option --interleave-fail"
    if value is None:
        value, source = config.getini("interleave_fail") or "on", "the ini file"
    return bool(_parse("interleave_fail", _one_of("on", "off"), value, source) == "on")


def check(config: pytest.Config) -> None:
    """Refuse unusable options and ini values at the start of the session.

    Raises:
        pytest.UsageError: A value is unusable; the message shows it and what would be right.
    """
    is_on(config)
    interleave_seconds(config)
    interleave_fails(config)
    session_values(config)
    _check_replay(config.getoption("race_replay"))


def _check_replay(given: str | None) -> None:
    if given is not None:
        from pytest_concurrency._core import schedule
        from pytest_concurrency._explore import replaying

        if not schedule.is_whole(replaying.given(given)):
            what = "a token that a failure printed, or the file that holds it"
            raise pytest.UsageError(f"--race-replay must be {what}, got {given!r}")


def session_values(config: pytest.Config) -> dict[str, Any]:
    """Return what options and ini file say, and nothing else."""
    values = {}
    for setting, each in SETTINGS.items():
        name = f"{PREFIX}_{setting}"
        option, ini = config.getoption(name), config.getini(name)
        if option is not None:
            values[setting] = _parse(setting, each.parse, option, f"option {_option_names(setting)[0]}")
        elif ini:
            values[setting] = _parse(name, each.parse, ini, "the ini file")
    return values


def settings_for(item: pytest.Item, given: Mapping[str, Any], call: str = "race.explore") -> Settings:
    """Return the settings of one test: call beats marker beats option beats ini.

    Args:
        item: The test.
        given: What the call says.
        call: Which call it is: a key of `_CALLS`.

    Raises:
        pytest.UsageError: A value is unusable, or a keyword is unknown.
    """
    if "shards" in given:  # too late: the test would have to be several
        text = "shards must stand in the marker, the option or the ini file"
        raise pytest.UsageError(f"{call}: {text}, got {given['shards']!r} in the call")
    values = session_values(item.config)
    for marker in reversed(list(item.iter_markers("race"))):
        if marker.args:
            raise pytest.UsageError(f"{item.nodeid}: mark.race takes keywords only, got {marker.args!r}")
        values.update(_keywords(marker.kwargs, f"mark.race of {item.nodeid}"))
    if "patched" in given:
        raise pytest.UsageError(f"{call}: patched must be said of a test, by mark.race, got {given['patched']!r}")
    values.update(_keywords(given, call, _CALLS[call]))
    return Settings(**values)


def shards_of(node: Any, config: pytest.Config) -> int:
    """Return into how many parts the explorations of a test are cut; what is unusable is told when it runs."""
    given = next((each.kwargs["shards"] for each in node.iter_markers("race") if "shards" in each.kwargs), None)
    try:
        return int(session_values(config).get("shards", 1) if given is None else _parts(given))
    except ValueError:
        return 1


def _keywords(given: Mapping[str, Any], source: str, more: tuple[str, ...] = ()) -> dict[str, Any]:
    values = {}
    for name, value in given.items():
        if name not in SETTINGS:
            known = (*more, *SETTINGS)
            near = difflib.get_close_matches(name, known, n=1)
            hint = f": did you mean {near[0]!r}?" if near else ""
            raise pytest.UsageError(f"{source}: keyword must be one of {', '.join(known)}, got {name!r}{hint}")
        values[name] = _parse(name, SETTINGS[name].parse, value, source)
    return values


def _parse(name: str, parse: Callable[[Any], Any], value: Any, source: str) -> Any:
    try:
        return parse(value)
    except ValueError as error:
        raise pytest.UsageError(f"{name} from {source} must be {error}, got {value!r}") from None


def is_patched(item: pytest.Item) -> bool:
    """Tell whether a test is to run in a patched child; where its settings are unusable, it says so itself."""
    if item.get_closest_marker("race") is None and "race" not in getattr(item, "fixturenames", ()):
        return False
    try:
        return bool(settings_for(item, {}).patched != UNPATCHED)
    except pytest.UsageError:
        return False
