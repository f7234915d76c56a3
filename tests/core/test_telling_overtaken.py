"""No likely cause rather than a wrong one."""

import pytest

from pytest_concurrency._core.operations import READ, WRITE, Access
from pytest_concurrency._core.telling.overtaken import overtaken_read
from pytest_concurrency._core.telling.report import LaneStep, Place

LANES = {"read": READ, "write": WRITE, "acquire": WRITE, "release": WRITE}


def lanes(text: str) -> list[tuple[LaneStep, tuple[Access, ...]]]:
    """Return `A read p.n; B write p.n` as steps: the object is the part before the dot, and a lane shows the other."""
    told: list[tuple[LaneStep, tuple[Access, ...]]] = []
    for number, words in enumerate(text.split("; ")):
        task, verb, thing = words.split()
        step = LaneStep(task, Place("bank.py", number), f"{verb} {thing.rpartition('.')[2]}")
        told.append((step, ((thing, LANES[verb]),)))
    return told


def test_a_read_that_was_overtaken_is_named() -> None:
    assert overtaken_read(lanes("A read p.n; B read p.n; B write p.n; A write p.n")) == (
        "A read n at bank.py:0, B wrote it at bank.py:2 before A wrote it at bank.py:3: "
        "from the read to the write must be one critical section"
    )


@pytest.mark.parametrize(
    "text",
    [
        "A read p.n; B write p.n; A read p.m; A write p.m",
        "A read p.n; B write q.n; A write p.n",
        "A read p.n; B write p.n; A write q.n",
        "A read p.n; A write p.n; B write p.n; A write p.n",
        "A acquire l; A read p.n; A release l; B write p.n; A acquire l; A write p.n; A release l",
        "A acquire l; A acquire k; A read p.n; A release k; B write p.n; A write p.n",
    ],
    ids=["another attribute", "another object", "two objects", "already written", "two sections", "the inner lock"],
)
def test_what_does_not_belong_together_is_not_joined(text: str) -> None:
    assert overtaken_read(lanes(text)) == ""


def test_a_lock_that_is_kept_does_not_hide_it() -> None:
    told = overtaken_read(lanes("A acquire k; A read p.n; A acquire l; A release l; B write p.n; A write p.n"))
    assert told.startswith("A read n")


@pytest.mark.parametrize(
    ("read", "write", "is_told"),
    [
        ("n = p.n", "p.n = n + 1", True),
        ("with lock: n = p.n", "with lock: p.n = n + 1", True),
        ("n: int = p.n", "p.n = n", True),
        ("n = p.n", "p.n = number", False),
        ("if p.n == 1:", "p.n = n", False),
        ("p.n", "p.n = 5", False),
    ],
)
def test_from_section_to_section_a_name_has_to_lead(read: str, write: str, *, is_told: bool) -> None:
    steps = lanes("A acquire l; A read p.n; A release l; B write p.n; A acquire l; A write p.n; A release l")
    sources = {1: read, 5: write}
    told = [
        (LaneStep(step.task, Place("bank.py", at, "pay", sources.get(at, "")), step.what), touched)
        for at, (step, touched) in enumerate(steps)
    ]
    assert bool(overtaken_read(told)) is is_told


@pytest.mark.parametrize(
    ("read", "is_told"),
    [("most = max(most, p.n)", False), ("if p.n > 3:", True), ("left = p.n", False), ("n = p.n", True)],
)
def test_what_is_read_anew_was_not_overtaken_but_by_what_it_was_asked_for(read: str, is_told: bool) -> None:  # noqa: FBT001
    write = Place("bank.py", 2, "pay", "p.n -= n")
    steps = [
        (LaneStep("A", Place("bank.py", 1, "pay", read), "read n"), (("p.n", READ),)),
        (LaneStep("B", write, "read n"), (("p.n", READ),)),
        (LaneStep("B", write, "write n"), (("p.n", WRITE),)),
        (LaneStep("A", write, "read n"), (("p.n", READ),)),
        (LaneStep("A", write, "write n"), (("p.n", WRITE),)),
    ]
    assert bool(overtaken_read(steps)) is is_told
