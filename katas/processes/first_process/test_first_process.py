"""The branch office: the tests. Most children start by fork, and one of their orders is as good as the other."""

import multiprocessing
import os
import re
import subprocess
import sys
from types import MappingProxyType

import first_process
import pytest
from first_process import badge, hire, main, send_off

RUN = """
import multiprocessing, runpy, sys
multiprocessing.set_start_method("spawn")
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def work(notes, *args, **kwargs):
    """Note who works, and with what."""
    me = multiprocessing.current_process()
    notes.write((os.getpid(), args, kwargs, me.name, me.daemon))


def show(notes, *_, inner=False):
    """Note a badge; if asked to, let a child of this process note one, too."""
    notes.write((tuple(badge()), os.getpid(), multiprocessing.parent_process().pid))
    if inner:
        child = multiprocessing.Process(target=show, args=(notes,), name="inner")
        child.start()
        child.join()


def words(card):
    """Show a badge."""
    return "pid {}, parent {}, name {!r}".format(*card)


def nothing():
    """Work that is over at once."""


def note_who_forked(notes):
    """Note who forked this process."""
    notes.write(os.getppid())


def told(function, *args):
    """Return what it returned or raised."""
    try:
        return function(*args)
    except NotImplementedError:
        raise
    except Exception as error:
        return error


@pytest.mark.task(1)
@pytest.mark.parametrize(
    ("args", "kwargs", "name", "daemon"),
    [((1, None), {"name": "ann", "job": 2}, "rome", False), ((), None, "oslo", True), (("",), {}, None, False)],
)
def test_somebody_is_hired(race, notes, args, kwargs, name, daemon):
    def scenario():
        notes.clear()
        clerk = hire(work, (each for each in (notes, *args)), kwargs, name=name, daemon=daemon)
        assert not notes.read(), (
            "the job was called before anybody was sent off: hand over the job, not what it returns, and do not start"
        )
        assert clerk.pid is None, f"nobody was sent off, and the clerk has the pid {clerk.pid}: hire does not start"
        clerk.start()
        clerk.join()
        assert len(notes.read()) == 1, f"the clerk was sent off, and the job was called {len(notes.read())} times"
        ((pid, *seen),) = notes.read()
        assert pid == clerk.pid != os.getpid(), f"the clerk is {clerk.pid}, and {pid} did the job, we are {os.getpid()}"
        assert seen[:2] == [args, kwargs or {}], f"hired for {args} and {kwargs}, and the job got {seen[:2]}"
        assert seen[2:] == [name or clerk.name, daemon], (
            f"hired with name={name!r}, daemon={daemon}, and in the process they were {seen[2:]}"
        )
        assert name or re.search(r"Process-\d", clerk.name), f"no name was given, and it is {clerk.name!r}"

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_the_job_has_keywords_of_its_own(race, notes):
    def scenario():
        notes.clear()
        kwargs = {"name": "ann", "daemon": 1}
        clerk = hire(work, [notes], kwargs, name="rome")
        assert kwargs == {"name": "ann", "daemon": 1}, f"the dict of the caller was changed, it is {kwargs}: copy it"
        clerk.start()
        clerk.join()
        ((_, _, seen, name, _),) = notes.read()
        assert (seen, name) == (kwargs, "rome"), f"hired as 'rome', kwargs={kwargs}, it is {name!r}, the job got {seen}"

    race.explore(scenario, schedules=1)


@pytest.mark.task(1)
def test_two_work_side_by_side(race, notes):
    def scenario():
        notes.clear()
        meeting = multiprocessing.Barrier(2)
        clerks = [hire(meeting.wait, kwargs={"timeout": 9}) for _ in range(2)]
        for clerk in clerks:
            clerk.start()
        for clerk in clerks:
            clerk.join()
        codes = [clerk.exitcode for clerk in clerks]
        assert codes == [0, 0], f"two clerks were to meet, and their exit codes are {codes}"

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_what_the_job_raises(race):
    def scenario():
        clerks = [hire(int, ("ten",)), hire(sys.exit, (7,))]
        for clerk in clerks:
            clerk.start()
        for clerk in clerks:
            clerk.join()
        codes = [clerk.exitcode for clerk in clerks]
        assert codes == [1, 7], (
            f"one job raised ValueError, one called sys.exit(7), and the exit codes are {codes} instead of 1 and 7: "
            "what a job raises is left to the process"
        )

    race.explore(scenario, schedules=1)


@pytest.mark.task(1)
def test_whoever_runs_the_program_chooses_the_start_method(notes):
    notes.clear()
    multiprocessing.set_start_method("forkserver", force=True)
    clerk = hire(note_who_forked, (notes,))
    clerk.start()
    clerk.join()
    assert notes.read() not in ([], [os.getpid()]), (
        f"the start method is forkserver, and the clerk (exit code {clerk.exitcode}) was not forked by its server: do "
        "not choose a start method"
    )


@pytest.mark.task(2)
def test_a_badge_tells_who_sent_whom(race, notes):
    def scenario():
        notes.clear()
        clerk = multiprocessing.Process(target=show, args=(notes,), kwargs={"inner": True}, name="outer")
        clerk.start()
        clerk.join()
        for name, (card, pid, parent) in zip(("outer", "inner"), notes.read(), strict=True):
            assert card == (pid, parent, name), (
                f"the badge of process {pid}, named {name!r} and started by {parent}, says {words(card)}"
            )

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
@pytest.mark.means(AttributeError="whether somebody was started tells parent_process(), not his name")
def test_a_name_proves_nothing(race, notes, monkeypatch):
    def scenario():
        notes.clear()
        clerk = multiprocessing.Process(target=show, args=(notes,), name="MainProcess")
        clerk.start()
        clerk.join()
        ((card, pid, parent),) = notes.read() or [((0, None, ""), clerk.pid, os.getpid())]
        assert card == (pid, parent, "MainProcess"), (
            f"a child by the name of MainProcess is {pid}, started by {parent}, and its badge says {words(card)}: a "
            "name proves nothing"
        )

    race.explore(scenario, schedules=2)
    monkeypatch.setattr(multiprocessing.current_process(), "name", "office")
    assert badge() == (os.getpid(), None, "office"), (
        f"the main process is called 'office', and its badge says {words(badge())}: a name proves nothing"
    )


@pytest.mark.task(2)
def test_nobody_has_sent_the_main_process():
    card = badge()
    assert card == (os.getpid(), None, "MainProcess"), (
        f"this is the main process {os.getpid()}, which multiprocessing has not started, and its badge says {card}"
    )


@pytest.mark.task(2)
def test_hired_under_forkserver(notes):
    notes.clear()
    multiprocessing.set_start_method("forkserver", force=True)
    clerk = hire(show, (each for each in (notes, 1)), MappingProxyType({"inner": False}), name="far")
    error = told(clerk.start)
    assert error is None, (
        f"by forkserver the clerk could not be sent off: {error!r}; its target must be your job itself, and what goes "
        "with it a tuple and a dict"
    )
    clerk.join()
    assert clerk.exitcode == 0 and notes.read(), f"by forkserver the clerk ended with exit code {clerk.exitcode}"
    ((card, pid, _),) = notes.read()
    assert card == (pid, os.getpid(), "far"), (
        f"we are {os.getpid()} and have sent off {pid}, named 'far', and its badge says {words(card)}: the process "
        "that forked it is not the one that started it"
    )


@pytest.mark.task(3)
@pytest.mark.means(DeadlockFound="the clerk works until the test says so: send_off does not wait for the end")
def test_sent_off(race, notes):
    def scenario():
        notes.clear()
        gate = multiprocessing.Event()
        clerk = multiprocessing.Process(target=gate.wait, name="rome")
        pid = told(send_off, clerk)
        assert pid == clerk.pid is not None, f"the clerk has the pid {clerk.pid}, and send_off came to {pid!r}"
        for moment in ("works", "has gone home"):
            error = told(send_off, clerk)
            assert isinstance(error, ValueError) and "rome" in str(error), (
                f"the clerk rome {moment}, and to send it off again came to {error!r} "
                "instead of a ValueError that names it"
            )
            gate.set()
            clerk.join()
        other = multiprocessing.Process(target=nothing)
        assert told(send_off, other) == other.pid, "one was sent off twice, and then another could not be sent off"
        other.join()

    race.explore(scenario, schedules=2)


@pytest.mark.task(3)
def test_work_is_done_elsewhere(race, notes):
    def scenario():
        notes.clear()
        clerk = multiprocessing.Process(target=work, args=(notes,))
        told(send_off, clerk)
        assert os.getpid() not in [pid for pid, *_ in notes.read()], (
            "the work was done in the head office: start, not run"
        )
        clerk.join()
        assert len(notes.read()) == 1, f"sent off once, and worked {len(notes.read())} times"

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
@pytest.mark.means(OutlivingThreadFound="main came back, and its branch still runs: join it")
def test_main_waits_for_its_branch(race):
    race.explore(main, schedules=2, outliving_threads="fail")


@pytest.mark.task(4)
def test_the_program_runs():
    done = subprocess.run(
        [sys.executable, "-c", RUN, first_process.__file__], capture_output=True, text=True, timeout=60
    )
    if not done.stdout:
        main()  # not started, or not called
    assert "bootstrapping phase" not in done.stderr, (
        "by spawn the child imports the file, and started a child of its own: put the call of main under "
        'if __name__ == "__main__"'
    )
    assert done.returncode == 0, f"the program ended with exit code {done.returncode}:\n{done.stderr}"
    lines = sorted(done.stdout.splitlines(), reverse=True)
    shown = f"the program printed {lines}, and on stderr:\n{done.stderr}"
    assert len(lines) == 2, f"{shown}\ntwo lines should be there, office … and branch …; does the file call main?"
    office, branch = re.fullmatch(r"office (\d+)", lines[0]), re.fullmatch(r"branch (\d+) of (\d+)", lines[1])
    assert office and branch, f"{shown}\nthe lines should be office PID and branch PID of PARENT"
    assert branch[2] == office[1] != branch[1], f"{shown}\nthe branch is another process, and the office its parent"
