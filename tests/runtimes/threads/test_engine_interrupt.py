"""Ctrl-C, and any signal whose handler raises, takes a run down in order and is then raised."""

import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

INTERRUPTED = """
    import signal, sys, threading, time
    from pytest_concurrency import explore
    from pytest_concurrency._machine import real

    log = []

    def press():
        # As somebody at the keyboard does, who is no task: what a task sends itself is the program's own.
        pressed = real.allocate_lock()
        pressed.acquire()

        def from_elsewhere():
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            pressed.release()

        real.start_new_thread(from_elsewhere, ())
        pressed.acquire()

    def worker():
        try:
            {worker}
        finally:
            log.append("unwound")

    def scenario():
        thread = threading.Thread(target=worker)
        thread.start()
        {main}
        thread.join()

    before = time.sleep, threading.Lock, threading.Thread.start
    try:
        explore(scenario, strategy="dfs", schedules={schedules})
    except KeyboardInterrupt:
        print("interrupted", log, before == (time.sleep, threading.Lock, threading.Thread.start))
    print([thread.name for thread in threading.enumerate()])
"""


def interrupted(tmp_path: Path, worker: str, main: str, schedules: int = 1) -> list[str]:
    script = tmp_path / "scenario.py"
    text = dedent(INTERRUPTED).format(worker=worker, main=main, schedules=schedules)
    script.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.soak
@pytest.mark.parametrize(
    ("worker", "main"),
    [
        pytest.param("threading.Event().wait(5)", "time.sleep(1); press()", id="while main runs"),
        pytest.param("press(); threading.Event().wait(5)", "time.sleep(9)", id="while main sleeps"),
        pytest.param("press(); threading.Event().wait(5)", "pass", id="while main joins"),
        pytest.param("press()\n        while True: time.sleep(1)", "pass", id="while a task never ends"),
    ],
)
def test_control_c_takes_the_run_down_and_is_raised(tmp_path: Path, worker: str, main: str) -> None:
    out = interrupted(tmp_path, worker, main)
    assert out == ["interrupted ['unwound'] True", "['MainThread']"]


BLOCKED = """
import os, signal
from pytest_concurrency import explore

def scenario():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    try:
        os.kill(os.getpid(), signal.SIGUSR1)
        assert signal.sigtimedwait([signal.SIGUSR1], 60).si_signo == signal.SIGUSR1
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])

print(explore(scenario))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "sigtimedwait"), reason="no signal can be waited for here")
def test_a_signal_that_the_program_blocks_is_left_to_it(tmp_path: Path) -> None:
    """No thread of ours takes it, which would end the process."""
    script = tmp_path / "scenario.py"
    script.write_text(BLOCKED, encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "failed" not in done.stdout
