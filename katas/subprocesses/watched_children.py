"""Watches over the programs that a test starts: who stands still for ever is told where, and nobody is left behind.

No verdict by the clock: somebody stands still when the solution and all its programs sleep in the kernel, and none has
been woken from one look to the next. On a busy machine they would be ready to run, and not asleep. Only where the
system shows none of this (no /proc) time has to tell, and much of it.
"""

import contextlib
import glob
import linecache
import os
import signal
import sys
import threading
import time

PRELUDE = """\
import os, signal, sys

signal.alarm(150)  # should even the tests be gone


def note(word):
    with open({log!r}, "ab", buffering=0) as log:
        log.write(f"{{os.getpid()}} {{word}}\\n".encode())


def gate():  # wait until the test opens it
    os.read(os.open({gate!r}, os.O_RDONLY), 1)


def for_ever():
    while True:
        signal.pause()


note("began")
"""
LOOK = 0.05  # seconds from one look to the next
STILL = 40  # looks in which nobody moved: 2 s, and no time limit in these tests is longer than half a second
IN_VAIN = 3 * STILL  # looks in which only the solution moved
TURNS = 100  # and how often it did
PATIENCE = 60  # seconds, where nothing can be seen


class Stuck(BaseException):
    """Ends a solution that does not come back."""


def state(task):
    """Return the letter for what a task in /proc does, and its switches; two tasks that are gone are equal."""
    with contextlib.suppress(OSError), open(f"{task}/status", encoding="latin-1") as lines:
        words = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        return words["State"][0], int(words["voluntary_ctxt_switches"]), words["nonvoluntary_ctxt_switches"]
    return "Z", 0, ""


def started_by(pid):
    """Yield the processes that a process has started, and theirs."""
    for file in glob.glob(f"/proc/{pid}/task/*/children"):
        with contextlib.suppress(OSError), open(file) as children:
            for child in children.read().split():
                yield int(child)
                yield from started_by(child)


class Looks:
    """What is to be seen of the solution and of its programs, look by look."""

    def __init__(self):
        self.tasks = set(glob.glob("/proc/self/task/*"))
        self.main = f"/proc/self/task/{threading.get_native_id()}"
        self.last, self.still, self.in_vain, self.turns = None, 0, 0, 0

    def take(self, programs, own):
        ours = [state(self.main), *map(state, set(glob.glob("/proc/self/task/*")) - self.tasks - {own})]
        now = ours, [(pid, state(f"/proc/{pid}")) for pid in sorted(programs)]
        asleep = [all(one[0] in "SZ" for one in ours), all(one[0] in "SZ" for _, one in now[1])]
        if not self.tasks or self.last is None or not asleep[1] or now[1] != self.last[1]:
            self.in_vain, self.turns = 0, ours[0][1]
        else:
            self.in_vain += 1
        self.still = self.still + 1 if self.in_vain and asleep[0] and ours == self.last[0] else 0
        self.last = now

    def stand_still(self, looks):
        """Whether nobody has moved for so many looks, or only the solution, again and again."""
        turns = self.last[0][0][1] - self.turns
        return self.still >= looks or (self.in_vain >= IN_VAIN * looks / STILL and turns >= TURNS * looks / STILL)


