"""Plain tests whose event loop waits for ever fail within two seconds, and slow right ones are left alone."""

import re
import sys

import pytest

pytestmark = pytest.mark.slow

TOLD_WITHIN = 2.0
HANGS = """
    import asyncio, gc, queue, threading, unittest

    def held():
        async def use(lock):
            async with lock:
                pass

        async def main():
            lock = asyncio.Lock()
            await lock.acquire()
            await asyncio.create_task(use(lock), name="Ann")

        return main()

    def crosswise():
        async def through(first, second):
            async with first:
                await asyncio.sleep(0)
                async with second:
                    pass

        async def main():
            left = asyncio.Lock()
            right = asyncio.Lock()
            await asyncio.gather(through(left, right), through(right, left))

        return main()

    def test_lock_that_is_kept():
        asyncio.run(held())

    def test_locks_crosswise():
        asyncio.run(crosswise())

    def test_queue_without_producer():
        async def take(jobs):
            return await jobs.get()

        async def main():
            jobs = asyncio.Queue()
            await take(jobs)

        asyncio.run(main())

    def test_event_in_a_group():
        async def come(door):
            await door.wait()

        async def main():
            door = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                group.create_task(come(door))
                group.create_task(come(door))

        asyncio.run(main())

    def test_future_of_nobody():
        async def main():
            await asyncio.get_running_loop().create_future()

        asyncio.run(main())

    def test_answer_of_another_thread_that_wakes_nobody():
        async def main():
            answer = asyncio.get_running_loop().create_future()
            threading.Timer(0.1, answer.set_result, (1,)).start()
            await answer

        asyncio.run(main())

    def test_thread_behind_the_loop():
        async def main():
            jobs = queue.Queue()
            await asyncio.to_thread(jobs.get)

        asyncio.run(main())

    def test_loop_in_another_thread():
        async def come():
            await door.wait()

        loop, door = asyncio.new_event_loop(), asyncio.Event()
        threading.Thread(target=loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(come(), loop).result()

    def test_loop_with_nothing_to_do():
        asyncio.new_event_loop().run_forever()

    class TestOld(unittest.IsolatedAsyncioTestCase):
        async def test_unittest(self):
            await asyncio.Event().wait()

    def test_that_is_cancelled_and_waits_again():
        async def main():
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.Event().wait()

        asyncio.run(main())

    def test_after_them(caplog):
        gc.collect()
        assert "was never retrieved" not in caplog.text
        assert asyncio.run(asyncio.sleep(0, 5)) == 5
"""
TOLD = """\
deadlock: main(), Ann wait for ever
  main()  waits in await on task Ann
            at test_hangs.py:11  await asyncio.create_task(use(lock)
  Ann     waits in Lock.acquire on asyncio.Lock `lock`
            held by main()
            at test_hangs.py:5  async with lock:
            made at test_hangs.py:9
deadlock: main(), through, through #2 wait for ever
  main()      waits in asyncio.gather on tasks through, through #2
  through     waits in Lock.acquire on asyncio.Lock `right`
                held by through #2
  through #2  waits in Lock.acquire on asyncio.Lock `left`
                held by through
  through waits for through #2 waits for through: take these in the same order
deadlock: main() waits for ever
  main()  waits in Queue.get on asyncio.Queue `jobs`
            at test_hangs.py:37  return await jobs.get()
            from test_hangs.py:41  await take(jobs)
            made at test_hangs.py:40
  nobody is left who would put an item: *
deadlock: main(), come, come #2 wait for ever
  main()   waits in the end of the group on tasks come, come #2
  come     waits in Event.wait on asyncio.Event `door`
deadlock: main() waits for ever
  main()  waits in await on a Future that nobody has completed
deadlock: main() waits for ever
  main()  waits in a loop that nobody has woken: *call_soon_threadsafe
            at test_hangs.py:67  await answer
deadlock: main(), asyncio_0 wait for ever
  main()     waits in asyncio.to_thread
  asyncio_0  waits in Queue.get on Queue `jobs`
deadlock: main, come wait for ever
  main  waits in Future.result *
  come  waits in Event.wait on asyncio.Event
deadlock: main waits for ever
  main  waits in the event loop: nothing is left to do
          at test_hangs.py:87  asyncio.new_event_loop().run_forever()
deadlock: test_unittest waits for ever
deadlock: main() waits for ever
            at test_hangs.py:98  await asyncio.Event().wait()
""".splitlines()
RIGHT = """
    import asyncio, concurrent.futures, os, queue, signal, subprocess, sys, threading, time

    LONG = 1.3  # seconds: longer than a verdict takes
    CHILD = [sys.executable, "-c", f"import time; time.sleep({LONG}); print(5)"]

    def later(function, *args):
        threading.Timer(LONG, function, args).start()

    def test_timer():
        asyncio.run(asyncio.sleep(LONG))

    def test_thread():
        asyncio.run(asyncio.to_thread(time.sleep, LONG))

    def test_call_from_a_thread():
        async def main():
            loop, door = asyncio.get_running_loop(), asyncio.Event()
            later(loop.call_soon_threadsafe, door.set)
            await door.wait()

        asyncio.run(main())

    def test_child():
        async def main():
            child = await asyncio.create_subprocess_exec(*CHILD, stdout=subprocess.PIPE)
            assert (await child.communicate())[0].split() == [b"5"]

        asyncio.run(main())

    def test_child_without_pipes():
        async def main():
            child = await asyncio.create_subprocess_exec(*CHILD, stdout=subprocess.DEVNULL)
            assert await child.wait() == 0

        asyncio.run(main())

    def test_child_behind_a_thread():
        async def main():
            await asyncio.to_thread(subprocess.run, CHILD, check=True)

        asyncio.run(main())

    def test_pool_of_processes():
        async def main():
            with concurrent.futures.ProcessPoolExecutor(1) as pool:
                await asyncio.get_running_loop().run_in_executor(pool, time.sleep, LONG)

        asyncio.run(main())

    def test_socket():
        async def main():
            async def serve(reader, writer):
                later(asyncio.get_running_loop().call_soon_threadsafe, writer.close)

            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            assert await reader.read() == b""
            writer.close()
            server.close()

        asyncio.run(main())

    def test_pipe():
        async def main():
            source, sink = os.pipe()
            door = asyncio.Event()
            asyncio.get_running_loop().add_reader(source, door.set)
            subprocess.Popen([*CHILD], stdout=sink)
            await door.wait()
            asyncio.get_running_loop().remove_reader(source)

        asyncio.run(main())

    def test_signal():
        async def main():
            door = asyncio.Event()
            asyncio.get_running_loop().add_signal_handler(signal.SIGALRM, door.set)
            signal.setitimer(signal.ITIMER_REAL, LONG)
            await door.wait()

        asyncio.run(main())

    def test_handler():
        async def main():
            loop, door = asyncio.get_running_loop(), asyncio.Event()
            signal.signal(signal.SIGALRM, lambda *_: loop.call_soon_threadsafe(door.set))
            signal.setitimer(signal.ITIMER_REAL, LONG)
            await door.wait()

        try:
            asyncio.run(main())
        finally:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)

    def test_limit():
        async def main():
            try:
                await asyncio.wait_for(asyncio.Event().wait(), LONG)
            except TimeoutError:
                return 5

        assert asyncio.run(main()) == 5

    def test_idle_loop_of_another_thread():
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        time.sleep(LONG)
        assert asyncio.run_coroutine_threadsafe(asyncio.sleep(LONG, 5), loop).result() == 5
        loop.call_soon_threadsafe(loop.stop)
        thread.join()

    def test_two_loops_that_talk():
        async def answer(door, other, reply):
            await door.wait()
            other.call_soon_threadsafe(reply.set)

        async def main():
            loop, door, reply = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
            second = asyncio.new_event_loop()
            thread = threading.Thread(target=second.run_until_complete, args=(answer(door, loop, reply),))
            thread.start()
            later(second.call_soon_threadsafe, door.set)
            await reply.wait()
            await asyncio.to_thread(thread.join)

        asyncio.run(main())
"""
SHARED = """
    import asyncio, pytest

    pytestmark = pytest.mark.{mark}

    @pytest.fixture{scope}
    async def door():
        yield asyncio.Event()

    async def test_before(door):
        await asyncio.sleep(0)

    async def test_hangs(door):
        try:
            await door.wait()
        finally:
            pytest.unwound = True

    async def test_after(door):
        assert not door.is_set()
        assert pytest.unwound
"""


