"""The player piano: the tests. The programs are real, and say what they have seen."""

import subprocess
import tempfile

import pytest
from run_stdin import play_file, play_sheet, play_text, pour
from watched_children import open_files

ROLL = "import sys  # ü\nprint('tune', sys.argv, ascii('ü☃'))\n"
READS = "the program waits for something to read that never comes: give it its input and then an end, and not ours"
FULL = "both wait at a full pipe: write to the program and read from it at the same time"


def tune(*words):
    return f"tune {['-', *words]} {ascii('ü☃')}\n"


def played(function, found, right, what):
    same = found == right  # the difference of two long texts takes pytest half a minute
    assert same, f"{function}: {what} should play {right!r:.99}, and it came to {found!r:.99}"


@pytest.mark.task(1)
def test_a_roll_from_the_box(watch, endless_input, plain_locale, capfd, tmp_path):
    file = tmp_path / "roll"
    file.write_bytes(ROLL.encode())
    for path, words in ((str(file), ()), (file, ("loud", "", "two words", "-c"))):
        found = watch(lambda: play_file(path, *words), READS)
        now = file.read_bytes()
        assert now == ROLL.encode(), f"the roll has been played, and {now[:20]!r} stands in it: open it to read"
        played("play_file", found, tune(*words), "a roll")
    empty = tmp_path / "empty"
    empty.touch()
    played("play_file", watch(lambda: play_file(str(empty)), READS), "", "an empty roll")
    seen = "".join(capfd.readouterr())
    assert not seen, f"a program has said {seen!r} to our own outputs"


@pytest.mark.task(1)
def test_a_roll_that_is_not_there(watch, tmp_path):
    file = tmp_path / "none"
    found = watch(lambda: play_file(str(file)), READS)
    assert not file.exists(), "there was no such roll, now there is: open it to read"
    assert isinstance(found, FileNotFoundError), f"there is no such roll, and play_file gave {found!r}"


BROKEN = "import sys\nprint('half')\nprint('torn', file=sys.stderr)\nsys.exit(3)\n"


@pytest.mark.task(1)
def test_a_roll_that_is_torn(watch, endless_input, capfd, tmp_path):
    file = tmp_path / "roll"
    file.write_text(BROKEN)
    for what, call in {
        "play_file": lambda: play_file(str(file)),
        "play_sheet": lambda: with_sheet(file),
        "play_text": lambda: play_text(BROKEN),
        "pour": lambda: pour(watch.program("torn", BROKEN), b"water"),
    }.items():
        found = watch(call, READS)
        assert isinstance(found, subprocess.CalledProcessError), f"a program ended with 3, and {what} gave {found!r}"
        told = found.returncode, found.stdout, found.stderr
        right = (3, b"half\n", b"torn\n") if what == "pour" else (3, "half\n", "torn\n")
        assert told == right, f"a program ended with 3, {what} says {told!r} instead of {right!r}"
        seen = "".join(capfd.readouterr())
        assert not seen, f"a program has said {seen!r} to our own outputs"


def with_sheet(file):
    with open(file, "rb") as sheet:
        sheet.read(1)
        try:
            return play_sheet(sheet)
        finally:
            assert not sheet.closed and sheet.tell() == len(BROKEN), "after an error the sheet should be at its end"


@pytest.mark.task(2)
@pytest.mark.parametrize("mode", ["w+", "wb+", "a+", "x+"])
def test_what_is_just_written(watch, endless_input, plain_locale, tmp_path, mode):
    binary = "b" in mode
    with open(tmp_path / "sheet", mode, **({} if binary else {"encoding": "utf-8"})) as sheet:
        text = ""
        for more in ("", ROLL, ROLL * 2, f"#{'x' * 99_999}\n"):
            sheet.write(more.encode() if binary else more)
            text += more
            found = watch(lambda: play_sheet(sheet, "soft"), READS)
            assert not sheet.closed, "the sheet is closed: whoever has opened it is still writing"
            what = f"a sheet with {len(text.encode())} bytes, the last {len(more.encode())} just written,"
            played("play_sheet", found, tune("soft") * text.count("print"), what)
            assert sheet.tell() == len(text.encode()), (
                f"{what} has been played, and its position is {sheet.tell()} instead of its end"
            )
    stands = (tmp_path / "sheet").read_bytes()
    assert stands == text.encode(), f"the sheet should hold {len(text.encode())} bytes now, it holds {len(stands)}"


