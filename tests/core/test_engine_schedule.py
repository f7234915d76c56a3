"""A schedule survives its text form, and a text that is no schedule of ours is refused in one line."""

import base64
import re
import string
import zlib
from collections.abc import Iterable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_concurrency import ReplayError
from pytest_concurrency._core.schedule import (
    SHORT,
    VERSION,
    Follower,
    Mark,
    Schedule,
    Switch,
    Where,
    belongs,
    decode,
    mark,
    where_digest,
)

OWNER = "tests/test_bank.py::test_transfer"
AT_READ = Where("Account.withdraw", 3, "read balance")
AT_WRITE = Where("Account.withdraw", 4, "write balance")

marks = st.builds(
    Mark,
    task=st.integers(0, 500),
    digest=st.integers(0, 2**32 - 1),
    nth=st.integers(0, 100_000),
    to=st.integers(-1, 500),
)


@pytest.mark.slow
@given(st.text(), st.lists(marks, max_size=80))
@example("", [Mark(255, 0, 0, 0)])  # begins with the byte that marks a packed body
def test_encode_and_decode_are_inverse(owner: str, given_marks: list[Mark]) -> None:
    schedule = Schedule(owner, tuple(given_marks))
    token = schedule.encode()
    assert decode(token, owner) == schedule
    assert belongs(token, owner)
    assert set(token) <= set(string.ascii_letters + string.digits + "-_")


def test_a_token_is_the_same_everywhere() -> None:
    """The format is a promise to those who keep a token: it changes with its version only."""
    schedule = Schedule(OWNER, (mark(Switch(1, AT_READ, 2, 0)), mark(Switch(0, AT_WRITE, 1, -1))))
    assert schedule.encode() == "1-0f6db1b6-15be0099-AZ0FDi0CAQBF4ZFfAQA"
    assert Schedule(OWNER, ()).encode() == "1-0f6db1b6-00000000-"


def test_a_token_may_have_white_space_around_it() -> None:
    token = Schedule(OWNER, (Mark(1, 2, 3, 4),)).encode()
    assert decode(f"  {token}\n", OWNER) == Schedule(OWNER, (Mark(1, 2, 3, 4),))


def test_a_few_switches_fit_into_a_command() -> None:
    token = Schedule(OWNER, tuple(Mark(n, 2**32 - n - 1, 90, n) for n in range(9))).encode()
    assert len(token) <= SHORT


def test_many_equal_switches_are_packed() -> None:
    many = tuple(Mark(1, 77, n, 2) for n in range(1, 1001))
    token = Schedule(OWNER, many).encode()
    assert decode(token, OWNER).marks == many
    assert len(token) < 1000 * 7


def variants(token: str) -> Iterable[str]:
    yield token[:-1]
    yield token + "A"
    yield token.replace("-", "_", 1)
    yield token[: len(token) // 2]
    yield ""
    yield "latest"
    yield "1-2-3"
    yield f"{VERSION}-{'0' * 8}-{'0' * 8}-AAAA"


def test_a_damaged_token_is_refused_and_shown() -> None:
    token = Schedule(OWNER, (Mark(1, 5, 1, 2), Mark(2, 6, 1, 0))).encode()
    for damaged in variants(token):
        with pytest.raises(
            ReplayError, match=re.escape(f"replay must be a token that a failure printed, got {damaged!r}")
        ):
            decode(damaged, OWNER)


@pytest.mark.slow
@given(st.data())
def test_one_changed_character_never_passes(data: st.DataObject) -> None:
    token = Schedule(OWNER, (Mark(1, 5, 1, 2), Mark(300, 2**31, 128, 0))).encode()
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from(string.ascii_letters + string.digits + "_").filter(lambda c: c != token[at]))
    with pytest.raises(ReplayError):
        decode(token[:at] + other + token[at + 1 :], OWNER)


