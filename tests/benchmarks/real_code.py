"""Explore other people's code and print what was found: the standard library, and packages that are installed.

python tests/benchmarks/real_code.py
python tests/benchmarks/real_code.py --schedules 2000 queue   # the cases whose name contains a word
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def main() -> None:
    from programs import real_packages, real_standard  # noqa: F401 # they enter their cases
    from programs.real import CASES

    parser = argparse.ArgumentParser(description="Explore other people's code and print what was found.")
    parser.add_argument("words", nargs="*", help="only cases whose name contains one of these")
    parser.add_argument("--schedules", type=int, default=1000)
    chosen = parser.parse_args()
    surprises = []
    for name, each in CASES.items():
        if chosen.words and not any(word in name for word in chosen.words):
            continue
        verdict = each.explore(schedules=chosen.schedules, seconds=60)
        alarms = [race for race in verdict.races if race.is_alarm]
        if bool(alarms or verdict.error or verdict.deadlocks) != each.alarm:
            surprises.append(name)
        notes = len(verdict.races) - len(alarms)
        count = f"{verdict.schedules:>5} schedules, {len(alarms)} alarms, {notes} notes"
        print(f"{verdict.grade!s:<12} {count}  {name}", flush=True)
        told = [f"{race}\n  again: explore(scenario, replay={race.replay!r})" for race in alarms]
        for text in [str(verdict)] if verdict.error else [*told, *verdict.deadlocks]:
            print("    " + text.replace("\n", "\n    "))
        if str(verdict.grade) in ("unfinished", "uncontrolled") or verdict.schedules < chosen.schedules:
            print(f"    {verdict.reason}")
    sys.exit(f"not as expected: {', '.join(surprises)}" if surprises else 0)


if __name__ == "__main__":
    main()
