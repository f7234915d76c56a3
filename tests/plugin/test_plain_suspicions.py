"""Plain tests that hang where there is no certainty: told after five seconds, with all stacks."""

import pytest

pytestmark = pytest.mark.slow

STUCK = """
    import signal, subprocess, sys, threading

    import pooling

    def side_by_side(*bodies):
        threads = [threading.Thread(target=body) for body in bodies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def test_lock_of_a_package():
        pool, other = pooling.Pool(), threading.Lock()
        one_has, two_has = threading.Event(), threading.Event()

        def one():
            with other:
                one_has.set()
                two_has.wait()
                pool.use(print)

        def inside():
            two_has.set()
            one_has.wait()
            with other:
                pass

        side_by_side(one, lambda: pool.use(inside))

    def test_handler():
        before = signal.signal(signal.SIGUSR1, lambda *_: None)
        try:
            threading.Event().wait()
        finally:
            signal.signal(signal.SIGUSR1, before)

    def test_debugger():
        import pdb
        before = signal.signal(signal.SIGINT, pdb.Pdb().sigint_handler)
        try:
            threading.Event().wait()
        finally:
            signal.signal(signal.SIGINT, before)

    def test_child():
        child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
        event = threading.Event()
        before = signal.signal(signal.SIGALRM, lambda *_: event.set())
        try:
            signal.setitimer(signal.ITIMER_REAL, 7)
            event.wait()
        finally:
            signal.signal(signal.SIGALRM, before)
            child.communicate()
"""
POOLING = """
    import threading

    class Pool:
        def __init__(self):
            self.lock = threading.Lock()

        def use(self, function):
            with self.lock:
                return function()
"""


def test_what_is_probably_stuck_is_told(pytester: pytest.Pytester, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("installed") / "site-packages"
    folder.mkdir()
    folder.joinpath("pooling.py").write_text("\n".join(line[4:] for line in POOLING.splitlines()), encoding="utf-8")
    pytester.makepyfile(test_stuck=STUCK)
    pytester.makeini(f"[pytest]\npythonpath = {folder}\n")
    result = pytester.runpytest_subprocess("-p", "no:asyncio", timeout=60)
    result.assert_outcomes(failed=3, passed=1)
    result.stdout.fnmatch_lines(
        [
            "probably stuck: nothing has moved for 5 s in main, Thread-2 (*), Thread-1 (one)",
            "  main * waits in Thread.join on thread Thread-1 (one)",
            "*from test_stuck.py:28  side_by_side(*",
            "  Thread-1 (one) * waits in Lock.acquire on Lock `self.lock`, which is no double",
            "*at test_stuck.py:20  pool.use(print)",
            "*in *pooling.py:9  with self.lock:",
            "*_ test_handler _*",
            "probably stuck: nothing has moved for 5 s in main",
            "*_ test_debugger _*",
            "deadlock: main waits for ever",
            "*- hangs -*",
            "a test that did not move for a while could not be judged: a timer of the system was wound up",
        ]
    )
