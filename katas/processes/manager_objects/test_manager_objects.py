"""The notice board: the tests. Most have a stand-in for the manager, and threads that mix in many ways."""

import copy
import multiprocessing
import os
import queue
import threading
import time
import types

import pytest
from manager_objects import Board, collect

NOT_SENT = "something cannot go to a process that is not forked: use objects of the manager, and functions of a module"
VIEWS = tuple(type(getattr({}, name)()) for name in ("keys", "values", "items"))


def sent(value):
    """Return a copy, as it comes out at the other end; views come as lists, proxies stay what they are."""
    return copy.deepcopy(list(value) if isinstance(value, VIEWS) else value)


class Proxy:
    """Stands for an object of the manager: what goes in and what comes out is a copy."""

    def __init__(self, manager, target):
        vars(self).update(_manager=manager, _target=target)

    def __deepcopy__(self, memo):
        return self

    def _call(self, name, *args, **kwargs):
        if self._manager.has_ended:
            raise ConnectionRefusedError("the manager has ended, and its objects with it")
        args, kwargs = sent(args), sent(kwargs)
        return sent(getattr(self._target, name)(*args, **kwargs))

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if callable(getattr(self._target, name, None)):
            return lambda *args, **kwargs: self._call(name, *args, **kwargs)
        return self._call("__getattribute__", name)

    def __setattr__(self, name, value):
        self._call("__setattr__", name, value)

    def __getitem__(self, key):
        return self._call("__getitem__", key)

    def __setitem__(self, key, value):
        self._call("__setitem__", key, value)

    def __delitem__(self, key):
        self._call("__delitem__", key)

    def __len__(self):
        return self._call("__len__")

    def __contains__(self, item):
        return self._call("__contains__", item)

    def __enter__(self):
        return self._call("__enter__")

    def __exit__(self, *error):
        return self._call("__exit__", None, None, None)


class StandIn:
    """A manager in this process."""

    kinds = {"dict": dict, "list": list, "Namespace": types.SimpleNamespace}
    kinds |= {"Queue": queue.Queue, "JoinableQueue": queue.Queue}
    kinds |= {
        "Value": lambda code, value=0: types.SimpleNamespace(value=value),
        "Array": lambda code, items: list(items),
    }

    def __init__(self):
        self.has_ended = False

    def __deepcopy__(self, memo):
        raise TypeError("a manager cannot be sent to a process: keep its objects, and not the manager")

    def __getattr__(self, name):
        make = self.kinds.get(name) or getattr(threading, name)
        return lambda *args, **kwargs: Proxy(self, make(*sent(args), **sent(kwargs)))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.shutdown()

    def shutdown(self):
        self.has_ended = True


class Thread(threading.Thread):
    """A process that is a thread; what it is given is sent."""

    exitcode = None

    def __init__(self, target, args=(), kwargs=None, name=None):
        super().__init__(target=target, args=sent(args), kwargs=sent(kwargs or {}), name=name)

    def run(self):
        super().run()
        self.exitcode = 0


class Context:
    """A context whose manager and processes are stand-ins."""

    Process = Thread

    def __init__(self):
        self.managers = []

    def Manager(self):
        self.managers.append(StandIn())
        return self.managers[-1]