@pytest.mark.task(2)
def test_a_sheet_without_a_name(watch, endless_input, tmp_path):
    with open(tmp_path / "sheet", "w+", encoding="utf-8") as sheet:
        (tmp_path / "sheet").unlink()
        sheet.write(ROLL)
        played("play_sheet", watch(lambda: play_sheet(sheet), READS), tune(), "a sheet whose name is gone")


@pytest.mark.task(2)
@pytest.mark.parametrize("mode", ["r", "rb", "r+"])
@pytest.mark.parametrize("read", [0, 1, -1])
def test_a_sheet_that_is_read(watch, endless_input, tmp_path, mode, read):
    (tmp_path / "sheet").write_bytes(ROLL.encode())
    with open(tmp_path / "sheet", mode, **({} if "b" in mode else {"encoding": "utf-8"})) as sheet:
        sheet.read(read)
        for _ in range(2):
            found = watch(lambda: play_sheet(sheet), READS)
            played("play_sheet", found, tune(), f"a sheet of which {'all' if read < 0 else read} was read before")
            assert sheet.tell() == len(ROLL.encode()), f"its position is {sheet.tell()} afterwards, not its end"


@pytest.mark.task(3)
def test_what_is_hummed(watch, endless_input, plain_locale, capfd):
    wide = "import sys\nsys.stdout.buffer.write('ü☃ \\n\\n'.encode())"
    played("play_text", watch(lambda: play_text(wide), READS), "ü☃ \n\n", "a text that speaks UTF-8")
    played("play_text", watch(lambda: play_text(ROLL, "a", ""), READS), tune("a", ""), "a text")
    played("play_text", watch(lambda: play_text(""), READS), "", "an empty text")
    talk = "import sys\nfor stream in sys.stderr, sys.stdout, sys.stderr:\n    stream.write('x' * 300_000)\n"
    played("play_text", watch(lambda: play_text(talk), FULL), "x" * 300_000, "a text that talks much")
    long = ROLL + f"#{'x' * 300_000}\n"
    played("play_text", watch(lambda: play_text(long), FULL), tune(), "a text of 300 kB")
    seen = "".join(capfd.readouterr())
    assert not seen, f"a program has said {seen!r} to our own outputs"


CAT = "while piece := os.read(0, 50_000):\n    os.write(1, piece)\n"


@pytest.mark.task(4)
def test_pour(watch, endless_input, capfd):
    cat = [*watch.program("cat", CAT + "os.write(1, b'.')"), "; echo gotcha"]
    for given in (b"tea\n\n", b"", b"\xff\r\n\x00", b"x" * 500_000):
        found = watch(lambda: pour(cat, given), FULL if given else READS)
        same = found == given + b"."
        assert same, f"cat got {len(given)} bytes, says them and a dot; it came to {found!r:.60}"
    talks = watch.program("talks", "os.write(1, b'o' * 300_000)\nos.write(2, b'e' * 300_000)\n" + CAT)
    found = watch(lambda: pour(talks, b"x" * 300_000), FULL)
    same = found == b"o" * 300_000 + b"x" * 300_000
    assert same, f"a program talks, then reads; it came to {found!r:.60}"
    seen = "".join(capfd.readouterr())
    assert not seen, f"a program has said {seen[:9]!r} to our own outputs"


@pytest.mark.task(4)
def test_who_is_not_thirsty(watch):
    command = watch.program("full", "os.close(0)\nos.write(1, b'no, thanks')")
    for given in (b"x" * 1_000_000, b"x"):
        found = watch(lambda: pour(command, given), FULL)
        assert found == b"no, thanks", f"a program reads nothing of {len(given)} bytes, and pour gave {found!r}"


@pytest.mark.task(4)
def test_nothing_is_left(watch, tmp_path, monkeypatch):
    file, temporary = tmp_path / "roll", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    before = open_files()
    good, bad = watch.program("good", CAT), watch.program("bad", CAT + "os._exit(2)")
    for what, call in {
        "pour": lambda: pour(good, b"x"),
        "pour, code 2": lambda: pour(bad, b"x"),
        "pour, no such program": lambda: pour(["/no/such/program"], b"x"),
        "play_file": lambda: play_file(str(file)),
        "play_text": lambda: play_text(file.read_text()),
        "play_text, code 3": lambda: play_text(BROKEN),
    }.items():
        file.write_text(watch.prelude)
        watch(call, READS)
        left = watch.left()
        assert not left, f"{what} came back, and the program {left}: wait for it"
        rest = [each.name for each in temporary.iterdir()]
        assert not rest, f"{what} came back, and there is still a temporary file: {rest}"
    left = open_files() - before
    assert not left, f"six programs have been run, and {len(left)} files or pipes are still open: close them"
