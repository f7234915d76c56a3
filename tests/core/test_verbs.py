"""What operations mean: one table, and nothing that it does not know is taken for harmless."""

import sys

import pytest
from programs import bugs, right, small

from pytest_concurrency import explore, strategies
from pytest_concurrency._core import verbs
from pytest_concurrency._core.operations import WRITE, conflict
from pytest_concurrency._core.verbs import ROWS, STRANGE, operation, verb_of
from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._runtimes import kinds

SENDING = {"bind", "listen", "connect", "send", "shutdown"}
RECEIVING = {"accept", "recv", "select"}


def test_what_stood_in_private_sets_is_derived_from_the_table() -> None:
    assert {"release", "put", "call_soon_threadsafe", "give to", "close", *SENDING} == verbs.GIVES
    takes = {"acquire", "try", "get", "look", "join", "notify", "wait in the loop", "take from", "poll", "connect"}
    assert takes | RECEIVING == verbs.TAKES
    assert {"acquire", "get", "join", "wait in the loop", "take from", "poll"} | RECEIVING == verbs.WAITS
    assert {"release", "end", "begin", "join", "look", "wait in the loop"} == verbs.FORCED
    assert {
        ("release", "acquire"),
        ("put", "get"),
        ("get", "put"),
        ("end", "join"),
        ("close", "get"),
    } == verbs.NEVER_REVERSED
    assert {
        "sleep",
        "look",
        "try",
        "get",
        "put",
        "acquire",
        "release",
        "start",
        "end",
        "join",
        "take from",
        "give to",
        "poll",
        "close",
    } | (SENDING | RECEIVING) - {"bind"} == verbs.TOLD


@pytest.mark.parametrize(
    ("kind", "name"),
    [("acquire", "acquire"), ("read total", "read"), ("call look", "call"), ("look in", "look in"),
     ("the end of the run", "the end of the run"), ("compute +=", "compute")],
)  # fmt: skip
def test_a_verb_is_found_by_all_of_a_kind_or_by_its_first_word(kind: str, name: str) -> None:
    assert verb_of(kind) is ROWS[name]


@pytest.mark.parametrize("kind", ["", "swap", "acquire lock", "release all", "reads total"])
def test_what_stands_in_no_row_conflicts_with_everything_that_touches_anything(kind: str) -> None:
    assert verb_of(kind) is STRANGE
    strange = operation(kind, ((("sync", 1), WRITE),))
    assert strange == (kind, None)
    assert conflict(strange, operation("read total", (("another thing", 0),)))
    assert not conflict(strange, operation("sleep", ()))


def test_what_a_double_does_stands_in_a_row() -> None:
    kinds.every()
    doubles = {
        each
        for name, module in sys.modules.items()
        if name.startswith("pytest_concurrency.")
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Resource)
    }
    assert {"Lock", "SimpleQueue"} <= {getattr(each, "kind", "") for each in doubles}
    assert {(each, verb) for each in doubles for verb in (each.takes, each.gives) if verb not in ROWS} == set()


class Seeing(strategies.Strategy):
    """Goes on, and keeps every kind of operation that was about to be done."""

    name = "seeing"
    every_step = True

    def __init__(self) -> None:
        self.kinds: set[str] = set()

    def choose(self, runnable, current, pending):  # type: ignore[no-untyped-def] # as the contract has it
        self.kinds.update(op[0] for op in pending.values())
        return super().choose(runnable, current, pending)


@pytest.mark.soak
@pytest.mark.parametrize("module", [bugs, right, small], ids=lambda module: module.__name__)
def test_every_operation_of_the_corpus_stands_in_a_row(module) -> None:  # type: ignore[no-untyped-def]
    seeing = Seeing()
    for program in module.PROGRAMS:
        explore(program.scenario, schedules=1, strategy=seeing, races="ignore", seconds=5)
    assert len(seeing.kinds) > 10
    assert {kind for kind in seeing.kinds if verb_of(kind) is STRANGE} == set()
