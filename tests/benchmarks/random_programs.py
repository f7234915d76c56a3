"""Random programs: is all that brute force sees among what the explorer has proved, and nothing else?

    python tests/benchmarks/random_programs.py --first 0 --count 3000            # some hours
    python tests/benchmarks/random_programs.py --first 17 --count 1 --show       # one of them, with its text

A program with seed n is the same on every Python. Of each the explorer names its outcomes (`dpor`); where it says
`proved`, brute force (`brute_force.py`, in another process, which knows nothing of the package) looks for one that is
missing, and searches deeper for those that it has not seen. What differs is made smaller and told. One line a
program goes to `--log`, and the table of all to the terminal:

    proved       equal sets of outcomes
    unconfirmed  proved, and brute force has not come to some of the outcomes in its time
    MISSED       proved, and one more outcome can happen
    ALARM        failed, where brute force sees neither a deadlock nor an error
    HANG         the explorer gave no verdict in a minute
    sampled, unfinished, uncontrolled, failed: no proof
"""

from __future__ import annotations

import argparse
import collections
import importlib.util
import json
import os
import random
import re
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Self

HERE: Final = Path(__file__).resolve().parent
DEFECTS: Final = ("MISSED", "ALARM", "HANG", "CRASH")
ODD: Final = ("DEADLOCK", "RAISED", "NO END")
ADDRESS: Final = re.compile(r" at 0x[0-9a-f]+")
PATIENCE: Final = 60.0
"""Seconds of real time for one answer."""
ENVIRONMENT: Final = {**os.environ, "PYTHONPATH": str(HERE.parent), "PYTHONHASHSEED": "0"}


# -- workers


def load(path: str) -> Any:
    """Return the scenario of a program in a file."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module
    spec.loader.exec_module(module)
    return module.scenario


def explored(path: str, strategy: str, seconds: float) -> dict[str, Any]:
    """Let the explorer say what a program can show."""
    from pytest_concurrency import explore

    verdict = explore(load(path), strategy=strategy, schedules=3000, seconds=seconds, stop_on_failure=False)
    return {
        "grade": str(verdict.grade),
        "outcomes": plain(verdict.outcomes),
        "reason": verdict.reason[:200],
        "schedules": verdict.schedules,
    }


def forced(path: str, expected: list[str], seconds: float) -> dict[str, Any]:
    """Let brute force say what a program can show."""
    from benchmarks.brute_force import outcomes

    truth = outcomes(load(path), seconds=seconds, expected=frozenset(expected))
    return {"outcomes": plain(truth.outcomes), "runs": truth.runs, "bound": truth.bound}


def plain(texts: Any) -> list[str]:
    """Return outcomes without addresses, in order."""
    return sorted({ADDRESS.sub("", text) for text in texts})


def serve() -> None:
    """Answer requests, one JSON object a line."""
    answers, sys.stdout = sys.stdout, sys.stderr
    functions: dict[str, Any] = {"explored": explored, "forced": forced}
    for line in sys.stdin:
        name, arguments = json.loads(line)
        try:
            answer: Any = functions[name](*arguments)
        except BaseException as error:  # a benchmark tells it, and goes on
            answer = {"crash": f"{type(error).__name__}: {error}"[:300]}
        print(json.dumps(answer), file=answers, flush=True)
    os._exit(0)


class Worker:
    """A process that answers, and is begun anew where it does not."""

    def __init__(self, python: str) -> None:
        self._python = python
        self._process: subprocess.Popen[str] | None = None
        self._answers = 0

    def ask(self, name: str, *arguments: Any) -> dict[str, Any]:
        """Return an answer; `hang` where none came in time."""
        if self._process is None or self._answers % 100 == 99:
            self.end()
            self._process = subprocess.Popen(
                [self._python, __file__, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True, env=ENVIRONMENT,
            )  # fmt: skip
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        self._answers += 1
        process.stdin.write(json.dumps([name, arguments]) + "\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], PATIENCE)[0]:
            self.end()
            return {"hang": True}
        line = process.stdout.readline()
        if not line:
            self.end()
            return {"crash": "the process ended"}
        return dict(json.loads(line))

    def end(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


# -- judging


class Judge:
    """Compares what the two say of programs.

    Args:
        python: The interpreter for both.
        strategy: The explorer's.
        seconds: For each of the two and program; brute force may take some more.
    """

    def __init__(self, python: str, strategy: str, seconds: float) -> None:
        self._explorer, self._truth = Worker(python), Worker(python)
        self._strategy, self._seconds = strategy, seconds
        self._folder = tempfile.TemporaryDirectory(prefix="random_programs_")
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._explorer.end()
        self._truth.end()
        self._folder.cleanup()

    def judge(self, text: str) -> tuple[str, dict[str, Any]]:
        """Return a word and what stands behind it."""
        self._number += 1
        path = Path(self._folder.name, f"program_{self._number}.py")
        path.write_text(text, encoding="utf-8")
        ours = self._explorer.ask("explored", str(path), self._strategy, self._seconds)
        if "hang" in ours or "crash" in ours:
            return ("HANG" if "hang" in ours else "CRASH"), ours
        if ours["grade"] not in ("proved", "failed"):
            return ours["grade"], ours
        truth = self._truth.ask("forced", str(path), ours["outcomes"], self._seconds)
        path.unlink()
        if "outcomes" not in truth:
            return "no truth", truth
        return compared(ours, truth)


def compared(ours: dict[str, Any], truth: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the word for what the two have said, and what stands behind it."""
    found, named = set(truth["outcomes"]), set(ours["outcomes"])
    odd = {each for each in found if each.startswith(ODD)}
    said = {**ours, "missed": sorted(found - named)[:3], "unseen": sorted(named - found)[:3], "runs": truth["runs"]}
    if ours["grade"] == "failed":
        return ("failed" if odd else "ALARM"), said
    if found - named:
        return "MISSED", said
    return ("unconfirmed" if named - found else "proved"), said


