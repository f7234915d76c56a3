"""Compare the strategies with plain repetition and with the peers: tables, and JSON for machines.

    python tests/benchmarks/compare.py                                  # all of it: hours
    python tests/benchmarks/compare.py --seeds 5 --programs lazy01,reorder_3 --seconds 1

Found: of so many seeds (of one, where a strategy has none), how many led to a failure within the
cap, and the median number of schedules up to and including it; `races="ignore"`, so only what
fails by itself counts. Speed: schedules a second with assertions muted, side by side for each
program and the same kind of strategy (a random walk), so that ratios are of one moment of one
machine; once by real time, and once by CPU time, which other work on the machine disturbs less.
The peers interleave between bytecode instructions and at operations of
synchronisation, this package before accesses to shared state and at the same operations.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(HERE.parent)}
OURS = ("auto", "surw", "pos", "pct", "random", "dfs", "dpor")
PEERS = {
    "frontrun": ("with_frontrun.py", ("random", "dpor")),
    "interleave-test": ("with_interleave.py", ("random", "pct")),
}


def main() -> None:
    options = _options()
    names = options.programs.split(",") if options.programs else _all_names()
    result: dict[str, Any] = {"python": platform.python_version(), "found": {}, "speed": {}, "plain": {}}
    if "found" in options.parts:
        result["found"], result["plain"] = _found(options, names)
    if "speed" in options.parts:
        result["speed"] = _speed(options, names)
    print(_report(result, options))
    if options.json:
        Path(options.json).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", default="", help="names, by comma; all unless given")
    parser.add_argument("--strategies", default=",".join(OURS))
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--cap", type=int, default=2000, help="schedules a seed")
    parser.add_argument("--peer-seeds", type=int, default=3)
    parser.add_argument("--peer-seconds", type=float, default=20, help="a program and seed")
    parser.add_argument("--seconds", type=float, default=3, help="a program and tool, for the speed")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--parts", default="found,speed")
    parser.add_argument("--json", default="", help="where to write the figures")
    return parser.parse_args()


def _all_names() -> list[str]:
    code = "from benchmarks import corpus; print(*corpus.PROGRAMS)"
    done = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    return done.stdout.split()


def _measure(script: str, *arguments: object, limit: float, under: tuple[str, ...] = ()) -> dict[str, Any]:
    """Run one measurement in a process of its own; {} where it fails or takes too long."""
    command = [*under, sys.executable, str(HERE / script), *map(str, arguments)]
    try:
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return {}
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        print(f"{script} {arguments}: {(done.stderr.strip().splitlines() or ['no output'])[-1]}", file=sys.stderr)
        return {}
    return dict(json.loads(lines[-1]))


def _peers(options: Any) -> dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Return (script, strategies, command to run under) of every peer that is there."""
    if options.no_peers:
        return {}
    own_command = shutil.which("frontrun", path=str(Path(sys.executable).parent))
    under: dict[str, tuple[str, ...]] = {"interleave-test": ()}
    if own_command is not None:
        under["frontrun"] = (own_command,)
    return {name: (*PEERS[name], command) for name, command in under.items()}


def _found(options: Any, names: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    found: dict[str, Any] = {}
    plain: dict[str, Any] = {}
    for name in names:
        found[name] = {}
        for strategy in options.strategies.split(","):
            line = _measure("ours.py", "find", name, strategy, options.seeds, options.cap, limit=3600)
            found[name][strategy] = line
            _say(name, strategy, line)
        plain[name] = _measure("plain.py", name, options.cap, limit=300)
        for peer, (script, strategies, under) in _peers(options).items():
            for strategy in strategies:
                numbers = (options.peer_seeds, options.cap, options.peer_seconds)
                limit = options.peer_seeds * options.peer_seconds * 2 + 60
                line = _measure(script, "find", name, strategy, *numbers, limit=limit, under=under)
                found[name][f"{peer} {strategy}"] = line
                _say(name, f"{peer} {strategy}", line)
    return found, plain


def _say(name: str, tool: str, line: dict[str, Any]) -> None:
    print(f"{name:22} {tool:24} {_cell(line)}", file=sys.stderr, flush=True)


def _speed(options: Any, names: list[str]) -> dict[str, Any]:
    speed: dict[str, Any] = {}
    limit = options.seconds * 10 + 60
    for name in names:
        speed[name] = {"ours": _rates(_measure("ours.py", "speed", name, "random", options.seconds, limit=limit))}
        for peer, (script, _, under) in _peers(options).items():
            line = _measure(script, "speed", name, "random", options.seconds, limit=limit, under=under)
            speed[name][peer] = _rates(line)
        print(name, speed[name], file=sys.stderr, flush=True)
    return speed


def _rates(line: dict[str, Any]) -> dict[str, float]:
    """Return schedules per second of real time, and of the process's own CPU time."""
    return {clock: line["schedules"] / line[clock] if line else 0.0 for clock in ("seconds", "cpu")}


def _cell(line: dict[str, Any]) -> str:
    if not line:
        return "-"
    needed = line["needed"]
    median = f" {statistics.median(needed):g}" if needed else ""
    proved = " proved" if line.get("proved") else ""
    return f"{len(needed)}/{line['tries']}{median}{proved}"


def _report(result: dict[str, Any], options: Any) -> str:
    parts = []
    if result["found"]:
        tools = list(next(iter(result["found"].values())))
        rows = [
            [name, *(_cell(cells.get(tool, {})) for tool in tools), _plain_cell(result["plain"].get(name, {}))]
            for name, cells in result["found"].items()
        ]
        parts.append(f"Found / tries, median number of schedules (cap {options.cap}; races ignored)")
        parts.append(_table(["program", *tools, "repetition"], rows))
    if result["speed"]:
        for clock, words in (("seconds", "second"), ("cpu", "second of CPU time")):
            parts += _speed_table(result, clock, words)
    return "\n\n".join(parts)


def _speed_table(result: dict[str, Any], clock: str, words: str) -> list[str]:
    rows, ratios = [], []
    for name, tools in result["speed"].items():
        rates = {tool: each[clock] for tool, each in tools.items()}
        best = max((rate for tool, rate in rates.items() if tool != "ours"), default=0.0)
        ratio = rates["ours"] / best if best else 0.0
        ratios += [ratio] if ratio else []
        cells = [f"{rate:.0f}" if rate else "-" for rate in rates.values()]
        rows.append([name, *cells, f"{ratio:.1f}" if ratio else "-"])
    tools = list(next(iter(result["speed"].values())))
    parts = [f"Schedules a {words}, random walk, Python {result['python']}; ratio to the faster peer"]
    parts.append(_table(["program", *tools, "ratio"], rows))
    if ratios:
        mean = math.exp(statistics.fmean(map(math.log, ratios)))
        parts.append(f"least ratio {min(ratios):.1f}, geometric mean {mean:.1f}")
    return parts


def _plain_cell(line: dict[str, Any]) -> str:
    return f"{line['failures']} of {line['schedules']}" if line else "-"


def _table(head: list[str], rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, ["-" * width for width in widths], *rows]
    padded = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in padded)


if __name__ == "__main__":
    main()
