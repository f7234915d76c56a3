"""The village exchange: the tests. The far side sits in another thread, and waits until so many call at once."""

import gevent
import pytest
from cooperative import PATCHED, a_while, seen, unpatched, until
from far_side import FarSide, together
from gevent import socket
from gevent.exceptions import LoopExit

with unpatched() as AT_IMPORT:
    from gevent_clients import ask_all


def loud(question):
    return question.upper() + b"\n"


def asked(site, questions, k, piece=1 << 20):
    """Ask; return the answers when nothing is left open, and nothing else is to be complained about."""
    with seen() as eyes, site.running() as address:
        eyes.piece = piece
        found = ask_all(address, questions, k)
        site.judge()
        eyes.judge()
        assert eyes.peak <= k, f"more than {k} connections were open at once: {eyes.peak}"
        assert not eyes.left(), f"ask_all has come back, and {len(eyes.left())} of its connections are still open"
        assert not hasattr(found, "get") and isinstance(found, list), f"ask_all returned {found!r}, and no list"
        strange = [each for each in found if each is not None and type(each) is not bytes]
        assert not strange, f"an answer is bytes or None, and one is {type(strange[0]).__name__}: {strange[0]!r:.80}"
        return found


@pytest.mark.task(1)
def test_answers_in_order():
    assert not AT_IMPORT, PATCHED.format(AT_IMPORT[0])
    site = FarSide(loud)
    questions = [b"who", b"", b"a b ", b"who", b"where\r"]
    found = asked(site, (each for each in questions), 2)
    right = [each.upper() for each in questions]
    assert found == right, f"a generator gave {questions}, and the answers are {found}"
    assert sorted(site.asked) == sorted(questions), f"asked was {sorted(site.asked)} instead of {sorted(questions)}"


@pytest.mark.task(1)
def test_equal_questions():
    answers = [b"1\n", b"2\n", b"3\n"]
    found = asked(FarSide(lambda question: answers.pop(0)), [b"who"] * 3, 2)
    assert sorted(map(str, found)) == ["b'1'", "b'2'", "b'3'"], (
        f"one question three times, each time another answer, and the answers are {found}"
    )


@pytest.mark.task(1)
def test_the_last_one_is_answered_first():
    def may_go(site, number):
        is_last = len(site.answered) == 2 - int(site.asked[number])
        return "" if is_last else f"only {len(site.asked)} of 3 came, and then nobody: ask at the same time"

    found = asked(FarSide(loud, may_go), [b"0", b"1", b"2"], 3)
    assert found == [b"0", b"1", b"2"], f"the last question was answered first, and the answers are {found}"


@pytest.mark.task(1)
@pytest.mark.parametrize("piece", [1, 3, 1 << 20])
def test_an_answer_comes_in_pieces(piece):
    site = FarSide(lambda question: "häuser ".encode() * 9 + question + b"\nand more")
    found = asked(site, [b"1", b"2"], 2, piece)
    right = ["häuser ".encode() * 9 + each for each in (b"1", b"2")]
    assert found == right, f"an answer is a line; it came in pieces of {piece} bytes, and the answers are {found}"


@pytest.mark.task(1)
def test_a_long_answer():
    site = FarSide(lambda question: question * 300_000 + b"\n")
    (found,) = asked(site, [b"abc"], 5)
    assert found == b"abc" * 300_000, f"a line of 900,000 bytes, and {len(found or b'')} of them were returned"


@pytest.mark.task(1)
def test_nothing_to_ask():
    site = FarSide(loud)
    found = asked(site, [], 3)
    assert (found, site.asked) == ([], []), f"no question, and the answers are {found}, asked was {site.asked}"


@pytest.mark.task(2)
@pytest.mark.parametrize(("k", "total"), [(3, 8), (1, 3), (2, 1), (110, 110)])
def test_k_at_once_and_no_more(k, total):
    questions = [b"%d" % number for number in range(total)]
    found = asked(FarSide(loud, together(k, total)), questions, k)
    assert found == questions, f"{total} questions, {k} at once, and the answers are {found}"


