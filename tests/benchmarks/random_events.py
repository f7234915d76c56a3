"""A second grammar: tasks that set, clear, await and ask about events, with a limit and without, under locks too."""

from __future__ import annotations

import random
from typing import Final

from benchmarks.random_grammar import Program

STATEMENTS: Final = (
    "e.set()", "e.set()", "e.set()", "e.wait()", "e.wait()", "e.wait()", "f.set()", "f.wait()", "e.clear()",
    "f.clear()", "r.append(e.is_set())", "r.append(e.wait(1))", "x.n += 1", "x.n = x.n * 2 + 1", "r.append(x.n)",
    "r.append(x.m)", "x.m = 5", "with guard: e.set()", "with guard: r.append(e.is_set())",
    "if not e.is_set(): e.set(); r.append('set')", "e.wait(); r.append(x.n)", "x.n = 7; e.set()", "e.set(); f.wait()",
    "e.wait(); f.set()", "e.set(); e.clear()", "with c: e.set(); c.notify()", "with c: r.append(c.wait(1))",
    "with c: e.wait()", "with c: x.m += 1; c.notify_all()", "g = threading.Event(); box.g = g; e.set(); g.wait(1)",
    "e.wait(); box.g.set()",
)  # fmt: skip
SETUP: Final = (
    "e, f, x = threading.Event(), threading.Event(), Box(n=0, m=0)",
    "guard, c, box = threading.Lock(), threading.Condition(), Box(g=e)",
)


def generate(dice: random.Random) -> Program:
    """Make one program: two tasks of up to four statements, or three of up to two; mostly another sets all."""
    count = 2 if dice.random() < 0.5 else 3
    bodies = tuple(
        tuple(dice.choice(STATEMENTS) for _ in range(dice.randint(1, 4 if count == 2 else 2))) for _ in range(count)
    )
    if dice.random() < 0.8:
        bodies = (
            *(tuple(each for each in body if "clear" not in each) for body in bodies),
            ("x.m = 3", "e.set(); f.set()"),
        )
    setup = (*SETUP, "e.set()") if dice.random() < 0.1 else SETUP
    return Program(setup, "", bodies, "(x.n, x.m, e.is_set(), f.is_set())", "together")
