"""A handful of random programs: what the explorer proves, beside brute force that knows nothing of it."""

import ast
import random
import sys
from pathlib import Path
from typing import Any

import pytest
from benchmarks import random_programs
from benchmarks.random_grammar import PRELUDE, THINGS, generate

HERE = Path(random_programs.__file__).parent
needs_monitoring = pytest.mark.skipif(
    sys.version_info < (3, 12), reason="Python 3.11 has no sys.monitoring: brute force needs it"
)
LOST_UPDATE = """
def scenario():
    x = Box(n=0)
    def task0(r): x.n += 1
    def task1(r): x.n += 1
    return together(task0, task1), x.n
"""
DEADLOCK = """
def scenario():
    one, two = threading.Lock(), threading.Lock()
    def task0(r):
        with one, two: pass
    def task1(r):
        with two, one: pass
    return together(task0, task1)
"""


@pytest.fixture
def truth() -> Any:
    worker = random_programs.Worker(sys.executable)
    yield worker
    worker.end()


def test_brute_force_does_not_know_the_package() -> None:
    for name in ("brute_force.py", "brute_doubles.py"):
        tree = ast.parse((HERE / name).read_text(encoding="utf-8"))
        modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        modules += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        assert not [each for each in modules if each.startswith("pytest")]


@pytest.mark.slow
def test_a_seed_is_one_program() -> None:
    texts = [generate(random.Random(seed)).text() for seed in range(200)]
    assert texts == [generate(random.Random(seed)).text() for seed in range(200)]
    assert len(set(texts)) > 190


def test_every_way_to_make_something_compiles() -> None:
    for thing in THINGS.values():
        for text in (*thing.reads, *thing.writes, f"X = {thing.made}", thing.shown):
            compile(text, "a text of the grammar", "exec")


@needs_monitoring
@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "outcomes"),
    [(LOST_UPDATE, ["([[], []], 1)", "([[], []], 2)"]), (DEADLOCK, ["DEADLOCK", "[[], []]"])],
    ids=["lost update", "deadlock"],
)
def test_brute_force_sees_what_can_happen(truth: Any, tmp_path: Path, text: str, outcomes: list[str]) -> None:
    path = tmp_path / "program.py"
    path.write_text(PRELUDE + text, encoding="utf-8")
    assert truth.ask("forced", str(path), [], 1.0)["outcomes"] == outcomes


@pytest.mark.parametrize(
    ("grade", "ours", "seen", "word"),
    [
        ("proved", "ab", "ab", "proved"),
        ("proved", "ab", "abc", "MISSED"),
        ("proved", "abc", "ab", "unconfirmed"),
        ("failed", "a", "a", "ALARM"),
    ],
)
def test_what_differs_is_told(grade: str, ours: str, seen: str, word: str) -> None:
    answer = random_programs.compared({"grade": grade, "outcomes": [*ours]}, {"outcomes": [*seen], "runs": 1})
    assert answer[0] == word


@needs_monitoring
@pytest.mark.slow
@pytest.mark.parametrize("seed", [4, 7, 15, 16, 18])
def test_nothing_is_missed_where_a_proof_is_claimed(seed: int) -> None:
    with random_programs.Judge(sys.executable, "dpor", 4.0) as judge:
        word, said = judge.judge(PRELUDE + generate(random.Random(seed)).text())
    assert word not in random_programs.DEFECTS, said
