"""Random programs that fail: does a token show the failure again, in another process, after an edit, on another Python?

    python tests/benchmarks/random_replays.py --count 500 --times 20 --python .venv313/bin/python

A program with seed n (of `random_grammar.py`) is given an assertion that one of its orders breaks. The failure's token
is then replayed in fresh processes, each for all the programs, `--times` times in each of three ways: as it is, with
lines put before it, and on the other Python. The texts must be equal, but for numbers of lines and where lines are
folded. One line of JSON tells how many of how many were, and whatever differed is printed.
"""

from __future__ import annotations

import argparse
import collections
import json
import linecache
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).resolve().parent
ENVIRONMENT: Final = {**os.environ, "PYTHONPATH": str(HERE.parent)}
ASSERTION: Final = """
def failing():
    told = repr(scenario())
    assert told != {unwanted!r}, "the order that is not wanted"
"""
EDIT: Final = "# lines that\n# somebody has written above\nBEFORE = 1\n\n"
LINE: Final = re.compile(r"(\.py):\d+")
SOURCE: Final = re.compile(r"(:N  .{,12}).*$")


def essence(text: str, path: str) -> str:
    """Return a failure without what may differ: the folder, numbers of lines, where lines are folded."""
    lines = LINE.sub(r"\1:N", text.replace(str(Path(path).parent), "")).splitlines()
    return " ".join(" ".join(SOURCE.sub(r"\1", line) for line in lines).split())


def failing(path: str) -> Any:
    """Return the scenario of a program in a file."""
    from benchmarks.random_programs import load

    load(path)
    return sys.modules[Path(path).stem].failing


def broken(text: str, path: Path, seconds: float) -> dict[str, Any] | None:
    """Write a program with an assertion that not every order keeps; return its failure, if one was found."""
    from benchmarks.random_programs import load

    from pytest_concurrency import explore

    path.write_text(text, encoding="utf-8")
    seen = explore(load(str(path)), strategy="random", schedules=60, seconds=seconds, stop_on_failure=False)
    if str(seen.grade) == "uncontrolled" or len(seen.outcomes) < 2 or any(" at 0x" in each for each in seen.outcomes):
        return None
    unwanted = min(seen.outcomes, key=lambda each: (seen.outcomes[each].count, each))
    path.write_text(text + ASSERTION.format(unwanted=unwanted), encoding="utf-8")
    linecache.clearcache()
    verdict = explore(failing(str(path)), schedules=2000, seconds=seconds)
    if verdict.error is None:
        return None
    return {"path": str(path), "token": verdict.replay, "text": essence(str(verdict.error), str(path))}


def replay(cases: list[dict[str, Any]]) -> list[str]:
    """Return the text that each token shows in this process."""
    from pytest_concurrency import explore

    found = []
    for case in cases:
        try:
            verdict = explore(failing(case["path"]), replay=case["token"])
            text = str(verdict.error) if verdict.error is not None else f"no failure: {verdict}"
        except Exception as error:  # told as what differs
            text = f"{type(error).__name__}: {error}"
        found.append(essence(text, case["path"]))
    return found


def in_a_fresh_process(python: str, cases: list[dict[str, Any]]) -> list[str]:
    """Return what `replay` finds there."""
    command = [python, __file__, "--serve"]
    done = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True, env=ENVIRONMENT, check=True)
    return list(json.loads(done.stdout.splitlines()[-1]))


def told_all(text: str) -> None:
    """Print where the terminal is: programs may leave another `sys.stdout`."""
    print(text, file=sys.__stdout__, flush=True)


def compare(way: str, python: str, cases: list[dict[str, Any]], times: int) -> collections.Counter[str]:
    """Replay all so many times; print what differs, once."""
    tally: collections.Counter[str] = collections.Counter()
    told = set()
    for _ in range(times):
        for case, text in zip(cases, in_a_fresh_process(python, cases), strict=True):
            same = text == case["text"]
            tally[f"{way} equal" if same else f"{way} DIFFERENT"] += 1
            if not same and case["path"] not in told:
                told.add(case["path"])
                told_all(f"{way}: {Path(case['path']).name}\n  was {case['text']}\n  is  {text}\n")
    return tally


def main() -> None:
    """Make programs that fail, and replay them."""
    options = _options()
    if options.serve:
        answers, sys.stdout = sys.stdout, sys.stderr
        print(json.dumps(replay(json.load(sys.stdin))), file=answers, flush=True)
        os._exit(0)
    from benchmarks.random_grammar import PRELUDE, generate

    with tempfile.TemporaryDirectory(prefix="random_replays_") as folder:
        cases: list[dict[str, Any]] = []
        seed = options.first
        while len(cases) < options.count:
            text = PRELUDE + generate(random.Random(seed)).text()
            case = broken(text, Path(folder, f"program_{seed}.py"), options.seconds)
            cases += [case] if case is not None else []
            seed += 1
        tally = compare("as it is", sys.executable, cases, options.times)
        if options.python:
            tally += compare("on the other Python", options.python, cases, options.times)
        for case in cases:
            path = Path(case["path"])
            path.write_text(EDIT + path.read_text(encoding="utf-8"), encoding="utf-8")
        tally += compare("after an edit", sys.executable, cases, options.times)
    told_all(json.dumps({"first": options.first, "seeds": seed - options.first, "programs": len(cases), **tally}))
    sys.exit(any("DIFFERENT" in each for each in tally))


def _options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=20, help="programs that fail")
    parser.add_argument("--times", type=int, default=2, help="replays of each, in each way")
    parser.add_argument("--seconds", type=float, default=3.0, help="for looking for a failure")
    parser.add_argument("--python", default="", help="the other Python, with the package installed")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))
    main()
