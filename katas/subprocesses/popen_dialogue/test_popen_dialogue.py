"""The reckoner: the tests. The reckoners are real programs, which note what they have got."""

import itertools
import sys

import pytest
from popen_dialogue import Reckoner
from watched_children import open_files

BEGIN = "sys.stdin.reconfigure(encoding='utf-8')\nsys.stdout.reconfigure(encoding='utf-8')\n"
LOOP = BEGIN + "for line in sys.stdin:\n    note('got')\n    "
REPEAT = LOOP + "print(f'<{line[:-1]}>')\n"
DEAF = BEGIN + "line = sys.stdin.readline()\nos.close(0)\nprint('first')\n"


class Room:
    """Starts reckoners, and ends them after the test."""

    def __init__(self, watch):
        self.watch, self.stands = watch, "the reckoner does not end: close its input, read what it says, and wait"

    def start(self, source, name="reckoner"):
        found = self.watch(lambda: Reckoner(self.watch.program(name, source)[-1]), "a reckoner is started, and no more")
        assert isinstance(found, Reckoner), f"a reckoner should have been started, and it came to {found!r}"
        return found

    def ask(self, reckoner, question, right, what="", stands=""):
        """Ask, and hold the answer against the right one; an exception is an answer, too."""
        before = len(self.watch.words())
        found = self.watch(lambda: reckoner.ask(question), stands or (lambda: self.why(before)))
        shown = type(found) if isinstance(right, type) else found
        same = shown == right  # the difference of two long ones takes pytest half a minute
        assert same, f"{what}ask({question!r:.60}) gave {found!r:.90} instead of {right!r:.60}"

    def why(self, before):
        if len(self.watch.words()) > before:
            return "the reckoner got the question and has answered, and the answer lies in its own buffer"
        return "the reckoner never got the question: it lies in your buffer"

    def close(self, reckoner, code, what):
        found = self.watch(reckoner.close, f"{what}: {self.stands}")
        assert found == code, f"{what}: close gave {found!r} instead of {code}"
        assert not self.watch.left(), f"{what}: it is closed, and the program {self.watch.left()}"