def durations(result: pytest.RunResult) -> list[float]:
    return [float(found) for found in re.findall(r"^(\d+\.\d+)s call", result.stdout.str(), re.MULTILINE)]


def test_hangs_are_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_hangs=HANGS)
    args = ("-p", "no:asyncio", "-p", "no:anyio", "-p", "no:cacheprovider", "--durations=0")
    result = pytester.run(sys.executable, "-m", "pytest", *args, timeout=120)
    result.assert_outcomes(passed=1, failed=11)
    assert result.ret == 1
    result.stdout.fnmatch_lines([line.replace("[", "[[]") + "*" for line in TOLD])
    waited_twice = 1
    assert sorted(durations(result))[-1 - waited_twice] < TOLD_WITHIN


def test_slow_right_tests_get_no_verdict(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_right=RIGHT)
    args = ("-p", "no:asyncio", "-p", "no:anyio", "-p", "no:cacheprovider")
    result = pytester.runpytest_subprocess(*args, timeout=120)
    result.assert_outcomes(passed=RIGHT.count("def test_"))
    assert result.ret == 0


@pytest.mark.parametrize(
    ("mark", "scope", "plugins"),
    [
        ("asyncio", "", ("no:anyio",)),
        ("asyncio(loop_scope='module')", "(scope='module')", ("no:anyio",)),
        ("anyio", "", ("no:asyncio",)),
        ("anyio", "(scope='module')", ("no:asyncio",)),
    ],
)
def test_the_loop_of_a_companion_is_used_again(
    pytester: pytest.Pytester, mark: str, scope: str, plugins: tuple[str, ...]
) -> None:
    text = SHARED.format(mark=mark, scope=scope)
    if "no:anyio" in plugins:
        text = text.replace("@pytest.fixture", "@pytest_asyncio.fixture").replace(
            "pytest\n", "pytest, pytest_asyncio\n", 1
        )
        text = text.replace("scope='module')\n    async", "scope='module', loop_scope='module')\n    async")
    else:
        text += "\n    @pytest.fixture(scope='module')\n    def anyio_backend():\n        return 'asyncio'\n"
    pytester.makepyfile(test_shared=text)
    result = pytester.runpytest_subprocess(*(f"-p{name}" for name in plugins), "--durations=0", timeout=60)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*deadlock: test_hangs waits for ever",
            "*waits in Event.wait on asyncio.Event*",
            "*at test_shared.py:14  await door.wait()",
            "*made at test_shared.py:7",
        ]
    )
    assert max(durations(result)) < TOLD_WITHIN