def run(*calls):
    """Run these at the same time, to the end."""
    threads = [threading.Thread(target=call, args=args) for call, *args in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.task(1)
def test_notes_hang_under_their_topics():
    board, other = Board(StandIn()), Board(manager=StandIn())
    assert board.notes() == {}, f"a new board has {board.notes()}"
    for topic, note in (("cats", "Tom"), (None, 0), ("cats", None), ("cats", "Tom"), ((), [])):
        board.pin(topic, note)
    right = {"cats": ["Tom", None, "Tom"], None: [0], (): [[]]}
    found = board.notes()
    assert found == right, (
        f"Tom, None, Tom were pinned under cats, 0 under None, [] under (): notes() says {found}; what you get from a "
        "manager is a copy, so put it back"
    )
    for topic, note in ((1, "one"), (True, "yes"), ("1", "a digit")):
        board.pin(topic, note)
    right |= {1: ["one", "yes"], "1": ["a digit"]}
    found = board.notes()
    assert found == right, (
        f"then one was pinned under 1, yes under True, which is the same key, and a digit under '1', which is another "
        f"one: notes() says {found}"
    )
    assert type(found) is dict and {type(notes) for notes in found.values()} == {list}, (
        f"notes() is a {type(found).__name__} of {type(found['cats']).__name__}: plain dict, plain lists"
    )
    found["cats"].append("Kitty")
    assert board.notes() == right, "somebody wrote on what notes() had returned, and now it hangs on the board"
    other.pin(topic="cats", note="Max")
    assert (board.notes(), other.notes()) == (right, {"cats": ["Max"]}), "two boards have nothing to do with each other"


@pytest.mark.task(1)
def test_two_boards_of_one_manager():
    manager = StandIn()
    one, other = Board(manager), Board(manager)
    one.pin("cats", "Tom")
    other.pin("cats", "Max")
    found = one.notes(), other.notes()
    assert found == ({"cats": ["Tom"]}, {"cats": ["Max"]}), (
        f"one manager, two boards; Tom was pinned on one, Max on the other, and on them is {found}: what belongs to a "
        "board is made for it"
    )


@pytest.mark.task(1)
def test_take_down():
    board = Board(StandIn())
    for note in ("Tom", 0, "Max", "Tom", None):
        board.pin("cats", note)
    steps = [("cats", "Kitty", False), ("dogs", "Tom", False), ("cats", "Tom", True), ("cats", None, True)]
    for topic, note, right in [*steps, ("cats", 0.0, True), ("cats", 0, False)]:
        found = board.take_down(topic=topic, note=note)
        assert found is right, (
            f"take_down({topic!r}, {note!r}) returned {found!r}, it should be {right}: a note goes that is equal, "
            "and 0 is equal to 0.0"
        )
    assert board.notes() == {"cats": ["Max", "Tom"]}, f"Max and the second Tom are left, notes() says {board.notes()}"
    board.take_down("cats", "Max")
    board.take_down("cats", "Tom")
    assert board.notes() == {}, f"all notes are taken down, and notes() says {board.notes()}: no topic without a note"
    board.pin("cats", "Leo")
    assert board.notes() == {"cats": ["Leo"]}, f"after all were gone Leo was pinned: {board.notes()}"
    board.pin(1, "one")
    assert board.take_down(True, "one") is True, (
        "one hangs under 1, and take_down(True, 'one') did not find it: True is the same key as 1"
    )


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="somebody waits for a lock that nobody gives back")
def test_two_pin_at_the_same_time(race):
    def scenario():
        board = Board(StandIn())
        run((board.pin, "cats", "Tom"), (board.pin, "cats", "Max"))
        found = board.notes()
        assert sorted(found.get("cats", ())) == ["Max", "Tom"], (
            f"Tom and Max were pinned under cats by two at the same time, notes() says {found}: fetch, change and put "
            "back under one lock"
        )

    race.explore(scenario, schedules=30, seconds=40)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound="somebody waits for a lock that nobody gives back")
def test_a_note_is_taken_down_once(race):
    def scenario():
        board, got = Board(StandIn()), []
        board.pin("cats", "Tom")
        board.pin("cats", "Max")

        def take():
            got.append(board.take_down("cats", "Tom"))

        run((take,), (take,), (board.pin, "cats", "Leo"))
        assert sorted(got) == [False, True], f"two took down the only Tom, and got {got}: look and act under one lock"
        assert board.notes() == {"cats": ["Max", "Leo"]}, (
            f"Tom was taken down, and Leo pinned meanwhile, notes() says {board.notes()}: one lock for both"
        )

    race.explore(scenario, schedules=30, seconds=40)


@pytest.mark.task(2)
def test_notes_of_one_moment(race):
    def scenario():
        board, seen = Board(StandIn()), []
        for topic, note in (("cats", "Tom"), ("cats", "Max"), ("dogs", "Rex")):
            board.pin(topic, note)

        def change():
            board.take_down("cats", "Tom")
            board.pin("dogs", "Ted")

        run((change,), (lambda: seen.append(board.notes()),))
        before = {"cats": ["Tom", "Max"], "dogs": ["Rex"]}
        between = before | {"cats": ["Max"]}
        assert seen[0] in (before, between, between | {"dogs": ["Rex", "Ted"]}), (
            f"Tom was taken down, then Ted was pinned; meanwhile somebody read {seen[0]}, which never hung there"
        )

    race.explore(scenario, schedules=100, seconds=40)


