"""Which accesses nothing orders, on hand-made runs."""

from pytest_concurrency._core.detectors.happens_before import WHOLE, Clocks, Detector
from pytest_concurrency._core.operations import READ, WRITE


def two_tasks() -> Detector:
    detector = Detector()
    detector.clocks.begin(None)
    detector.clocks.begin(0)
    detector.clocks.begin(0)
    return detector


def test_a_parent_knows_nothing_of_its_child_before_the_join() -> None:
    clocks = Clocks()
    clocks.begin(None)
    before = clocks.now(0)
    clocks.begin(0)
    assert clocks.knows(1, 0, before)
    assert not clocks.knows(0, 1, clocks.now(1))
    assert not clocks.knows(1, 0, clocks.now(0))
    clocks.join(0, 1)
    assert clocks.knows(0, 1, clocks.now(1))


def test_what_is_left_at_a_lock_is_learnt_by_who_takes_it() -> None:
    clocks = Clocks()
    clocks.begin(None)
    clocks.begin(0)
    done = clocks.now(0)
    clocks.take(1, "lock")
    clocks.give(0, "lock")
    assert not clocks.knows(1, 0, clocks.now(0))
    clocks.take(1, "lock")
    assert clocks.knows(1, 0, done)
    assert not clocks.knows(1, 0, clocks.now(0))


def test_a_write_and_a_read_that_nothing_orders_are_a_pair() -> None:
    detector = two_tasks()
    detector.access(1, "x", WRITE, "w", ())
    detector.access(2, "x", READ, "r", ())
    assert list(detector.pairs) == [("w", "r")]
    assert not detector.overtaken


def test_two_reads_are_no_pair() -> None:
    detector = two_tasks()
    detector.access(1, "x", READ, "r", ())
    detector.access(2, "x", READ, "s", ())
    assert not detector.pairs


def test_a_lock_orders() -> None:
    detector = two_tasks()
    for task in (1, 2):
        detector.clocks.take(task, "lock")
        detector.access(task, "x", READ, "r", ())
        detector.access(task, "x", WRITE, "w", ())
        detector.clocks.give(task, "lock")
    assert not detector.pairs
    assert not detector.overtaken


def test_an_update_that_follows_another_may_overtake_it() -> None:
    detector = two_tasks()
    detector.access(1, "x", READ, "r", ())
    assert not detector.access(1, "x", WRITE, "w", ())
    detector.access(2, "x", READ, "r", ())
    found = detector.access(2, "x", WRITE, "w", ())
    assert [(each.read.task, each.write.task, each.other.task, each.between) for each in found] == [
        (2, 2, 1, False),
        (1, 1, 2, False),
    ]
    assert list(detector.overtaken) == [("r", "w", "w")]


def test_a_write_between_read_and_write_is_lost() -> None:
    detector = two_tasks()
    detector.access(1, "x", READ, "r", ())
    detector.access(2, "x", WRITE, "v", ())
    found = detector.access(1, "x", WRITE, "w", ())
    assert [(each.other.site, each.between) for each in found] == [("v", True)]


def test_the_last_read_counts() -> None:
    detector = two_tasks()  # double-checked: looked outside, looked again inside
    detector.access(1, "x", READ, "outside", ())
    detector.clocks.take(2, "lock")
    detector.access(2, "x", WRITE, "v", ())
    detector.clocks.give(2, "lock")
    detector.clocks.take(1, "lock")
    detector.access(1, "x", READ, "inside", ())
    assert not detector.access(1, "x", WRITE, "w", ())
    assert list(detector.pairs) == [("outside", "v")]


def test_a_read_outside_the_lock_under_which_is_written() -> None:
    detector = two_tasks()
    detector.access(1, "x", READ, "outside", ())
    detector.clocks.take(2, "lock")
    detector.access(2, "x", WRITE, "v", ())
    detector.clocks.give(2, "lock")
    detector.clocks.take(1, "lock")
    assert [each.between for each in detector.access(1, "x", WRITE, "w", ())] == [True]


def test_items_of_a_container_are_apart_and_all_of_them_meet_each() -> None:
    detector = two_tasks()
    detector.access(1, "d", WRITE, "a", (), item="a")
    detector.access(2, "d", WRITE, "b", (), item="b")
    assert not detector.pairs
    assert detector.access(2, "d", READ, "all", (), item=WHOLE) == []
    assert list(detector.pairs) == [("a", "all")]


def test_of_all_items_nothing_is_called_overtaken() -> None:
    detector = two_tasks()
    detector.access(1, "d", READ, "len", (), item=WHOLE)
    detector.access(2, "d", WRITE, "append", (), item=WHOLE)
    assert detector.access(1, "d", WRITE, "append", (), item=WHOLE) == []
    assert not detector.overtaken
    assert list(detector.pairs) == [("len", "append"), ("append", "append")]
