"""The herald: the tests. The programs are real, and say what they have seen."""

import json
import os
import pathlib
import signal

import pytest
from run_command import Refused, ask, overhear, record
from watched_children import open_files

READS = "the program waits for something to read: its standard input is at its end, and is not ours"
FULL = "the program says more than a pipe holds: read both pipes at the same time, or both through one"


def say(out=b"", err=b"", code=0):
    """Return the source of a program that says this."""
    return f"os.write(1, {out!r})\nos.write(2, {err!r})\nos._exit({code})\n"


@pytest.mark.task(1)
@pytest.mark.parametrize(
    ("said", "right"),
    [
        (b"the king\n is well \n\n", "the king\n is well \n\n"),
        (b"", ""),
        ("schön ☃".encode(), "schön ☃"),
        (b"caf\xe9\n", "caf\ufffd\n"),
    ],
    ids=["lines", "nothing", "utf-8", "no utf-8"],
)
def test_what_is_said_comes_back(watch, plain_locale, capfd, said, right):
    found = watch(lambda: ask(watch.program("says", say(said, b"psst"))), FULL)
    assert found == right, f"a program says the bytes {said!r}, and ask gave {found!r} instead of {right!r}"
    seen = "".join(capfd.readouterr())
    assert not seen, f"a program has said {seen!r} to our own outputs: both belong to the herald"


@pytest.mark.task(1)
def test_arguments_arrive_as_they_are(watch):
    words = ["two words", "$HOME", "; echo gotcha", "*", "", "ü", "it's", "-c"]
    command = watch.program("mirror", "os.write(1, ascii(sys.argv[1:]).encode())")
    for given in ([*command, *words], tuple([*command, *words]), command):
        found = watch(lambda: ask(given), FULL)
        right = ascii(list(given[3:]))
        assert found == right, f"the arguments were {right}, the program saw {found!r}: without a shell, each as it is"


EUROS = "os.write(1, b'x' + b'\\xe2\\x82\\xac' * 100_000)"


def show(found):
    """Show what is wrong with it first, if it is a text."""
    text = str(found)
    return f"{text[:20]}…, with {text.count(chr(0xFFFD))} times U+FFFD" if len(text) > 200 else text


@pytest.mark.task(1)
def test_a_long_answer(watch):
    command = watch.program("long", f"os.write(2, b'e' * 300_000)\n{EUROS}\nos.write(2, b'e')")
    found = watch(lambda: ask(command), FULL)
    same = found == "x" + "€" * 100_000  # the difference of two long texts takes pytest half a minute
    assert same, f"a program says 300 kB to each output, ask gave {show(found)}"


@pytest.mark.task(1)
def test_there_is_nothing_to_read(watch, endless_input, tmp_path):
    command = watch.program("reads", "os.write(1, b'read %d' % len(sys.stdin.read()))")
    for what, call in (
        ("ask", lambda: ask(command)),
        ("overhear", lambda: overhear(command)[1]),
        ("record", lambda: (record(command, tmp_path / "file"), (tmp_path / "file").read_text())[1]),
    ):
        found = watch(call, f"{what}: {READS}")
        assert found == "read 0", f"{what}: a program reads to the end, and it came to {found!r} instead of 'read 0'"


@pytest.mark.task(1)
def test_nothing_is_left(watch, tmp_path):
    before = open_files()
    good, bad, file = watch.program("good", say(b"x")), watch.program("bad", say(b"x", code=1)), tmp_path / "file"
    for call in (ask, overhear, lambda command: record(command, file)):
        for command in (good, bad, ["/no/such/program"]):
            watch(lambda: call(command), FULL)
            left = watch.left()
            assert not left, f"the function came back, and the program {left}: wait for it"
    left = open_files() - before
    assert not left, f"nine programs have been run, and {len(left)} files or pipes are still open: close them"


@pytest.mark.task(2)
@pytest.mark.parametrize("code", [1, 3, 255, -signal.SIGKILL])
def test_a_refusal_is_told(watch, plain_locale, capfd, code):
    end = f"os._exit({code})" if code > 0 else f"os.kill(os.getpid(), {-code})"
    command = watch.program("no", f"os.write(1, b'half of it')\nos.write(2, b'never!\\n caf\\xe9 \\n')\n{end}")
    found = watch(lambda: ask(command), FULL)
    assert type(found) is Refused, f"a program ended with {code}, and ask gave {found!r}: look at the code"
    assert found.code == code, f"a program ended with {code}, Refused says {found.code!r}"
    assert found.command == command, f"Refused speaks of the command {found.command!r}, it was {command}"
    assert found.errors == "never!\n caf\ufffd \n", (
        f"a program said 'never!' and 'caf\\xe9' on standard error, Refused says {found.errors!r}"
    )
    seen = "".join(capfd.readouterr())
    assert not seen, f"a program has said {seen!r} to our own outputs: both belong to the herald"