@pytest.mark.task(2)
def test_a_new_topic_meanwhile(race):
    def scenario():
        board, seen = Board(StandIn()), []
        board.pin("cats", "Tom")

        def change():
            board.pin("dogs", "Rex")
            board.pin("cats", "Max")

        run((change,), (lambda: seen.append(board.notes()),))
        before = {"cats": ["Tom"]}
        between = before | {"dogs": ["Rex"]}
        assert seen[0] in (before, between, between | {"cats": ["Tom", "Max"]}), (
            f"Tom hung there, Rex was pinned under a new topic, then Max beside Tom; meanwhile somebody read "
            f"{seen[0]}, which never hung there: read all in one visit, or under the lock"
        )

    race.explore(scenario, schedules=60, seconds=40)


class Few:
    """Goes through its things, and counts as false."""

    def __init__(self, *things):
        self.things = things

    def __bool__(self):
        return False

    def __iter__(self):
        return iter(self.things)


@pytest.mark.task(3)
def test_writers_that_count_as_false(race):
    def scenario():
        found = collect(Context(), Few(lambda board: board.pin("cats", "Tom")))
        assert found == {"cats": ["Tom"]}, (
            f"one writer pinned Tom, and collect returned {found}: whether an iterable has something, only going "
            "through it tells"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
@pytest.mark.means(
    DeadlockFound="each of three waits for the other two: start all before you join one",
    ConnectionRefusedError="the manager was shut down, and somebody still needed it: first join, and read the notes",
    TypeError="a board cannot be sent to a process: keep objects of the manager in it, and nothing else",
)
def test_a_board_for_all(race):
    def scenario():
        context, meeting = Context(), threading.Barrier(3)

        def writer(board):
            meeting.wait()
            board.pin("cats", "Tom")

        found = collect(context, (each for each in [writer] * 3))
        assert found == {"cats": ["Tom"] * 3}, (
            f"the same writer went three times and pinned Tom: collect returned {found}"
        )
        assert type(found) is dict, f"collect returned a {type(found).__name__}, not a plain dict"
        assert len(context.managers) == 1, f"{len(context.managers)} managers were started: one board, one manager"
        assert context.managers[0].has_ended, "collect came back, and its manager still runs: shut it down"
        left = [thread for thread in threading.enumerate() if isinstance(thread, Thread)]
        assert not left, f"collect came back, and {len(left)} processes have not ended: join all"
        assert collect(context=context, writers=[]) == {}, "nobody writes, nothing hangs there"
        assert all(each.has_ended for each in context.managers), (
            "there was no writer, collect came back, and the manager that it had started still runs: shut it down "
            "then, too"
        )

    race.explore(scenario, schedules=15, seconds=40)


@pytest.mark.task(3)
def test_a_writer_takes_his_time(race):
    def late(board):
        time.sleep(1_000_000)
        board.pin("cats", "Tom")

    def scenario():
        found = collect(Context(), [late])
        assert found == {"cats": ["Tom"]}, f"Tom was pinned after 1000000 s, and collect returned {found}: wait for all"

    race.explore(scenario, schedules=1)


def pin_pid(board):
    """Pin where this runs."""
    board.pin("pid", os.getpid())


@pytest.fixture
def nobody_is_left():
    yield
    for process in multiprocessing.active_children():
        process.kill()
        process.join()


@pytest.mark.task(3)
@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.usefixtures("nobody_is_left")
@pytest.mark.means(AttributeError=NOT_SENT, PicklingError=NOT_SENT, TypeError=NOT_SENT, RuntimeError=NOT_SENT)
def test_a_real_manager(method):
    writers = [pin_pid] * (2 if method == "fork" else 1)
    found = collect(multiprocessing.get_context(method), writers)
    left = multiprocessing.active_children()
    assert not left, "collect came back, and a process still runs: join all, and shut the manager down"
    assert list(found) == ["pid"] and len(found["pid"]) == len(writers), (
        f"{len(writers)} processes, by {method}, were to pin their number, and collect returned {found}"
    )
    assert len({os.getpid(), *found["pid"]}) == 1 + len(writers), "each writer has a process of its own"