@pytest.mark.task(2)
def test_a_slow_one_keeps_one_line():
    def may_go(site, number):
        is_slow = site.asked[number] == b"slow" and len(site.answered) < 4
        return "one is slow, and the others are not asked over the line that is left: who is done makes room" * is_slow

    found = asked(FarSide(loud, may_go), [b"slow", b"1", b"2", b"3", b"4"], 2)
    assert found == [b"SLOW", b"1", b"2", b"3", b"4"], f"the first one is slow, and the answers are {found}"


@pytest.mark.task(2)
def test_two_who_ask():
    both = together(2, 4)
    why = "two callers have a line each, and only one of them is used: each call has its own k"
    site = FarSide(loud, lambda site, number: both(site, number) and why)
    with seen(), site.running() as address:
        callers = [gevent.spawn(ask_all, address, [name, name + b"!"], 1) for name in (b"a", b"b")]
        gevent.joinall(callers)
        for caller in callers:
            if isinstance(caller.exception, NotImplementedError):
                raise caller.exception
        site.judge()
        found = [caller.exception or caller.value for caller in callers]
        assert found == [[b"A", b"A!"], [b"B", b"B!"]], f"two ask at the same time, and their answers are {found}"


@pytest.mark.task(2)
@pytest.mark.parametrize("questions", [[b"a"], []], ids=["one", "none"])
@pytest.mark.parametrize("k", [0, -1])
def test_no_line_at_all(k, questions):
    site = FarSide(loud)
    with seen(), site.running() as address:
        try:
            found = ask_all(address, questions, k)
        except (ValueError, LoopExit) as error:
            found = type(error).__name__
        assert found == "ValueError", (
            f"{len(questions)} questions, k is {k}, and ask_all returned {found!r} instead of a ValueError"
        )
        assert not site.asked, f"k is {k}, and {site.asked} was asked"


@pytest.mark.task(3)
@pytest.mark.parametrize("bad", [(b"", "end"), (b"hal", "end"), (b"", "reset")], ids=["end", "half", "reset"])
def test_who_hangs_up(bad):
    site = FarSide(lambda question: bad if question == b"bad" else loud(question))
    found = asked(site, [b"a", b"bad", b"bad", b"b"], 2)
    assert found == [b"A", None, None, b"B"], f"two questions were answered by {bad}, and the answers are {found}"


@pytest.mark.task(3)
def test_an_empty_answer_is_one():
    found = asked(FarSide(lambda question: (b"\n", "end")), [b"a"], 1)
    assert found == [b""], f"the answer is an empty line, and the answers are {found}"


@pytest.mark.task(3)
def test_nobody_is_there():
    with seen() as eyes, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen: whoever comes is refused
        found = ask_all(taken.getsockname(), [b"a", b"b"], 1)
        left = len(eyes.left()) - 1
        assert found == [None, None], f"nobody listens, and the answers are {found}"
        assert not left, f"nobody listens, and {left} of the sockets are still open"


@pytest.mark.task(4)
@pytest.mark.parametrize("kind", [gevent.GreenletExit, gevent.Timeout])
def test_breaking_off(kind):
    how = "is killed" if kind is gevent.GreenletExit else "is out of time"

    def may_go(site, number):
        return None if len(site.waiting) == 2 else f"only {len(site.waiting)} of 2 came, and then nobody"

    site, left = FarSide(loud, may_go), []

    def calls(eyes, address):
        try:
            return ask_all(address, [b"a", b"b", b"c", b"d"], 2)
        finally:
            left.extend(eyes.left())

    with seen() as eyes, site.running() as address:
        caller = gevent.spawn(calls, eyes, address)
        while len(site.waiting) < 2 and not site.complaints and not caller.dead:
            gevent.sleep(0.001)
        if isinstance(caller.exception, NotImplementedError):
            raise caller.exception
        caller.kill(kind, block=False)
        ended = until(lambda: caller.dead)
        site.judge()
        assert ended, f"the caller {how}, and ask_all goes on"
        assert not left, f"the caller {how}, and {len(left)} of the connections are still open"
        came = caller.exception or caller.value
        assert isinstance(came, kind), f"the caller {how}, and ask_all gave {came!r}: let {kind.__name__} out"
        a_while()
        assert len(eyes.sockets) == 2, (
            f"the caller {how}, and later {len(eyes.sockets) - 2} more connections were opened"
        )
