"""The workshop: the tests. Real programs, which wait until they are told; the clock of the loop is set by hand."""

import asyncio
import contextlib
import os
import pathlib
import signal
import tempfile
import threading
import tracemalloc

import pytest
from async_subprocess import Result, run, run_all

PATIENCE = 3  # seconds of real time, until somebody who does not move is given up


class Clocked(asyncio.SelectorEventLoop):
    """An event loop whose clock can be set forward."""

    ahead = 0.0

    def time(self):
        return super().time() + self.ahead


class Workshop:
    """Programs that say when they begin and end, and wait in between; a thread listens to them."""

    def __init__(self, folder):
        self.folder = folder
        self.log, self.pids, self.gates = [], {}, {}
        self.changed = threading.Condition()
        self.mouth = folder / "log"
        os.mkfifo(self.mouth)
        self.ear = os.open(self.mouth, os.O_RDWR)
        self.given_up, self.all_said = [], []
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()

    def listen(self):
        with os.fdopen(self.ear, "r", buffering=1) as lines:
            for line in lines:
                what, name, pid = line.split()
                if what == "quit":
                    return
                with self.changed:
                    if what == "all":
                        self.all_said.append(name)
                        self.changed.notify_all()
                        continue
                    self.pids[name] = int(pid)
                    self.log.append(what + name)
                    self.changed.notify_all()

    def program(self, name, work="echo $1", before=""):
        """Return a command: it says that it is there, waits for its gate, works, and says that it has ended."""
        gate = self.folder / f"gate-{name}"
        os.mkfifo(gate)
        self.gates[name] = os.open(gate, os.O_RDWR)
        script = f'{before}; echo "+ $1 $$" > "$2"; read x < "$3"; {work}; echo "- $1 $$" > "$2"'
        return ["/bin/sh", "-c", script.lstrip("; "), "sh", name, str(self.mouth), str(gate)]

    def release(self, *names):
        for name in names:
            os.write(self.gates[name], b"\n")

    async def there(self, *steps, task, why):
        """Wait until these steps have been made, or the task has ended."""
        seen = asyncio.get_running_loop().run_in_executor(None, self.wait_for, set(steps))
        await asyncio.wait([seen, task], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            os.write(self.ear, b"all said 0\n")  # what has ended has said so before
            found = await tried(task)
            assert await seen, f"{why}: it ended with {found!r}"
        assert await seen, f"{why} (so far: {' '.join(self.log)})"
        for _ in range(100):  # the loop, too, has to do what follows on a start or an end
            await asyncio.sleep(0)

    def wait_for(self, steps):
        with self.changed:
            self.changed.wait_for(lambda: steps <= set(self.log) or self.all_said, PATIENCE)
            return steps <= set(self.log)

    def give_up(self):
        """End everybody, so that who waits for them comes back."""
        self.given_up.append(True)
        for pid in list(self.pids.values()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.release(*self.gates)

    def left(self):
        """Return what has become of those who are not gone: `runs`, or `zombie`."""
        found = {}
        for name, pid in sorted(self.pids.items()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 0)
                found[name] = "runs" if os.waitpid(pid, os.WNOHANG) == (0, 0) else "zombie"
        return found

    def close(self):
        self.give_up()
        self.left()
        os.write(self.ear, b"quit quit 0\n")
        self.listener.join()
        for gate in self.gates.values():
            os.close(gate)


@pytest.fixture
def workshop():
    with tempfile.TemporaryDirectory() as folder:
        opened = Workshop(pathlib.Path(folder))
        yield opened
        opened.close()


def play(main, workshop=None, stands="it waits for the other end of a pipe, or for a program that nobody ends"):
    """Run a coroutine in a loop of our own; who stands still for too long is told so, and his programs are ended."""
    stuck, over = [], threading.Event()

    def watch():
        while not over.wait(1 if stuck else PATIENCE + 2):
            stuck.append(True)
            if workshop is not None:
                workshop.give_up()
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(task.cancel)

    async def guarded():
        nonlocal task
        task = asyncio.current_task()
        return await main()

    task = None
    watcher = threading.Thread(target=watch, daemon=True)
    try:
        with asyncio.Runner(loop_factory=Clocked) as runner:
            loop = runner.get_loop()
            watcher.start()
            runner.run(guarded())
    except BaseException:
        if not stuck:
            raise
    finally:
        over.set()
        watcher.join()
    assert not stuck, f"after {PATIENCE + 2} s nothing goes on: {stands}"


async def tried(awaitable):
    """Return what was returned or raised."""
    try:
        return await awaitable
    except NotImplementedError:
        raise
    except (Exception, asyncio.CancelledError) as error:
        return error


def sh(script, *args):
    return ["/bin/sh", "-c", script, "sh", *args]


@pytest.mark.task(1)
@pytest.mark.parametrize(
    ("command", "right"),
    [
        (sh("echo out; echo err >&2"), Result(0, b"out\n", b"err\n")),
        (sh("printf 'no end'; exit 3"), Result(3, b"no end", b"")),
        (sh("kill -9 $$"), Result(-9, b"", b"")),
        (["true"], Result(0, b"", b"")),
        (["printf", "[%s]", "two words", "$HOME; *", "", "ü"], Result(0, "[two words][$HOME; *][][ü]".encode(), b"")),
    ],
    ids=["both", "code", "signal", "silent", "arguments"],
)
def test_a_program_runs(command, right):
    async def main():
        found = await tried(run(command))
        assert isinstance(found, Result) and found == right, f"{command} came to {found!r}, it should be {right}"

    play(main)


@pytest.mark.task(1)
def test_the_loop_goes_on(workshop):
    async def main():
        task = asyncio.create_task(run(workshop.program("saw")))
        await workshop.there(
            "+saw", task=task, why="one program was started, and the loop stands still, or it never ran"
        )
        assert not task.done(), "run came back before the program had ended"
        workshop.release("saw")
        assert await task == Result(0, b"saw\n", b""), f"the program said 'saw', run returned {task.result()}"
        assert not workshop.left(), f"run came back, and the program is not gone: {workshop.left()}"

    play(main, workshop, stands="a program waits until it is told, and the whole loop with it")


@pytest.mark.task(1)
def test_what_cannot_be_started():
    async def main():
        found = await tried(run(["/no/such/program"]))
        assert isinstance(found, FileNotFoundError), f"there is no such program, and run gave {found!r}"

    play(main)


@pytest.mark.task(2)
def test_it_is_fed():
    async def main():
        for given, command in ((b"soup\nbread", ["cat"]), (b"x" * 500_000, ["cat"]), (b"", ["cat"])):
            found = await tried(run(command, given, most=1_000_000))
            assert found == Result(0, given, b""), (
                f"cat was given {len(given)} bytes, and run came to {str(found)[:80]}: feed it while you read"
            )

    play(main, stands="cat waits for you, and you wait for cat: feed it while you read, and close its input then")


@pytest.mark.task(2)
def test_our_own_input_is_not_its(workshop):
    ours = os.dup(0)
    workshop.program("none")
    os.dup2(workshop.gates["none"], 0)  # an input that never ends

    async def main():
        found = await tried(run(["cat"]))
        assert found == Result(0, b"", b""), f"cat was given nothing, and run came to {found!r}: its input is empty"

    try:
        play(main, workshop, stands="cat was given nothing, and waits for our own input: its input is empty")
    finally:
        os.dup2(ours, 0)
        os.close(ours)


@pytest.mark.task(2)
def test_who_is_not_hungry():
    async def main():
        for command in (["true"], sh("exec <&-; echo full; exit 1")):
            found = await tried(run(command, b"x" * 1_000_000))
            assert isinstance(found, Result), f"{command} reads nothing of 1 MB, and run gave {found!r}: no error"
            assert found.code == (command != ["true"]), f"{command} reads nothing, and run came to {found}"

    play(main)


@pytest.mark.task(3)
@pytest.mark.parametrize("most", [0, 5, 100_000])
def test_the_beginning_is_kept(most):
    async def main():
        talk = "{ printf begin; head -c 300000 /dev/zero; }"  # a pipe and a StreamReader hold up to 262,144
        for script, streams in (
            (f"{talk}; {talk} >&2; exit 7", "its output, then its errors"),
            (f"{talk} >&2; {talk}; exit 7", "its errors, then its output"),
            (f"{talk} >&2 & {talk}; wait; exit 7", "both"),
        ):
            found = await tried(run(sh(script), most=most))
            assert isinstance(found, Result), f"it says 600 kB ({streams}), and run gave {found!r}"
            assert found.code == 7, f"it says 600 kB ({streams}) and exits with 7, run says {found.code}: let it talk"
            for name in ("output", "errors"):
                kept = getattr(found, name)
                right = (b"begin" + bytes(300_000))[:most]
                assert len(kept) == most, f"{name} has {len(kept)} bytes, of 300 kB the first {most} are kept"
                assert kept == right, f"{name} begins with {kept[:9]}, the first {most} bytes begin with {right[:9]}"

    play(main, stands="it says more than a pipe holds, and waits: read both pipes at the same time, to their ends")


@pytest.mark.task(3)
def test_memory_does_not_grow():
    async def main():
        tracemalloc.start()
        try:
            found = await tried(run(["head", "-c", "30000000", "/dev/zero"], most=10))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert found == Result(0, bytes(10), b""), f"it says 30 MB of zeros, and run came to {str(found)[:80]}"
        assert peak < 10_000_000, f"it says 30 MB, 10 bytes are kept, and run needed {peak / 1e6:.0f} MB: throw away"

    play(main)


STUBBORN = "trap '' TERM INT HUP"


@pytest.mark.task(4)
@pytest.mark.parametrize("before", ["", STUBBORN, "head -c 50000 /dev/zero"])
@pytest.mark.parametrize("how", ["time", "cancelled"])
def test_nobody_is_left(workshop, how, before):
    async def main():
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(run(workshop.program("saw", before=before), b"wood", seconds=60))
        await workshop.there("+saw", task=task, why="one program was started, and never came to its work")
        loop.ahead += 50
        await asyncio.sleep(0)
        assert not task.done(), f"50 of 60 s have passed, and run gave {await tried(task)!r}"
        if how == "time":
            loop.ahead += 11
        else:
            task.cancel()
        found = await tried(task)
        right = TimeoutError if how == "time" else asyncio.CancelledError
        what = "60 s are over" if how == "time" else "run was cancelled"
        left = workshop.left()
        assert type(found) is right, f"{what}, and run gave {found!r} instead of {right.__name__}"
        assert "runs" not in left.values(), f"{what}, and the program still runs, an orphan: kill it"
        assert not left, f"{what}, and the program is a zombie: wait for it when you have killed it"

    play(main, workshop, stands="somebody waits for a program that was not killed; it may not listen to SIGTERM")


@pytest.mark.task(4)
@pytest.mark.parametrize("how", ["60 s are over", "it ends"])
def test_who_has_nothing_more_to_say(workshop, how):
    async def main():
        loop = asyncio.get_running_loop()
        command = workshop.program("saw", work="exit 5", before="exec >&- 2>&-")
        task = asyncio.create_task(run(command, seconds=60))
        await workshop.there("+saw", task=task, why="one program was started, and never came to its work")
        assert not task.done(), f"a program has closed its outputs and works on, and run gave {await tried(task)!r}"
        if how == "60 s are over":
            loop.ahead += 61
        else:
            workshop.release("saw")
        found = await tried(task)
        right = TimeoutError if how == "60 s are over" else Result(5, b"", b"")
        assert right in (found, type(found)), (
            f"a program has closed its outputs and works on, {how}; run gave {found!r}, it should be {right!r}"
        )
        assert not workshop.left(), f"run came back, and the program is not gone: {workshop.left()}"

    stands = "a program has closed its outputs and works on: it has not ended, and the limit goes on until it has"
    play(main, workshop, stands=stands)


@pytest.mark.task(4)
def test_no_time_at_all(workshop):
    async def main():
        found = await tried(run(workshop.program("saw"), seconds=0))
        assert type(found) is TimeoutError, f"with seconds=0 a program that waits gave {found!r}: 0 is a limit"
        assert not workshop.left(), f"with seconds=0 the program is not gone: {workshop.left()}"

    play(main, workshop, stands="with seconds=0 a program still works: 0 is a limit, None is none")


@pytest.mark.task(4)
def test_no_limit(workshop):
    async def main():
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(run(workshop.program("saw")))
        await workshop.there("+saw", task=task, why="one program was started, and never came to its work")
        loop.ahead += 1_000_000
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        workshop.release("saw")
        found = await tried(task)
        assert found == Result(0, b"saw\n", b""), f"without a limit a program that works long gave {found!r}"

    play(main, workshop)


@pytest.mark.task(4)
def test_no_pipe_is_left(workshop):
    async def main():
        loop = asyncio.get_running_loop()
        await tried(run(["true"]))  # what is opened for good is opened now
        before = set(os.listdir("/dev/fd"))
        commands = {"ends": ["cat"], "is not hungry": ["true"], "cannot be started": ["/no/such/program"]}
        for what, command in commands.items():
            await tried(run(command, b"x" * 300_000))
            await settled(before)
            left = set(os.listdir("/dev/fd")) - before
            assert not left, f"a program {what}, and {len(left)} descriptors are still open: close its pipes"
        command = workshop.program("saw")
        before = set(os.listdir("/dev/fd"))
        task = asyncio.create_task(run(command, b"x" * 300_000, seconds=60))
        await workshop.there("+saw", task=task, why="one program was started, and never came to its work")
        loop.ahead += 61
        await tried(task)
        await settled(before)
        left = set(os.listdir("/dev/fd")) - before
        assert not left, f"a program was killed, and {len(left)} descriptors are still open: close its pipes"

    play(main, workshop)


async def settled(before):
    """Let the loop close what is to be closed."""
    for _ in range(50):
        if not set(os.listdir("/dev/fd")) - before:
            return
        await asyncio.sleep(0)


@pytest.mark.task(5)
def test_in_their_order(workshop):
    async def main():
        names = ["saw", "drill", "file"]
        commands = [*map(workshop.program, names), ["/no/such/program"], sh("exit 4")]
        task = asyncio.create_task(run_all(commands, 9))
        await workshop.there(
            "+saw", "+drill", "+file", task=task, why="three programs wait, and not all were started: all at once"
        )
        for name in reversed(names):
            workshop.release(name)
            await workshop.there(f"-{name}", task=task, why=f"{name} was told to go on, and has not ended")
        found = await tried(task)
        assert isinstance(found, list) and len(found) == 5, f"one of five cannot be started, and run_all gave {found!r}"
        assert isinstance(found[3], FileNotFoundError), (
            f"there is no fourth program, its entry is {found[3]!r}: in their order"
        )
        right = [Result(0, f"{name}\n".encode(), b"") for name in names]
        assert found[:3] == right, f"saw, drill and file ended in reverse, the entries are {found[:3]}: in their order"
        assert found[4] == Result(4, b"", b""), f"the fifth exits with 4, its entry is {found[4]}"
        assert await run_all([], 1) == [], "run_all without commands should return []"

    play(main, workshop)


@pytest.mark.task(5)
def test_whatever_it_raises():
    async def main():
        found = await tried(run_all([["true"], ["echo", "no\0argument"], ["/no/such/program"], sh("exit 4")], 2))
        assert isinstance(found, list) and len(found) == 4, (
            f"the second of four has a NUL in an argument, ValueError, and run_all gave {found!r}: its entry, too"
        )
        assert [isinstance(each, Exception) for each in found] == [False, True, True, False], (
            f"the second of four has a NUL in an argument, the third is not there; the entries are {found}"
        )

    play(main)


@pytest.mark.task(5)
def test_the_same_command_twice(tmp_path):
    async def main():
        command = sh('mkdir "$1" 2>/dev/null && echo first || echo second', str(tmp_path / "made"))
        found = await tried(run_all([command, command], 1))
        right = [Result(0, b"first\n", b""), Result(0, b"second\n", b"")]
        assert found == right, (
            f"the same command stands in the list twice, and the second one does something else: {found}; it should "
            f"be {right}, each begun, each with its own result"
        )

    play(main)


@pytest.mark.task(5)
def test_at_most_so_many(workshop):
    async def main():
        names = list("abcdef")
        task = asyncio.create_task(run_all([workshop.program(name) for name in names], 2))
        await workshop.there(
            "+a", "+b", task=task, why="two may work at once, and not both were started: do not wait for one"
        )
        for done, following in zip("acde", "cdef", strict=True):  # b stays the longest
            workshop.release(done)
            await workshop.there(
                f"+{following}",
                task=task,
                why=f"{done} has ended, b still works, and {following} was not started: a place is free",
            )
        workshop.release("b", "f")
        found = await tried(task)
        now = most = 0
        for step in workshop.log:
            now += 1 if step[0] == "+" else -1
            most = max(most, now)
        assert most == 2, f"{most} were at work at the same time, at most 2 may be: {' '.join(workshop.log)}"
        right = [Result(0, f"{name}\n".encode(), b"") for name in names]
        assert found == right, f"six programs came to {found}"

    play(main, workshop)


@pytest.mark.task(5)
def test_each_has_its_own_time(workshop):
    async def main():
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(run_all([workshop.program(name) for name in "abc"], 2, seconds=60, most=1))
        await workshop.there("+a", "+b", task=task, why="two may work at once, and not both were started")
        loop.ahead += 40
        workshop.release("a")
        await workshop.there("+c", task=task, why="a has ended, and c was not started")
        loop.ahead += 40
        await gone(workshop, "b")
        workshop.release("c")
        found = await tried(task)
        assert isinstance(found, list), f"one of three was too slow, and run_all gave {found!r}: it stands in the list"
        shown = [type(each) if isinstance(each, Exception) else each for each in found]
        right = [Result(0, b"a", b""), TimeoutError, Result(0, b"c", b"")]
        assert shown == right, (
            f"a took 40 s, b 80, c, which came after a, 40; each has 60 s, and the first byte of it is kept: {found}"
        )

    play(main, workshop)


async def gone(workshop, name):
    """Wait until a program is gone, and has been waited for."""
    with contextlib.suppress(ProcessLookupError):
        while not workshop.given_up:
            os.kill(workshop.pids[name], 0)
            await asyncio.sleep(0)


@pytest.mark.task(5)
def test_all_are_called_off(workshop):
    async def main():
        task = asyncio.create_task(run_all([workshop.program(name, before=STUBBORN) for name in "abcd"], 2))
        await workshop.there("+a", "+b", task=task, why="two may work at once, and not both were started")
        task.cancel()
        found = await tried(task)
        left = workshop.left()
        assert isinstance(found, asyncio.CancelledError), f"run_all was cancelled, and gave {found!r}"
        assert not left, f"run_all was cancelled, and not gone are {left}: kill all, and wait for all"
        await asyncio.sleep(0)
        assert sorted(workshop.pids) == ["a", "b"], f"run_all was cancelled, and yet began {sorted(workshop.pids)[2:]}"

    play(main, workshop, stands="run_all was cancelled, and waits for a program: kill all, and begin none")