def test_a_session_without_asyncio_does_not_import_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os, selectors, sys

        def test_waits():
            source, sink = os.pipe()
            with selectors.DefaultSelector() as selector:
                selector.register(source, selectors.EVENT_READ)
                os.write(sink, b"x")
                assert selector.select()
                assert selector.select(0)
            assert "asyncio" not in sys.modules
        """
    )
    args = ("-p", "no:asyncio", "-p", "no:anyio", "-p", "no:xdist", "-p", "no:hypothesispytest")
    pytester.runpytest_subprocess(*args, timeout=60).assert_outcomes(passed=1)


def test_a_loop_that_serves_many_tests_goes_on(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio, threading

        loop = asyncio.new_event_loop()
        threading.Thread(target=loop.run_forever, daemon=True).start()

        def ask(coroutine):
            return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

        def test_hangs_while_it_is_idle():
            threading.Event().wait()

        def test_hangs_in_it():
            async def waits():
                await asyncio.Event().wait()
            ask(waits())

        def test_after_them():
            assert ask(asyncio.sleep(0, 5)) == 5
            assert not ask(left())

        async def left():
            return asyncio.all_tasks() - {asyncio.current_task()}
        """
    )
    args = ("-p", "no:asyncio", "-p", "no:anyio", "-p", "no:cacheprovider")
    result = pytester.runpytest_subprocess(*args, timeout=60)
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["deadlock: main waits for ever", "deadlock: main, waits wait for ever"])


def test_a_loop_that_is_left_running_does_not_keep_the_process_alive(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio, threading

        def test_leaves_it():
            threading.Thread(target=asyncio.new_event_loop().run_forever, name="server").start()
        """
    )
    args = ("-p", "no:asyncio", "-p", "no:anyio", "-p", "no:cacheprovider")
    result = pytester.runpytest_subprocess(*args, timeout=60)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["tests left threads behind: server"])


def test_with_concurrency_off_loops_are_as_they_were(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio, selectors

        def test_off():
            assert not hasattr(selectors.DefaultSelector.select, "__wrapped__")
            assert asyncio.run(asyncio.sleep(0, 5)) == 5
            assert not hasattr(asyncio.Lock.acquire, "__wrapped__")
        """
    )
    pytester.runpytest_subprocess("--concurrency=off", "-p", "no:asyncio", timeout=60).assert_outcomes(passed=1)


RING = """
import asyncio

def test_ring():
    async def wait(other):
        await asyncio.sleep(0)
        await tasks[other]

    async def main():
        tasks.extend(asyncio.create_task(wait((number + 1) % 3), name="abc"[number]) for number in range(3))
        await asyncio.gather(*tasks)

    tasks = []
    asyncio.run(main())
"""


@pytest.mark.slow
def test_tasks_that_wait_for_one_another_in_a_ring_can_be_ended(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(RING)
    done = pytester.runpytest_subprocess("-p", "no:asyncio", "--timeout=60")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["deadlock: main(), a, b, c wait for ever", "*a waits for b waits for c waits for a*"])
    done.stdout.no_fnmatch_line("*RecursionError*")
