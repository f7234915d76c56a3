"""Keep what the whole corpus says, and compare it with what an earlier or a later build says.

    python tests/benchmarks/texts.py keep before.json     # verdicts, numbers of schedules, tokens, reports, outcomes
    python tests/benchmarks/texts.py compare before.json  # run again, and name each program that differs

Exits with 1 where anything differs. A change that is meant to keep behaviour keeps all of it; places of
the package's own files do not occur, as reports speak of the user's code alone.
"""

from __future__ import annotations

import difflib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("PYTHONHASHSEED", "0")

SETTINGS: tuple[dict[str, Any], ...] = (
    {"strategy": "auto", "schedules": 60},
    {"strategy": "dpor", "schedules": 60},
    {"strategy": "pct", "schedules": 20, "clock": "any"},
    {"strategy": "auto", "schedules": 20, "races": "fail", "busy_waiting": "fail", "ignored_timeouts": "fail",
     "sleep_ordering": "fail", "starvation": "fail", "outliving_threads": "fail"},
)  # fmt: skip
OUTSIDE = {"thread_pool"}  # waits in real time: what it says depends on the machine


def main() -> None:
    """Keep or compare."""
    if len(sys.argv) != 3 or sys.argv[1] not in ("keep", "compare"):
        raise SystemExit("usage: texts.py keep|compare FILE")
    file = Path(sys.argv[2])
    found = dict(_texts())
    if sys.argv[1] == "keep":
        file.write_text(json.dumps(found, indent=1), encoding="utf-8")
        print(f"{len(found)} texts kept in {file}")
        return
    before: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    different = [name for name in sorted(before.keys() | found.keys()) if before.get(name) != found.get(name)]
    for name in different:
        print(f"--- {name}")
        lines = difflib.unified_diff(
            before.get(name, "").splitlines(), found.get(name, "").splitlines(), "before", "now", lineterm="", n=1
        )
        print("\n".join(lines))
    print(f"{len(before)} texts before, {len(found)} now, {len(different)} differ")
    raise SystemExit(bool(different))


def _texts() -> Iterator[tuple[str, str]]:
    from programs import bugs, right, sctbench, small

    from pytest_concurrency import explore
    from pytest_concurrency._explore import investigation

    investigation.SHRINK_SECONDS = investigation.SHRINK_WITHIN = 120.0  # type: ignore[misc] # as far as it goes
    for module in (bugs, right, sctbench, small):
        for program in module.PROGRAMS:
            for number, settings in enumerate(SETTINGS):
                if program.name not in OUTSIDE:
                    verdict = explore(program.scenario, seconds=60.0, **settings)
                    yield f"{program.name} {number}", _text(verdict)


def _text(verdict: Any) -> str:
    outcomes = [f"{text} {each.count} {each.replay}" for text, each in verdict.outcomes.items()]
    races = [f"{race} {race.replay}" for race in verdict.races]
    lines = [str(verdict), str(verdict.grade), str(verdict.schedules), verdict.reason, verdict.replay]
    return "\n".join([*lines, str(verdict.error), *outcomes, *races, *verdict.deadlocks])


if __name__ == "__main__":
    main()
