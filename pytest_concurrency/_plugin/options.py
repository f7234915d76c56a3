"""Every setting, declared once: option, ini key and marker keyword come from here."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_concurrency._core import strategies

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


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
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not number > 0:
        raise ValueError("> 0")
    return number


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


def _setting(default: Any, parse: Callable[[Any], Any], help: str) -> Any:  # noqa: A002 # argparse's word
    return field(default=default, metadata={"parse": parse, "help": help})


def _oracle(what: str) -> Any:
    return _setting("ignore", _one_of("ignore", "fail"), f"what to do when {what}: ignore or fail (default: ignore)")


@dataclass(repr=False, eq=False)  # each method more is compiled in every session
class Settings:
    """What one test is explored with; each field is an option, an ini key and a marker keyword."""

    schedules: int = _setting(1000, _whole(1), "try at most so many schedules (default: 1000)")
    strategy: Any = _setting(  # noqa: RUF009 # `_setting` is a field; a name, or a Strategy
        "auto", _strategy, f"who goes next: {', '.join(strategies.NAMES)} (default: auto)"
    )
    seed: int = _setting(0, _whole(None), "seed of random strategies (default: 0)")
    preemptions: int | None = _setting(None, _bound, "bound on preemptions for dfs (default: none)")
    seconds: float | None = _setting(None, _seconds, "explore no longer than this, in real time (default: 10)")
    races: str = _setting(
        "report", _one_of("fail", "report", "ignore"), "unordered accesses: fail, report or ignore (default: report)"
    )
    clock: str = _setting(
        "exact",
        _one_of("exact", "any"),
        "virtual time: exact moves it only when nobody can run, any at any step (default: exact)",
    )
    require: str = _setting(
        "none",
        _one_of("none", "sampled", "proved"),
        "fail a test whose verdict is weaker: none, sampled, proved (default: none)",
    )
    busy_waiting: str = _oracle("a task asks in a loop instead of waiting")
    sleep_ordering: str = _oracle("the scenario fails when a sleep is overtaken")
    ignored_timeouts: str = _oracle("a timed wait gives up and nobody looks at its answer")
    kept_locks: str = _oracle("an error leaves a lock or a permit taken")
    starvation: str = _oracle("a task waits while others have their turn again and again")
    serialised: str = _oracle("functions named by `overlapping` are never in two tasks at once")
    outliving_threads: str = _oracle("a thread runs on when its owner has returned")


PREFIX: Final = "race"
MARKERS: Final = {
    "race": "race(schedules=, strategy=, seed=, preemptions=, seconds=, races=, clock=, require=, "
    "busy_waiting=, sleep_ordering=, ignored_timeouts=, kept_locks=, starvation=, outliving_threads=): "
    "explore the whole test as a scenario, with its function fixtures anew for each schedule; "
    "in a test that uses the fixture `race`, the settings of race.explore",
    "virtual_time": "virtual_time: the whole test runs in virtual time, as inside timing.virtual()",
}


def _option_names(name: str) -> list[str]:
    """Return `--race-busy-waiting`, and the same with the underscore of the ini key."""
    option = f"--{PREFIX}-{name}"
    return [option] if "_" not in name else [option.replace("_", "-"), option]


def add_options(parser: pytest.Parser) -> None:
    """Declare every setting."""
    group = parser.getgroup("concurrency", "concurrency: races, deadlocks, timing")
    for each in fields(Settings):
        name = f"{PREFIX}_{each.name}"
        text = each.metadata["help"]
        group.addoption(*_option_names(each.name), dest=name, default=None, metavar=each.name.upper(), help=text)
        parser.addini(name, text)
    group.addoption(
        "--race-replay",
        dest="race_replay",
        default=None,
        metavar="TOKEN",
        help="run the one schedule that a failure printed (a token, or the file that holds it)",
    )
    group.addoption(
        "--deadlock-report",
        dest="deadlock_report",
        action="store_true",
        help="at the end print the locks that threads took in different orders anywhere in the session",
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


def is_on(config: pytest.Config) -> bool:
    """Tell whether the plugin is to do anything by itself."""
    value, source = config.getoption("concurrency"), "option --concurrency"
    if value is None:
        value, source = config.getini("concurrency") or "on", "the ini file"
    return bool(_parse("concurrency", _one_of("on", "off"), value, source) == "on")


def check(config: pytest.Config) -> None:
    """Refuse unusable options and ini values at the start of the session.

    Raises:
        pytest.UsageError: A value is unusable; the message shows it and what would be right.
    """
    is_on(config)
    _session_values(config)


def _session_values(config: pytest.Config) -> dict[str, Any]:
    values = {}
    for each in fields(Settings):
        name = f"{PREFIX}_{each.name}"
        option, ini = config.getoption(name), config.getini(name)
        if option is not None:
            values[each.name] = _parse(each.name, each.metadata["parse"], option, f"option --{PREFIX}-{each.name}")
        elif ini:
            values[each.name] = _parse(name, each.metadata["parse"], ini, "the ini file")
    return values


def settings_for(item: pytest.Item, given: Mapping[str, Any]) -> Settings:
    """Return the settings of one test: call beats marker beats option beats ini.

    Raises:
        pytest.UsageError: A value is unusable, or a keyword is unknown.
    """
    values = _session_values(item.config)
    for marker in reversed(list(item.iter_markers("race"))):
        if marker.args:
            raise pytest.UsageError(f"{item.nodeid}: mark.race takes keywords only, got {marker.args!r}")
        values.update(_keywords(marker.kwargs, f"mark.race of {item.nodeid}"))
    values.update(_keywords(given, "race.explore"))
    return Settings(**values)


def _keywords(given: Mapping[str, Any], source: str) -> dict[str, Any]:
    known = {each.name: each for each in fields(Settings)}
    values = {}
    for name, value in given.items():
        if name not in known:
            raise pytest.UsageError(f"{source}: keyword must be one of {', '.join(known)}, got {name!r}")
        values[name] = _parse(name, known[name].metadata["parse"], value, source)
    return values


def _parse(name: str, parse: Callable[[Any], Any], value: Any, source: str) -> Any:
    try:
        return parse(value)
    except ValueError as error:
        raise pytest.UsageError(f"{name} from {source} must be {error}, got {value!r}") from None