@given(st.binary(max_size=40))
def test_a_body_that_is_no_list_of_switches_is_refused(packed: bytes) -> None:
    """Whatever lies behind a right check sum: a schedule, or the one line."""
    body = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    empty = Schedule(OWNER, ()).encode().rsplit("-", 2)[0]
    token = f"{empty}-{zlib.crc32(body.encode()):08x}-{body}"
    try:
        decode(token, OWNER)
    except ReplayError as error:
        assert str(error) == f"replay must be a token that a failure printed, got {token!r}"  # noqa: PT017 - it may pass


def test_a_token_of_another_version_is_refused() -> None:
    token = "9" + Schedule(OWNER, ()).encode()[1:]
    with pytest.raises(ReplayError, match=r"^replay must be of version 1, got version '9'$"):
        decode(token, OWNER)


def test_a_token_of_another_test_is_refused() -> None:
    token = Schedule("tests/test_other.py::test_it", ()).encode()
    expected = f"replay must belong to {OWNER}, got one of another test: {token!r}"
    with pytest.raises(ReplayError, match=f"^{re.escape(expected)}$"):
        decode(token, OWNER)
    assert not belongs(token, OWNER)
    assert not belongs("nonsense", OWNER)


def test_a_replay_error_is_a_value_error() -> None:
    assert issubclass(ReplayError, ValueError)


def test_a_place_reads_as_function_line_and_operation() -> None:
    assert str(AT_READ) == "Account.withdraw:3 (read balance)"
    assert str(Where("", 0, "end")) == " (end)"


def test_a_digest_depends_on_every_part() -> None:
    others = [AT_READ, AT_WRITE, AT_READ._replace(line=4), AT_READ._replace(function="Account.deposit")]
    others.append(AT_READ._replace(operation="write balance"))
    assert len({where_digest(each) for each in others}) == len(others)
    assert where_digest(AT_READ) == where_digest(Where(*AT_READ))


def follow(follower: Follower, *points: tuple[int, Where]) -> list[int | None]:
    answers = []
    for task, where in points:
        follower.arrive(task, where)
        answers.append(follower.answer(task, where))
    return answers


def test_a_follower_switches_at_the_nth_arrival_of_that_task_there() -> None:
    follower = Follower((mark(Switch(1, AT_READ, 2, 0)),))
    points = [(1, AT_READ), (2, AT_READ), (1, AT_WRITE), (1, AT_READ), (1, AT_READ)]
    assert follow(follower, *points) == [None, None, None, 0, None]
    assert follower.left == ""


def test_a_follower_takes_switches_in_order_only() -> None:
    follower = Follower((mark(Switch(1, AT_READ, 2, 0)), mark(Switch(1, AT_WRITE, 1, 2))))
    assert follow(follower, (1, AT_WRITE), (1, AT_READ), (1, AT_READ)) == [None, None, 0]
    assert follower.left == "switch 2 of 2, in task 1, was never reached (after Account.withdraw:3 (read balance))"


def test_two_switches_at_one_point_follow_each_other() -> None:
    """Time passes, and then a task goes on: both are decided at the same arrival."""
    follower = Follower((mark(Switch(1, AT_READ, 1, -1)), mark(Switch(1, AT_READ, 1, 2))))
    follower.arrive(1, AT_READ)
    assert [follower.answer(1, AT_READ), follower.answer(1, AT_READ), follower.answer(1, AT_READ)] == [-1, 2, None]


def test_a_follower_says_where_a_run_left_its_record_at_once() -> None:
    follower = Follower((mark(Switch(3, AT_READ, 1, 0)),))
    assert follow(follower, (1, AT_READ)) == [None]
    assert follower.left == "switch 1 of 1, in task 3, was never reached (at once)"


def test_an_empty_schedule_has_nothing_to_leave() -> None:
    follower = Follower(())
    assert follow(follower, (1, AT_READ)) == [None]
    assert follower.left == ""
