"""The oracle: the tests. Processes are real, their order is chosen, and time is virtual."""

import multiprocessing
import os
import signal
import threading
import time

import pytest
from logbook import Logbook
from pipe_talk import Line

LARGE = 300_000  # bytes: more than a pipe holds
OPEN = (
    "somebody waits for the end of a pipe: it comes when nobody has the other end any more, and each process has both "
    "ends after a fork. Close in the caller what the child uses, and in the child what the caller uses"
)
INHERITED = (
    "a line is closed, and its process waits for the end: another process was forked while the line was open, and has "
    "inherited our end of it"
)


class Fragile:
    """What cannot be sent."""

    def __init__(self, error):
        self.error = error

    def __reduce__(self):
        raise self.error


class Chameleon:
    """What says of itself that it is equal to anything."""

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def __repr__(self):
        return "<is equal to anything>"


def check_nobody_is_left():
    left = [process.name for process in multiprocessing.active_children()]
    assert not left, f"close has returned, and {left} still run: wait for the end of the process"


def tried(ask, *arguments):
    """Return what was returned or raised."""
    try:
        return ask(*arguments)
    except NotImplementedError:
        raise
    except (Exception, KeyboardInterrupt) as error:
        return error


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound=OPEN)
def test_questions_are_answered(race):
    questions = [2, None, 0, "", "END", (), b"", 2, EOFError("no end"), EOFError, Chameleon(), bytes(LARGE)]

    def scenario():
        heard = []
        line = Line(lambda question: (os.getpid(), question, heard.append(question) or len(heard)))
        came = [line.ask(question) for question in questions]
        shown = [repr(each[1])[:20] if isinstance(each, tuple) and len(each) > 1 else repr(each) for each in came]
        wanted = [repr(question)[:20] for question in questions]
        assert shown == wanted, f"the oracle says what it hears; {wanted} were asked, {shown} came back"
        pids = {pid for pid, *_ in came}
        assert os.getpid() not in pids, "answer was called in the caller's process: it has one of its own"
        assert len(pids) == 1, f"one process answers all questions, here there were {len(pids)}"
        counts = [count for *_, count in came]
        assert counts == [*range(1, len(questions) + 1)], (
            f"answer counts what it is asked, {len(questions)} questions, some of them twice, and said {counts}: it is "
            "called for each, and for nothing else"
        )
        code = line.close()
        assert code == 0, f"the process shall end by itself, with exit code 0, and close returned {code}"
        check_nobody_is_left()

    race.explore(scenario, schedules=3, seconds=60)


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound=OPEN)
def test_an_error_is_an_answer(race):
    def scenario():
        line = Line(lambda question: question)
        for question in (ValueError("heat"), EOFError("heat"), Chameleon(), None):
            came = tried(lambda question=question: ("returned", line.ask(question)))
            assert repr(came) == repr(("returned", question)), (
                f"answer has returned {question!r}, and there came {came!r}: what is returned is an answer"
            )
        line.close()
        check_nobody_is_left()

    race.explore(scenario, schedules=2, seconds=60)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound=OPEN)
def test_nothing_was_asked(race):
    def scenario():
        line = Line(lambda question: question)
        codes = line.close(), line.close()
        assert codes == (0, 0), f"nothing was asked, close was called twice, and returned {codes}"
        check_nobody_is_left()

    race.explore(scenario, schedules=3, seconds=60)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound=OPEN)
def test_the_oracle_goes_slowly(race):
    def answer(question):
        threading.Thread(target=time.sleep, args=(1000,)).start()
        return question

    def scenario():
        line, began = Line(answer), time.monotonic()
        line.ask("x")
        code, took = line.close(), time.monotonic() - began
        assert (code, took) == (0, 1000), (
            f"the process ends after 1000 s, with exit code 0, and close returned {code} after {took:g} s: it waits"
        )
        check_nobody_is_left()

    race.explore(scenario, schedules=2, seconds=60)


def leave_it_open():
    Line(lambda question: question).ask("first")
    os._exit(0)


@pytest.mark.task(2)
@pytest.mark.means(DeadlockFound=f"the caller has ended without closing the line, and the oracle waits: {OPEN}")
def test_the_caller_is_gone(race):
    def scenario():
        caller = multiprocessing.Process(target=leave_it_open)
        caller.start()
        caller.join()

    race.explore(scenario, schedules=3, seconds=60)


def vanish(question):
    os._exit(7)


def fail(error):
    raise error