def smaller(program: Any) -> Iterator[Any]:
    """Yield every program that has one statement less, or is reached in the plainest way."""
    for number, body in enumerate(program.bodies):
        for at in range(len(body)):
            less = (*body[:at], *body[at + 1 :])
            yield replace(program, bodies=(*program.bodies[:number], less, *program.bodies[number + 1 :]))
        for at, statement in enumerate(body):
            for line in statement.split("\n"):
                bare = line.strip()
                if bare and bare != statement and _compiles(bare):
                    less = (*body[:at], bare, *body[at + 1 :])
                    yield replace(program, bodies=(*program.bodies[:number], less, *program.bodies[number + 1 :]))


def _compiles(text: str) -> bool:
    try:
        compile(text, "a statement", "exec")
    except SyntaxError:
        return False
    return True


def reduced(judge: Judge, program: Any, kind: str, prelude: str) -> Any:
    """Return the smallest program that is judged alike."""
    while True:
        for each in smaller(program):
            if judge.judge(prelude + each.text())[0] == kind:
                program = each
                break
        else:
            return program


def main() -> None:
    """Judge programs one after the other."""
    options = _options()
    if options.serve:
        serve()
        return
    from benchmarks import random_events, random_grammar

    prelude = random_grammar.PRELUDE
    generate = random_events.generate if options.events else random_grammar.generate
    tally: collections.Counter[str] = collections.Counter()
    with Judge(options.python, options.strategy, options.seconds) as judge:
        for seed in range(options.first, options.first + options.count):
            program = generate(random.Random(seed))
            word, said = judge.judge(prelude + program.text())
            tally[word] += 1
            small = word in DEFECTS and word != "HANG" and not options.whole
            text = (reduced(judge, program, word, prelude) if small else program).text() if word in DEFECTS else ""
            if options.show:
                text = program.text()
            _log(options.log, {"seed": seed, "word": word, **said, "text": text})
            if text:
                print(f"seed {seed}: {word} {said.get('missed', '')} {said.get('reason', said)}\n{text}", flush=True)
    print(json.dumps({"first": options.first, "count": options.count, **dict(sorted(tally.items()))}))
    sys.exit(any(tally[word] for word in DEFECTS))


def _log(path: str, line: dict[str, Any]) -> None:
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--strategy", default="dpor")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each of the two, a program")
    parser.add_argument("--python", default=sys.executable, help="3.12 or later, with the package installed")
    parser.add_argument("--log", default="", help="a file for one JSON line a program")
    parser.add_argument("--events", action="store_true", help="programs of events instead")
    parser.add_argument("--show", action="store_true", help="print each program")
    parser.add_argument("--whole", action="store_true", help="do not make what differs smaller")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))
    main()
