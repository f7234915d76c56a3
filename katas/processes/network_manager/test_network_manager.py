"""The score board: the tests. Threads that mix in many ways for the board, real servers for the rest."""

import multiprocessing
import os
import threading

import pytest
from network_manager import Board, connect, open_board, play

FORK = multiprocessing.get_context("fork")
NOT_SENT = "something cannot go to a process that is not forked: targets, and what is registered, belong to a module"


def run(*calls):
    """Run these at the same time, to the end."""
    threads = [threading.Thread(target=call, args=args) for call, *args in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.task(1)
def test_points_are_kept():
    board, other = Board(), Board()
    assert board.table() == {}, f"nobody has scored, and the table is {board.table()}"
    totals = [board.score("red", 3), board.score("blue", 1), board.score(team="red", points=3), board.score("", 2)]
    assert totals == [3, 1, 6, 2], f"red 3, blue 1, red 3, '' 2: score returned {totals}, not [3, 1, 6, 2]"
    for points in (0, -1):
        with pytest.raises(ValueError):
            board.score("green", points)
    right = {"red": [3, 3], "blue": [1], "": [2]}
    assert board.table() == right, f"red 3, blue 1, red 3, '' 2, and no points for green: the table is {board.table()}"
    copy = board.table()
    copy["red"].append(9)
    copy["pink"] = [1]
    assert board.table() == right, "somebody wrote on what table() had returned, and now it stands on the board"
    assert other.table() == {}, "two boards have nothing to do with each other"


@pytest.mark.task(1)
@pytest.mark.means(RuntimeError="the table was read while somebody scored: copy it under the lock")
def test_two_threads_score(race):
    def scenario():
        board, got, tables = Board(), [], []
        run(
            (lambda: got.append(board.score("red", 1)),),
            (lambda: got.append(board.score("red", 2)),),
            (lambda: tables.append(board.table()),),
        )
        table = board.table()
        assert sorted(table["red"]) == [1, 2], f"two threads scored 1 and 2 for red: the table is {table}; take a lock"
        right = [table["red"][0], 3]
        assert sorted(got) == right, (
            f"1 and 2 came in the order {table['red']}: score returned {sorted(got)}, not {right}"
        )
        first = table["red"][:1]
        assert tables[0] in ({}, {"red": first}, table), f"meanwhile the table was read as {tables[0]}"

    race.explore(scenario, schedules=50, seconds=40)


@pytest.fixture(autouse=True)
def nobody_is_left():
    key = multiprocessing.current_process().authkey
    yield
    multiprocessing.current_process().authkey = key
    for process in multiprocessing.active_children():
        process.kill()
        process.join()


def check_that_nobody_is_left():
    assert not multiprocessing.active_children(), (
        "the board is closed, and a process still runs: shut the server down, and join all"
    )


def tried(function, *args, **kwargs):
    """Return what was returned or raised."""
    try:
        return function(*args, **kwargs)
    except NotImplementedError:
        raise
    except Exception as error:
        return error


@pytest.mark.task(2)
@pytest.mark.means(
    EOFError="the server has ended before it could be called: has its port been taken? 0 asks for a free one"
)
def test_one_board_for_all_who_call():
    with open_board(context=FORK, key=b"word") as address, open_board(FORK, b"other") as second:
        assert address[0] == second[0] == "127.0.0.1", f"they are at {address} and {second}: on 127.0.0.1 only"
        red, blue, other = connect(address=address, key=b"word"), connect(address, b"word"), connect(second, b"other")
        totals = red.score("red", 3), blue.score(team="red", points=2), other.score("red", 7)
        assert totals[1] == 5, (
            f"one caller scored 3 for red, another one 2, and heard {totals[1]} instead of 5: each connection has a "
            "board of its own"
        )
        assert blue.table() == red.table() == {"red": [3, 2]}, f"the callers see {red.table()} and {blue.table()}"
        assert other.table() == {"red": [7]}, f"another board was opened, and it shows {other.table()}, not red 7"
        assert type(red.table()) is dict, f"the table is a {type(red.table()).__name__}, not a dict"
        red.table()["red"].append(9)
        found = tried(red.score, "red", 0)
        assert isinstance(found, ValueError), f"a caller scored 0 points, which came to {found!r}, not to a ValueError"
        assert red.table() == {"red": [3, 2]}, f"nothing has changed, and now the table is {red.table()}"
    with open_board(FORK, b"word") as address:
        assert connect(address, b"word").table() == {}, "a board was opened anew, and the old points stand on it"
    check_that_nobody_is_left()


@pytest.mark.task(2)
def test_the_key():
    with open_board(FORK, b"word") as address:
        found = tried(connect, address, b"wrong")
        assert isinstance(found, multiprocessing.AuthenticationError), (
            f"somebody called with a wrong key, and this came to {found!r}, not to an AuthenticationError"
        )
        for near in (b"WORD", b"word\n", b" word", b"words", b"wor", b""):
            found = tried(connect, address, near)
            assert isinstance(found, multiprocessing.AuthenticationError), (
                f"the key is b'word', somebody called with {near}, and this came to {found!r}: it is that or it is not"
            )
        multiprocessing.current_process().authkey = b"another program"
        found = tried(connect, address, b"word")
        assert not isinstance(found, Exception), (
            f"a program with another authkey of its own called with the right key, and this came to {found!r}: hand "
            "the key to the manager, on both sides"
        )
        now = multiprocessing.current_process().authkey
        assert now == b"another program", f"a program called, and its own authkey is another one now: {bytes(now)!r}"
        assert found.score("red", 1) == 1, "a program with another authkey of its own cannot score"
        found = tried(connect, address, b"wrong")
        assert isinstance(found, multiprocessing.AuthenticationError), (
            f"somebody called with the right key, then with a wrong one, and this came to {found!r}: ask each time"
        )
        number = FORK.Value("i", 0)

        def call():
            number.value = connect(address, b"word").score("red", os.getpid()) - os.getpid()

        caller = FORK.Process(target=call)
        caller.start()
        caller.join()
        assert number.value == 1, "another process called, scored, and did not find the 1 that red had"


@pytest.mark.task(2)
def test_an_empty_key_is_a_key():
    mine = bytes(multiprocessing.current_process().authkey)
    with open_board(FORK, mine) as address:
        connect(address, mine)
        found = tried(connect, address, b"")
        assert isinstance(found, multiprocessing.AuthenticationError), (
            f"the key is that of the process, and somebody called with b'', which came to {found!r}: it is a key, too"
        )


@pytest.mark.task(2)
def test_an_error_closes_the_board():
    error = KeyboardInterrupt()
    try:
        with open_board(FORK, b"word") as address:
            connect(address, b"word").score("red", 1)
            raise error
    except KeyboardInterrupt as raised:
        assert raised is error
    else:
        raise AssertionError("the block ended with an error, and it did not come out")
    assert not multiprocessing.active_children(), "the block ended with an error, and the server still runs: `finally`"


def score_one(board):
    """Score for red."""
    board.score("red", 1)


@pytest.mark.task(3)
@pytest.mark.means(AttributeError=NOT_SENT, PicklingError=NOT_SENT, TypeError=NOT_SENT)
def test_other_start_methods():
    found = play(multiprocessing.get_context("spawn"), b"word", [score_one])
    assert found == {"red": [1]}, f"a spawned caller scored 1 for red at a spawned server, and play returned {found}"
    check_that_nobody_is_left()


def late_context():
    """Return a context whose processes, but for the first, which serves, begin when somebody waits for one of them."""
    started, late = [], []

    def begin():
        while late:
            super(Late, late.pop(0)).start()

    class Late(FORK.Process):
        def start(self):
            started.append(self)
            if self is started[0]:
                super().start()
            else:
                late.append(self)

        def waited_for(self):
            if self is not started[0]:
                begin()

        def join(self, timeout=None):
            if timeout is None or self not in late:  # else time is up, and nobody has begun
                self.waited_for()
                super().join(timeout)

        def is_alive(self):
            self.waited_for()
            return super().is_alive()

        @property
        def exitcode(self):
            self.waited_for()
            return super().exitcode

        @property
        def sentinel(self):
            self.waited_for()
            return super().sentinel

    return type("LateContext", (type(FORK),), {"Process": Late})()


@pytest.mark.task(3)
def test_the_keeper_goes_last():
    def call(board):
        board.score("red", 1)

    found = tried(play, late_context(), b"word", [call, call])
    assert found == {"red": [1, 1]}, (
        f"two called late and scored 1 each for red, and play came to {found!r}: the board is open until the last one "
        "has ended, and the table has been read"
    )


@pytest.mark.task(3)
def test_whose_processes():
    started = []

    class Own(FORK.Process):
        def start(self):
            started.append(self)
            super().start()

    play(type("OwnContext", (type(FORK),), {"Process": Own})(), b"word", [score_one, score_one])
    assert len(started) == 3, f"a server and two callers, and {len(started)} of these 3 are processes of the context"


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="each of three callers waits for the other two: start all before you join one")
def test_all_call_at_the_same_time():
    meeting, pids = FORK.Barrier(3), FORK.SimpleQueue()

    def call(board):
        meeting.wait()
        pids.put(os.getpid())
        board.score("red", 1)

    found = play(context=FORK, key=b"word", callers=(each for each in [call] * 3))
    assert found == {"red": [1, 1, 1]}, (
        f"the same caller called three times and scored 1 for red: play returned {found}"
    )
    assert type(found) is dict, f"play returned a {type(found).__name__}, not a dict"
    assert len({os.getpid(), *(pids.get() for _ in range(3))}) == 4, "each caller has a process of its own"
    check_that_nobody_is_left()
    assert play(FORK, b"word", []) == {}, "nobody calls, nothing stands on the board"


@pytest.mark.task(3)
def test_a_caller_has_a_helper():
    def call(board):
        helper = FORK.Process(target=score_one, args=(board,))
        helper.start()
        helper.join()

    found = play(FORK, b"word", [call])
    assert found == {"red": [1]}, (
        f"a caller had a process of his own score 1 for red, and play returned {found}: a daemon may have none"
    )
    check_that_nobody_is_left()