@pytest.mark.task(2)
def test_who_is_not_at_home(watch, tmp_path):
    for what, call in (
        ("ask", lambda: ask(["/no/such/program"])),
        ("overhear", lambda: overhear(["/no/such/program"])),
        ("record", lambda: record(["/no/such/program"], tmp_path / "file")),
    ):
        found = watch(call, FULL)
        assert type(found) is FileNotFoundError, (
            f"there is no such program, and {what} gave {found!r}: let the OSError out"
        )


@pytest.mark.task(3)
def test_the_folder(watch, tmp_path):
    here = os.getcwd()
    command = watch.program("where", "os.write(1, os.getcwd().encode())")
    (tmp_path / "far away").mkdir()
    for folder in (str(tmp_path), tmp_path / "far away", None):
        right = os.path.realpath(folder or here)
        found = watch(lambda: ask(command, folder), FULL)
        assert found == right, f"ask(…, {folder!r}): the program was in {found!r} instead of {right!r}"
        assert os.getcwd() == here, f"ask went to {os.getcwd()} itself: only the program goes there"
    found = watch(lambda: ask(command, tmp_path / "nowhere"), FULL)
    assert isinstance(found, FileNotFoundError), f"there is no such folder, and ask gave {found!r}"
    assert os.getcwd() == here, f"ask went to {os.getcwd()} itself: only the program goes there"


@pytest.mark.task(3)
def test_names_for_the_journey(watch, monkeypatch):
    monkeypatch.setenv("HERALD", "old")
    monkeypatch.setenv("QUEEN", "Anne")
    names = "HERALD", "QUEEN", "HORSE", "PATH"
    before, extra = dict(os.environ), {"HERALD": "new", "HORSE": ""}
    source = f"import json\nos.write(1, json.dumps([os.environ.get(name) for name in {names}]).encode())"
    command = watch.program("names", source)
    for given in (extra, None, {}):
        right = [{**before, **(given or {})}.get(name) for name in names]
        found = watch(lambda: ask(command, extra=given), FULL)
        shown = json.loads(found) if isinstance(found, str) else found
        assert shown == right, f"ask(…, extra={given}): the program saw {shown} for {names} instead of {right}"
        same = dict(os.environ) == before
        assert same, "ask has changed our own environment"
    same = extra == {"HERALD": "new", "HORSE": ""}
    assert same, f"ask has changed the dictionary that it was given: it has {len(extra)} names now"


@pytest.mark.task(4)
def test_a_quarrel(watch, plain_locale, capfd):
    source = "for turn in b'abcd':\n os.write(1, b'%c: no!\\n' % turn)\n os.write(2, b' yes! caf\\xe9\\n')\nos._exit(4)"
    found = watch(lambda: overhear(watch.program("quarrel", source)), FULL)
    right = 4, "".join(f"{turn}: no!\n yes! caf\ufffd\n" for turn in "abcd")
    assert found == right, f"two voices in turn, code 4, and overhear gave {found!r} instead of {right!r}"
    seen = "".join(capfd.readouterr())
    assert not seen, f"a program has said {seen!r} to our own outputs: both belong to the herald"
    command = watch.program("long", f"{EUROS}\n{EUROS.replace('1', '2', 1)}\n{EUROS}")
    found = watch(lambda: overhear(command), FULL)
    right = 0, ("x" + "€" * 100_000) * 3
    same = found == right
    assert same, f"a program says an x and 100,000 euro signs, three times, overhear gave {show(found)}"


@pytest.mark.task(5)
@pytest.mark.parametrize("kind", [str, pathlib.Path])
def test_it_is_written_down(watch, tmp_path, capfd, kind):
    file = tmp_path / "record"
    source = "info = os.fstat(1)\nnote(f'{info.st_dev} {info.st_ino}')\n" + say(b"a\xff" * 99_999, b"scratch", 5)
    for before in (None, b"x" * 500_000):
        if before:
            file.write_bytes(before)
        found = watch(lambda: record(watch.program("scribe", source), kind(file)), FULL)
        assert found == 5, f"a program ended with 5, and record gave {found!r}: return the code"
        written = file.read_bytes() if file.exists() else b"(no file)"
        assert written == b"a\xff" * 99_999, (
            f"a program says 199998 bytes, the file has {len(written)}, {written[:5]}…: made or emptied, and as it is"
        )
        info = file.stat()
        assert watch.words()[-1] == f"{info.st_dev} {info.st_ino}", (
            "the file is written, and was not the program's standard output: hand it over, carry nothing yourself"
        )
        assert tuple(capfd.readouterr()) == ("", "scratch"), "what it says on standard error should appear on ours"
