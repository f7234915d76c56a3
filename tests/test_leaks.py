"""The search for leaks in conftest.py finds what is planted, and nothing else."""

from pathlib import Path

import pytest

ALONE = [f"-pno:{plugin}" for plugin in ("asyncio", "cacheprovider", "pytest_concurrency")]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(
            "threading.Thread(target=never.wait, name='stray', daemon=True).start()",
            "thread stray",
            marks=pytest.mark.soak,
        ),
        pytest.param(
            "_thread.start_new_thread(never.wait, ())",
            "thread <unknown to threading, native id *>",
            marks=pytest.mark.soak,
        ),
        ("time.sleep = print", "time.sleep was <*> and is <*print>"),
        ("threading.Thread.start = print", "threading.Thread.start was <*> and is <*print>"),
        ("gc.disable()", "gc.isenabled() was True and is False"),
        ("children.append(subprocess.Popen([sys.executable, '-c', 'input()'], stdin=-1))", "child"),
    ],
)
def test_a_leak_is_named(pytester: pytest.Pytester, body: str, message: str) -> None:
    pytester.makeconftest(conftest())
    pytester.makepyfile(
        f"""
        import _thread, gc, subprocess, sys, threading, time
        import pytest

        never, children, undo = threading.Event(), [], pytest.MonkeyPatch()

        @pytest.fixture(autouse=True, scope="module")
        def clean_up():
            undo.setattr(time, "sleep", time.sleep)
            undo.setattr(threading.Thread, "start", threading.Thread.start)
            yield
            undo.undo()
            gc.enable()
            never.set()
            for child in children:
                child.communicate()

        def test_that_leaks():
            {body}

        def test_that_follows():
            pass
        """
    )
    result = pytester.runpytest_inprocess(*ALONE)
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines([f"*the test left behind: {message}*"])


@pytest.mark.slow
def test_what_ends_in_time_is_no_leak(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(conftest())
    pytester.makepyfile(
        """
        import asyncio, subprocess, sys, threading

        def test_thread():
            threading.Thread(target=threading.Event().wait, args=(0.01,)).start()

        def test_process():
            subprocess.run([sys.executable, "-c", ""], check=True)

        def test_loop():
            asyncio.run(asyncio.sleep(0))

        def test_patch(monkeypatch):
            monkeypatch.setattr("time.sleep", print)
        """
    )
    result = pytester.runpytest_inprocess(*ALONE)
    result.assert_outcomes(passed=4)


def conftest() -> str:
    return Path(__file__).with_name("conftest.py").read_text(encoding="utf-8")