@pytest.fixture
def room(watch, monkeypatch):
    """Give a room in which nothing says that programs should not buffer."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    return Room(watch)


@pytest.mark.task(1)
def test_ask_and_be_answered(room, plain_locale):
    reckoner = room.start(REPEAT)
    for question in ("2 + 3", "", "  two  words\t", "ü☃", "a\u2028b\x0cc\x1cd\x85e", "x" * 300_000, "2 + 3"):
        room.ask(reckoner, question, f"<{question}>")
    room.close(reckoner, 0, "seven questions were asked")


@pytest.mark.task(1)
def test_an_answer_is_a_line(room):
    reckoner = room.start(LOOP + "print(line.replace('-', ''), end='')\n")
    for question in ("-", " -", "- ", "0", "-None"):
        room.ask(reckoner, question, question.replace("-", ""))
    room.close(reckoner, 0, "five questions were asked")


@pytest.mark.task(1)
def test_what_is_no_question(room):
    reckoner = room.start(REPEAT)
    for question in ("1\n2", "1\n", "\n"):
        room.ask(reckoner, question, ValueError, "a question is one line: ")
    room.ask(reckoner, "3", "<3>", "after questions that were none: ")
    room.close(reckoner, 0, "one question was asked")


@pytest.mark.task(1)
def test_who_mutters(room, capfd):
    reckoner = room.start(LOOP + "os.write(2, b'hm\\n' * 100_000)\n    print('done')\n")
    stands = "the reckoner says 300 kB on standard error, into a pipe that nobody reads"
    for _ in range(2):
        room.ask(reckoner, "1", "done", "the reckoner says much on standard error: ", stands)
    room.close(reckoner, 0, "two questions were asked")
    seen = "".join(capfd.readouterr())
    assert not seen, f"what it says on standard error should be thrown away, and {seen[:10]!r}… was seen on ours"


@pytest.mark.task(1)
def test_two_reckoners(room):
    first, second = room.start(REPEAT, "first"), room.start(REPEAT.replace("<", "second <"), "second")
    for question in ("a", "b"):
        room.ask(second, question, f"second <{question}>", "of two reckoners the second: ")
        room.ask(first, question, f"<{question}>", "of two reckoners the first: ")
    found = room.watch(first.close, f"the first of two: {room.stands}")
    assert found == 0, f"the first of two reckoners was closed, and close gave {found!r}"
    room.ask(second, "c", "second <c>", "the other reckoner is closed: ")
    room.close(second, 0, "both were closed")


@pytest.mark.task(2)
def test_many_questions(room):
    reckoner = room.start(LOOP + "print(line[:-1] * 2)\n")
    stands = "you write questions, the reckoner writes answers, both pipes are full, and nobody reads"
    questions = [f"{number:04}" * 300 for number in range(300)]
    for given, kind in ((list(questions), "a list"), (iter(questions[:3]), "an iterator"), ([], "an empty list")):
        right = [question * 2 for question in questions[: {"a list": 300, "an iterator": 3}.get(kind, 0)]]
        found = room.watch(lambda: reckoner.ask_all(given), stands)
        assert isinstance(found, list), f"ask_all of {kind} gave {found!r:.90} instead of a list"
        same = found == right
        assert same, f"ask_all of {kind}: {len(right)} answers should come, in order; {found!r:.90} came"
        assert kind != "a list" or given == questions, "ask_all has changed the list that it was given"
    room.ask(reckoner, "7", "77", "after ask_all: ")
    room.close(reckoner, 0, "many questions were asked")


@pytest.mark.task(1)
def test_whose_interpreter(room):
    reckoner = room.start(LOOP + "print(sys.executable)\n")
    room.ask(reckoner, "who runs you?", sys.executable, "it should be run by the interpreter that runs you: ")
    room.close(reckoner, 0, "it was asked who runs it")


class Slips:
    """An iterable that counts as false, and may break off."""

    def __init__(self, *questions):
        self.questions = questions

    def __bool__(self):
        return False

    def __iter__(self):
        for question in self.questions:
            if isinstance(question, BaseException):
                raise question
            yield question


@pytest.mark.task(2)
def test_any_iterable(room):
    reckoner = room.start(REPEAT)
    stands = "ask_all of two questions does not come back"
    found = room.watch(lambda: reckoner.ask_all(Slips("1", "2")), stands)
    assert found == ["<1>", "<2>"], f"ask_all of an iterable that counts as false, with '1' and '2', gave {found!r}"
    for error in ValueError("torn"), EOFError("torn"), BrokenPipeError("torn"), KeyboardInterrupt("torn"):
        found = room.watch(lambda: reckoner.ask_all(Slips("1", error)), stands)
        assert found is error, f"asking for the second question raised {error!r}, and ask_all gave {found!r}"
    room.close(reckoner, 0, "questions broke off")


@pytest.mark.task(3)
@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("sys.exit(4)", 4),
        ("os._exit(4)", 4),
        ("os.write(1, b'42')\nos._exit(4)", 4),
        ("os.kill(os.getpid(), signal.SIGKILL)", -9),
    ],
    ids=["exit", "crash", "half an answer", "killed"],
)
def test_who_goes(room, end, code):
    reckoner = room.start(BEGIN + f"print(sys.stdin.readline(), end='')\nsys.stdin.readline()\n{end}\n")
    room.ask(reckoner, "1", "1")
    for _ in range(3):
        room.ask(reckoner, "2", EOFError, "the reckoner has gone: ")
    room.close(reckoner, code, "it had ended")


@pytest.mark.task(3)
def test_who_does_not_listen(room):
    reckoner = room.start(DEAF + "os._exit(9)")
    room.ask(reckoner, "1", "first")
    for question in ("2", "x" * 300_000, "3"):
        room.ask(reckoner, question, EOFError, "the reckoner has closed its input: ")
    room.close(reckoner, 9, "it did not listen any more")
    room.ask(reckoner, "4", ValueError, "it is closed: ")


@pytest.mark.task(3)
def test_who_goes_in_the_midst_of_many(room):
    reckoner = room.start(BEGIN + "print(sys.stdin.readline(), end='')\nos._exit(1)")
    found = room.watch(lambda: reckoner.ask_all(["1", "2", "3"]), "the reckoner has gone, and ask_all still waits")
    assert isinstance(found, EOFError), f"the reckoner answers one of three questions, and ask_all gave {found!r}"
    room.close(reckoner, 1, "it had ended")


@pytest.mark.task(4)
def test_who_says_goodbye_at_length(room):
    reckoner = room.start(REPEAT + "for _ in range(40):\n    os.write(1, b'goodbye ' * 1000)\nos._exit(5)\n")
    room.ask(reckoner, "1", "<1>")
    room.close(reckoner, 5, "it says 320 kB when its input ends")
    room.close(reckoner, 5, "the second time")
    room.ask(reckoner, "2", ValueError, "it is closed: ")


@pytest.mark.task(4)
def test_with(room):
    kept = []

    def talk(error, code):
        with Reckoner(room.watch.program("reckoner", f"{REPEAT}sys.exit({code})\n")[-1]) as reckoner:
            kept.append(reckoner)
            assert isinstance(reckoner, Reckoner), f"`with Reckoner(…) as reckoner` gave {reckoner!r}"
            assert reckoner.ask("1") == "<1>", "inside `with` the reckoner should answer"
            if error:
                raise error

    for kind, code in itertools.product((None, KeyboardInterrupt, ValueError, EOFError, SystemExit), (0, 5)):
        error = kind and kind("from inside")
        found = room.watch(lambda: talk(error, code), f"at the end of `with`: {room.stands}")
        if isinstance(found, AssertionError):
            raise found
        assert type(found) is (kind or type(None)), (
            f"inside `with` {kind} was raised, the exit code is {code}, and out came {found!r}"
        )
        assert found is error, f"inside `with` {error!r} was raised, and out came another one like it"
        assert not room.watch.left(), f"`with` was left by {kind}, and the program {room.watch.left()}: close it"
        room.ask(kept[-1], "2", ValueError, "after `with` it is closed: ")


@pytest.mark.task(4)
def test_no_pipe_is_left(room):
    before = open_files()
    for source, what in ((REPEAT, "closed at once"), (DEAF, "had ended"), ("os._exit(1)", "never asked anything")):
        reckoner = room.start(source)
        if source == DEAF:
            room.watch(lambda: [reckoner.ask("1"), reckoner.ask("2")], room.stands)
        room.close(reckoner, source == "os._exit(1)", what)
        left = open_files() - before
        assert not left, f"a reckoner ({what}) is closed, and {len(left)} descriptors are still open: close its pipes"