def kill(question):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound=f"the process has ended instead of answering, and ask waits: {OPEN}")
@pytest.mark.parametrize(
    ("answer", "question", "code"),
    [
        (vanish, "x", 7),
        (fail, ValueError("no answer"), 1),
        (fail, EOFError("no end"), 1),
        (fail, KeyboardInterrupt(), 1),
        (fail, SystemExit(3), 3),
        (fail, SystemExit(), 0),
        (fail, BrokenPipeError("no pipe"), 1),
        (lambda question: Fragile(ValueError("this cannot travel")), "x", 1),
        (lambda question: Fragile(EOFError("this cannot travel")), "x", 1),
        (lambda question: Fragile(BrokenPipeError("this cannot travel")), "x", 1),
        (kill, "x", -signal.SIGKILL),
    ],
    ids=[
        "_exit",
        "ValueError",
        "EOFError",
        "KeyboardInterrupt",
        "SystemExit",
        "SystemExit without a code",
        "BrokenPipeError",
        "cannot be sent",
        "cannot be sent, EOFError",
        "cannot be sent, BrokenPipeError",
        "killed",
    ],
)
def test_the_oracle_falls_silent(race, answer, question, code):
    def scenario():
        line = Line(answer)
        for _ in range(3):
            came = tried(line.ask, question)
            assert isinstance(came, EOFError), f"the process has ended instead of answering; no EOFError, but {came!r}"
        found = line.close(), line.close()
        assert found == (code, code), f"the process has ended with {code}, and close, called twice, returned {found}"
        check_nobody_is_left()

    race.explore(scenario, schedules=2, seconds=60)


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="after a question that cannot be sent nothing goes on: is a lock still taken?")
@pytest.mark.parametrize("kind", [ValueError, EOFError, ConnectionResetError, KeyboardInterrupt])
def test_a_question_that_cannot_be_sent(race, kind):
    def scenario():
        line, error = Line(lambda question: question), kind("this cannot travel")
        came = tried(line.ask, Fragile(error))
        assert came is error, (
            f"pickling the question raises {error!r}, and ask gave {came!r}: what pickling raises comes out, and is "
            "nothing that the pipe says"
        )
        came = tried(line.ask, "next")
        assert came == "next", f"a question could not be sent; to the next one the answer was {came!r}"
        line.close()

    race.explore(scenario, schedules=2, seconds=60)


@pytest.mark.task(3)
def test_killed_with_a_question_unread():
    line = Line(lambda question: question)
    line.ask("x")
    (process,) = multiprocessing.active_children()
    os.kill(process.pid, signal.SIGSTOP)
    killer = threading.Timer(0.1, process.kill)
    killer.start()
    came = tried(line.ask, "unread")
    killer.join()
    assert isinstance(came, EOFError), (
        f"the process was killed before it had read the question: no EOFError, but {came!r}; a pipe may say so in "
        "more than one way"
    )
    code = line.close()
    assert code == -signal.SIGKILL, f"the process was killed, its exit code is {-signal.SIGKILL}, close returned {code}"


@pytest.mark.task(3)
def test_a_slow_oracle(race):
    def scenario():
        line, began = Line(lambda question: time.sleep(1_000) or question), time.monotonic()
        came = tried(line.ask, "x")
        took = time.monotonic() - began
        assert (came, took) == ("x", 1000), (
            f"the answer comes after 1000 s, and ask gave {came!r} after {took:g} s: an oracle takes its time"
        )
        line.close()

    race.explore(scenario, schedules=2, seconds=60)


@pytest.mark.task(4)
@pytest.mark.means(
    DeadlockFound="two threads ask, and one waits for ever: another has taken its answer",
    UnpicklingError="two threads have read from one end at the same time, and each got a part",
)
def test_threads_that_ask(race):
    def scenario():
        line, came = Line(lambda question: f"answer to {question}"), []
        race.run(lambda: came.append((1, tried(line.ask, 1))), lambda: came.append((2, tried(line.ask, 2))))
        wrong = [(question, answer) for question, answer in came if answer != f"answer to {question}"]
        assert not wrong, (
            f"two threads asked, and (question, answer) was {wrong[0]}: from a question to its answer the line "
            "belongs to one of them"
        )
        line.close()

    race.explore(scenario, schedules=30, seconds=60)


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound=INHERITED)
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_several_lines(race, order):
    def scenario():
        with Logbook() as book:
            lines = [Line(lambda question, name=name: (book.note(name), name)) for name in "abc"]
            came = [line.ask("x")[1] for line in lines]
            assert came == ["a", "b", "c"], f"lines to a, b and c; {came} answered"
            codes = [lines[number].close() for number in order]
            assert codes == [0, 0, 0], f"three lines were closed, and the exit codes are {codes}"
            assert book.read() == ["a", "b", "c"], f"each was asked once, and these answered: {book.read()}"
        check_nobody_is_left()

    race.explore(scenario, schedules=2, seconds=60)


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound="two lines, each asked by a thread of its own, have to work at the same time")
def test_lines_do_not_wait_for_each_other(race):
    def scenario():
        meeting, came = multiprocessing.Barrier(2), []
        lines = [Line(lambda question: meeting.wait() + 10) for _ in range(2)]
        race.run(*[lambda line=line: came.append(line.ask("x")) for line in lines])
        assert sorted(came) == [10, 11], f"two lines answer 10 and 11, {came} came"
        for line in lines:
            line.close()

    race.explore(scenario, schedules=2, seconds=60)


def ask_another(question):
    inner = Line(str.upper)
    return inner.ask(question), inner.close()


@pytest.mark.task(4)
@pytest.mark.means(DeadlockFound=OPEN)
def test_an_oracle_asks_another(race):
    def scenario():
        lines = [Line(ask_another), Line(ask_another)]
        came = [tried(line.ask, "x") for line in lines]
        assert came == [("X", 0), ("X", 0)], f"an oracle asks another one, and closes that line; (answer, code): {came}"
        codes = [line.close() for line in lines]
        assert codes == [0, 0], f"an oracle has asked another one, the lines are closed, and the codes are {codes}"
        check_nobody_is_left()

    race.explore(scenario, schedules=2, seconds=60)
