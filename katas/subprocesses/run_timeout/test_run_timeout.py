"""The singing contest: the tests. The singers are real, and note that they have begun."""

import os
import shlex
import signal
import subprocess
import threading
import time

import pytest
from run_timeout import Performance, perform
from watched_children import open_files

STANDS = "the time is up long ago, and perform does not come back: whom have you ended, and who still holds the output?"
FULL = "the line says more than a pipe holds, or waits for something to read: read all, and give it nothing to read"
SONG = "import time\nos.write(1, b'la')\nos.write(2, b'li')\nnote(f'sung {time.monotonic()}')\nfor_ever()\n"
SILENT = "note('there')\nfor_ever()\n"
STUBBORN = "for number in signal.SIGTERM, signal.SIGINT, signal.SIGHUP:\n    signal.signal(number, signal.SIG_IGN)\n"


def shell(watch, line, **singers):
    """Write programs, and put them into a line."""
    commands = {name: shlex.join(watch.program(name, source)) for name, source in singers.items()}
    return line.format(**commands)


def until_time_is_up(watch, line, singers):
    """Perform a line that does not end by itself, with so much time that all its singers are there."""
    for seconds in (0.3, 5, 50):
        before, began = len(watch.words()), time.monotonic()
        found = watch(lambda: perform(line, seconds), STANDS, limit=seconds)
        took = time.monotonic() - began
        assert isinstance(found, subprocess.TimeoutExpired), (
            f"a line that never ends had {seconds} s, and perform gave {found!r} instead of TimeoutExpired"
        )
        assert took >= seconds, f"a line had {seconds} s, and was ended after {took:g} s"
        times = [float(word.split()[1]) for word in watch.words()[before:] if word.startswith("sung")]
        in_time = all(sung < began + seconds / 2 for sung in times)
        if len(watch.words()) - before >= singers and in_time and (seconds > 1 or found.output or not times):
            return found, seconds
    raise AssertionError("50 s were not enough to start a program: this machine is too slow for the test")


@pytest.mark.task(1)
@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("echo la | tr a o", (0, b"lo\n")),
        ("printf one; printf ' two' >&2; printf ' three'; exit 3", (3, b"one two three")),
        ("kill -9 $$", (-9, b"")),
        ("exit 0", (0, b"")),
        ("no_such_singer 2>/dev/null", (127, b"")),
        ("cat; printf '\\377\\n \\n'", (0, b"\xff\n \n")),
        (
            "for each in 1 2 3 4 5 6 7 8; do head -c 50000 /dev/zero; head -c 50000 /dev/zero >&2; done",
            (0, bytes(800_000)),
        ),
    ],
    ids=["choir", "order and code", "signal", "silence", "nobody", "bytes", "much"],
)
def test_a_song_is_heard_to_its_end(watch, endless_input, line, right):
    for seconds in (60, None):
        found = watch(lambda: perform(line, seconds), FULL)
        assert isinstance(found, Performance), f"{line!r} has ended, {seconds} s were given, perform gave {found!r}"
        same = found == right  # the difference of two long ones takes pytest half a minute
        assert same, f"{line!r} came to {found!r:.70}, it should be {right!r:.70}"


@pytest.mark.task(2)
def test_time_is_up(watch):
    line = shell(watch, "{singer}; echo never", singer=SONG)
    found, seconds = until_time_is_up(watch, line, 1)
    assert found.output == b"lali", (
        f"'la' and 'li' were sung until time was up, `output` is {found.output!r}: it counts"
    )
    assert found.cmd == line, f"the line was {line!r}, `cmd` is {found.cmd!r}"
    assert found.timeout == seconds, f"{seconds} s were given, `timeout` is {found.timeout!r}"


@pytest.mark.task(2)
def test_who_says_nothing(watch):
    line = shell(watch, "{singer}", singer=SILENT)
    found, _ = until_time_is_up(watch, line, 1)
    assert found.output == b"", f"nothing was said until time was up, `output` is {found.output!r} instead of b''"


@pytest.mark.task(2)
def test_no_time_at_all(watch):
    line = shell(watch, "{singer}; echo never", singer=SILENT)
    found = watch(lambda: perform(line, 0), f"0 s are a limit, None is none: {STANDS}")
    assert isinstance(found, subprocess.TimeoutExpired), f"a line had 0 s, and perform gave {found!r}"
    assert found.timeout == 0, f"0 s were given, `timeout` is {found.timeout!r}"
    assert not watch.left(), f"0 s are over, and a program {watch.left()}"


