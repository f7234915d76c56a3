"""The oracle: the tests. Processes are real, their order is chosen, and time is virtual."""

import multiprocessing
import os

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

    def __reduce__(self):
        raise ValueError("this cannot travel")


def check_nobody_is_left():
    left = [process.name for process in multiprocessing.active_children()]
    assert not left, f"close has returned, and {left} still run: wait for the end of the process"


def tried(ask, *arguments):
    """Return what was returned or raised."""
    try:
        return ask(*arguments)
    except NotImplementedError:
        raise
    except Exception as error:
        return error


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound=OPEN)
def test_questions_are_answered(race):
    questions = [2, None, 0, "", "END", (), b"", 2, EOFError("no end"), EOFError, bytes(LARGE)]

    def scenario():
        line = Line(lambda question: (os.getpid(), question))
        came = [line.ask(question) for question in questions]
        shown = [repr(each[1])[:20] if isinstance(each, tuple) and len(each) > 1 else repr(each) for each in came]
        wanted = [repr(question)[:20] for question in questions]
        assert shown == wanted, f"the oracle says what it hears; {wanted} were asked, {shown} came back"
        pids = {pid for pid, _ in came}
        assert os.getpid() not in pids, "answer was called in the caller's process: it has one of its own"
        assert len(pids) == 1, f"one process answers all questions, here there were {len(pids)}"
        code = line.close()
        assert code == 0, f"the process shall end by itself, with exit code 0, and close returned {code}"
        check_nobody_is_left()

    race.explore(scenario, schedules=3, seconds=60)


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound=OPEN)
def test_an_error_is_an_answer(race):
    def scenario():
        line = Line(lambda question: question)
        for question in (ValueError("heat"), EOFError("heat"), None):
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
        (lambda question: Fragile(), "x", 1),
    ],
    ids=["_exit", "ValueError", "EOFError", "KeyboardInterrupt", "SystemExit", "cannot be sent"],
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
def test_a_question_that_cannot_be_sent(race):
    def scenario():
        line = Line(lambda question: question)
        came = tried(line.ask, Fragile())
        assert isinstance(came, ValueError), f"pickling the question raises a ValueError, and ask gave {came!r}"
        came = tried(line.ask, "next")
        assert came == "next", f"a question could not be sent; to the next one the answer was {came!r}"
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