class Watch:
    """The programs of one test, what they have noted, and who looks after them."""

    def __init__(self, folder, solution):
        self.folder, self.solution = folder, solution
        self.log, self.pipe = f"{folder}/log", f"{folder}/gate"
        open(self.log, "x").close()
        os.mkfifo(self.pipe)
        self.gate = os.open(self.pipe, os.O_RDWR)
        self.prelude = PRELUDE.format(log=self.log, gate=self.pipe)
        self.before = set(started_by(os.getpid()))
        self.guarded, self.refused, self.sent = False, [], []
        self.kill, self.killpg, self.old = os.kill, os.killpg, signal.signal(signal.SIGUSR1, self.interrupt)
        os.kill, os.killpg = self.kill_others, self.kill_other_groups

    def program(self, name, source):
        """Write a program, and return the command that runs it."""
        path = f"{self.folder}/{name}.py"
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.prelude + source)
        return [sys.executable, "-ES", path]

    def open_gate(self):
        """Let one program go on that waits."""
        os.write(self.gate, b"\n")

    def noted(self):
        """Return what the programs have noted, as pairs of pid and word."""
        with open(self.log, encoding="utf-8") as lines:
            pairs = [line.rstrip("\n").partition(" ") for line in lines]
        return [(int(pid), word) for pid, _, word in pairs]

    def words(self):
        """Return what the programs have noted, without `began`."""
        return [word for _, word in self.noted() if word != "began"]

    def __call__(self, call, stands, when_still=None, limit=0):
        """Return what a call returns or raises; `stands`, or what it returns, says why it would never come back.

        When nobody moves, `when_still` is called, in another thread, until it returns something true.
        `limit`: the seconds that the solution may rightly wait for, if they are more than half a second.
        """
        over, stuck, found = threading.Event(), [], None
        looks = Looks()
        arguments = (looks, over, stuck, threading.current_thread(), when_still, limit)
        looker = threading.Thread(target=self.look_on, args=arguments, daemon=True)
        self.guarded = True
        try:
            looker.start()
            found = call()
        except NotImplementedError:
            raise
        except (Exception, KeyboardInterrupt, SystemExit) as error:
            found = error
        except Stuck:
            pass
        finally:
            self.guarded = False
            over.set()
            looker.join()
        assert not self.refused, self.refused[0]
        assert not stuck, f"{stands() if callable(stands) else stands} (nobody moves any more, {stuck[0]})"
        return found

    def look_on(self, looks, over, stuck, caller, when_still, limit):
        own, end = f"/proc/self/task/{threading.get_native_id()}", time.monotonic() + PATIENCE + limit
        while not over.wait(LOOK):
            looks.take(self.programs(), own)
            late = time.monotonic() > end
            if when_still and looks.stand_still(2) and when_still():
                when_still = None
            elif late or looks.stand_still(STILL + limit / LOOK):
                stuck.append(self.place(caller))
                self.end_all()
                end = time.monotonic() + 1
                if len(stuck) > 1:
                    signal.pthread_kill(caller.ident, signal.SIGUSR1)

    def place(self, thread):
        """Say where in the solution somebody is."""
        frame, file = sys._current_frames().get(thread.ident), sys.modules[self.solution].__file__
        while frame and frame.f_code.co_filename != file:
            frame = frame.f_back
        if frame is None:
            return "and your function is not even at work"
        line = linecache.getline(file, frame.f_lineno).strip()
        return f"you are in `{frame.f_code.co_name}`, line {frame.f_lineno}: {line}"

    def interrupt(self, number, frame):
        if self.guarded:
            raise Stuck

    def kill_others(self, pid, number):
        """Stand where `os.kill` is: nobody kills the tests, and what is sent is noted."""
        if pid < 0:
            return self.kill_other_groups(-pid, number)
        if pid in (0, os.getpid()):
            return self.refuse("")
        self.sent += [signal.Signals(number).name] if number else []
        return self.kill(pid, number)

    def kill_other_groups(self, group, number):
        if group in (0, 1, os.getpgrp()):
            return self.refuse("own process group: start_new_session=True")
        self.sent += [signal.Signals(number).name] if number else []
        return self.killpg(group, number)

    def refuse(self, group):
        self.refused.append(f"you sent a signal to yourself, and to the tests {group and 'with you, in your '}{group}")
        self.end_all()
        raise AssertionError(self.refused[0])

    def programs(self):
        """Return the pids of all who were started."""
        return {pid for pid, _ in self.noted()} | set(started_by(os.getpid())) - self.before

    def left(self):
        """Return what has become of programs that are not gone: `runs`, or `is a zombie`."""
        found = {self.fate(pid) for pid in self.programs()}
        return " and ".join(sorted(found - {""}))

    def fate(self, pid):
        for _ in range(600):
            with contextlib.suppress(ChildProcessError):
                if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                    return "is a zombie"
            try:
                self.kill(pid, 0)
            except ProcessLookupError:
                return ""
            letter = state(f"/proc/{pid}")[0]
            if letter == "S":  # who has been killed does not sleep
                return "runs"
            if letter == "Z" and os.path.isdir("/proc/self"):  # the child of somebody else, who has gone
                return ""
            time.sleep(LOOK)
        return "runs"

    def end_all(self):
        """Kill whoever is left."""
        for pid in self.programs():
            with contextlib.suppress(ProcessLookupError):
                self.kill(pid, signal.SIGKILL)

    def close(self):
        os.kill, os.killpg = self.kill, self.killpg
        self.end_all()
        for pid in self.programs():
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        signal.signal(signal.SIGUSR1, self.old)
        os.close(self.gate)


def open_files():
    """Return the descriptors of this process."""
    return set(os.listdir("/dev/fd"))