@pytest.mark.task(2)
def test_a_drum(watch):
    source = "import time\nfor _ in range(1000):\n    os.write(1, b'.')\n    time.sleep(0.01)\nnote('to the end')\n"
    found = watch(lambda: perform(shell(watch, "{drum}", drum=source), 0.4), STANDS)
    assert "to the end" not in watch.words(), (
        "somebody drums for 10 s or more, 0.4 s were given, and he came to his end: they count from the start"
    )
    assert isinstance(found, subprocess.TimeoutExpired), f"0.4 s for a long drum solo, and perform gave {found!r}"
    assert not watch.left(), f"time is up, and the drummer {watch.left()}"


LINES = {
    "one after the other": ("{first}; {second}", 1),
    "pipe": ("{first} | {second}", 2),
    "choir in a choir": ("sh -c '{first}; true' & (({second}; true); true)", 2),
    "turned away": ("{first} >/dev/null 2>&1 & {second}", 2),
}


@pytest.mark.task(3)
@pytest.mark.parametrize("name", LINES)
def test_the_choir_goes_home(watch, name):
    pattern, singers = LINES[name]
    line = shell(watch, pattern, first=STUBBORN + SILENT, second=STUBBORN + SILENT)
    until_time_is_up(watch, line, singers)
    left = watch.left()
    assert not left, f"`{pattern}`, time is up, perform came back, and of its programs one {left}: the shell is not all"


@pytest.mark.task(3)
@pytest.mark.parametrize(("end", "code"), [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", -9)])
def test_nobody_stays_in_the_background(watch, end, code):
    last = (
        "import time\nwhile b'there' not in open(sys.argv[1], 'rb').read():\n    time.sleep(0.01)\nos.write(1, b'la')"
    )
    line = shell(watch, f"{{first}} >/dev/null 2>&1 & {{last}} {watch.log}; {end}", first=STUBBORN + SILENT, last=last)
    found = watch(lambda: perform(line, None), STANDS)
    assert found == (code, b"la"), f"the song was 'la', its end was `{end}`, and perform gave {found!r}"
    left = watch.left()
    assert not left, f"the line has ended in time, `{end}`, and of those in the background one {left}: on every way out"


@pytest.mark.task(3)
@pytest.mark.parametrize("line", ["echo la", "{singer}"], ids=["in time", "late"])
def test_everybody_else_lives_on(watch, line):
    sleeper = subprocess.Popen(["sleep", "60"])
    gone = subprocess.Popen(["sh", "-c", "exit 7"])
    try:
        os.waitid(os.P_PID, gone.pid, os.WEXITED | os.WNOWAIT)
        watch(lambda: perform(shell(watch, line, singer=SILENT), 0.3 if "singer" in line else 60), STANDS)
        assert sleeper.poll() is None, "another child of ours, none of the line, was ended: end the line's group"
        code = gone.wait()
        assert code == 7, (
            f"another child of ours had ended with 7, and its parent hears {code}: somebody else has waited for it"
        )
    finally:
        sleeper.kill()
        sleeper.wait()


class Fire(Exception):
    """What interrupts a performance."""


@pytest.mark.task(4)
@pytest.mark.parametrize(("kind", "seconds"), [(KeyboardInterrupt, 60), (SystemExit, None), (Fire, 60)])
def test_an_interruption(watch, kind, seconds):
    error = kind("the theatre is on fire")

    def cry(number, frame):
        raise error

    def when_still():
        if watch.words():
            signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR2)
        return bool(watch.words())

    line = shell(watch, "{singer}; echo never", singer=STUBBORN + SILENT)
    old = signal.signal(signal.SIGUSR2, cry)
    try:
        stands = f"{kind.__name__} was raised while perform waited, and it does not come back"
        found = watch(lambda: perform(line, seconds), stands, when_still=when_still)
    finally:
        signal.signal(signal.SIGUSR2, old)
    assert type(found) is kind, f"{kind.__name__} was raised while perform waited, and it gave {found!r}"
    assert found is error, f"{error!r} was raised while perform waited, and another one came out: let it out as it is"
    left = watch.left()
    assert not left, f"{kind.__name__} came out of perform, and a singer {left}: on every way out"


@pytest.mark.task(4)
def test_no_pipe_is_left(watch):
    before, ends, sings = open_files(), "echo la", shell(watch, "{singer}", singer=SONG)
    for line in (ends, sings):
        watch(lambda: perform(line, 0.3 if line is sings else 60), STANDS)
        left = open_files() - before
        assert not left, f"perform came back, and {len(left)} files or pipes are still open: close them"
