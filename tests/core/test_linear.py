"""Linearizability: what is read of a program, when answers are the same, and which order explains a history."""

import itertools
import random
from collections import deque
from typing import Any

import pytest

from pytest_concurrency import op
from pytest_concurrency._core.linear import words
from pytest_concurrency._core.linear.answers import ITSELF, Answer, as_it_is, brief, raised, returned, told_apart
from pytest_concurrency._core.linear.misuse import ProgramError
from pytest_concurrency._core.linear.order import Call, Explained, Order, explain
from pytest_concurrency._core.linear.program import Op, method_of, program

# -- programs


def test_a_flat_list_is_dealt_out_like_cards() -> None:
    found = program([("put", 1), ("put", 2), ("get",), ("get",), ("get",)], threads=2)
    assert [str(each) for each in found.ops] == ["put(1)", "get()", "get()", "put(2)", "get()"]
    assert found.threads == ((0, 1, 2), (3, 4))


def test_without_threads_each_call_has_its_own() -> None:
    assert program([("put", 1), ("get",)]).threads == ((0,), (1,))
    assert program([("put", 1), ("get",)], threads=7).threads == ((0,), (1,))


def test_a_list_for_each_thread() -> None:
    found = program([[("put", 1), ("get",)], [], [("get",)]], setup=[("put", 5)], after=[("get",)])
    assert found.threads == ((0, 1), (2,))
    assert found.after == (3,)
    assert found.setup == (Op("put", (5,)),)


def test_a_call_with_arguments_by_name() -> None:
    assert str(op("get", 1, block=False)) == "get(1, block=False)"
    assert repr(op("get", 1, block=False)) == "op('get', 1, block=False)"
    assert (repr(op("get")), repr(op("put", 1))) == ("('get',)", "('put', 1)")


EXAMPLE = "like ('put', 1)"


@pytest.mark.parametrize(
    ("given", "settings", "text"),
    [
        ("put", {}, f"operations must be a list of calls, {EXAMPLE}, got 'put'"),
        (5, {}, f"operations must be a list of calls, {EXAMPLE}, got 5"),
        ([], {}, f"operations must name at least one call, {EXAMPLE}, got []"),
        ([[], []], {}, f"operations must name at least one call, {EXAMPLE}, got [[], []]"),
        (("put", 1), {}, f"operations must be a list of calls, {EXAMPLE}, got the one call ('put', 1)"),
        (["put"], {}, f"operations must be calls, each a tuple {EXAMPLE} or op('put', 1), got 'put'"),
        ([()], {}, f"operations must be calls, each a tuple {EXAMPLE} or op('put', 1), got ()"),
        ([(5, 1)], {}, f"a call must begin with the name of a method, {EXAMPLE}, got (5, 1)"),
        ([("a b",)], {}, f"a call must begin with the name of a method, {EXAMPLE}, got ('a b',)"),
        ([[("a",)], ("b",)], {}, "operations must be calls, or a list of calls for each thread, got both: ('b',)"),
        ([("a",)], {"threads": 0}, "threads must be a whole number >= 1, got 0"),
        ([("a",)], {"threads": -2}, "threads must be a whole number >= 1, got -2"),
        ([("a",)], {"threads": True}, "threads must be a whole number >= 1, got True"),
        ([[("a",)]], {"threads": 3}, "threads must be left out where each has a list of its own, got 3 and 1"),
        ([("a",)], {"setup": "put"}, f"setup must be a list of calls, {EXAMPLE}, got 'put'"),
        ([("a",)], {"after": [1]}, f"after must be calls, each a tuple {EXAMPLE} or op('put', 1), got 1"),
    ],
)
def test_what_is_no_program_is_refused_in_one_line(given: Any, settings: Any, text: str) -> None:
    with pytest.raises(ProgramError) as caught:
        program(given, **settings)
    assert str(caught.value) == text


def test_a_method_that_is_not_there_is_named_with_what_is() -> None:
    with pytest.raises(ProgramError, match=r"methods of deque, got 'apend': did you mean 'append'\?"):
        method_of(deque(), "deque", "apend")
    with pytest.raises(ProgramError, match="methods of int, got 'xyzzy': it has as_integer_ratio, bit_count"):
        method_of(1, "int", "xyzzy")
    with pytest.raises(ProgramError, match="methods of int, got 'real'"):
        method_of(1, "int", "real")


# -- answers


def test_equal_answers() -> None:
    assert returned([1]).is_like(returned([1]))
    assert not returned(1).is_like(returned(2))
    assert not returned(()).is_like(raised(ValueError()))
    assert raised(ValueError("a")).is_like(raised(ValueError("a")))
    assert not raised(ValueError("a")).is_like(raised(ValueError("b")))
    assert not raised(ValueError("a")).is_like(raised(TypeError("a")))
    assert Answer(ITSELF).is_like(Answer(ITSELF))
    nan = float("nan")
    assert returned(nan).is_like(returned(nan))


def test_answers_that_cannot_be_compared_are_refused() -> None:
    class Array:
        def __eq__(self, other: object) -> Any:
            raise TypeError

        __hash__ = object.__hash__

        def __repr__(self) -> str:
            return "Array"

    with pytest.raises(ProgramError, match=r"results must be comparable by ==, got Array and Array, .* TypeError"):
        returned(Array()).is_like(returned(Array()))


def test_containers_are_kept_as_they_were() -> None:
    inner = [1]
    value = {"a": inner, "b": ({2}, deque([3], maxlen=4), bytearray(b"4"))}
    kept = as_it_is(value)
    inner.append(5)
    value["b"][0].add(6)  # type: ignore[union-attr] # a set
    value["b"][1].append(7)  # type: ignore[union-attr] # a deque
    assert kept == {"a": [1], "b": ({2}, deque([3]), bytearray(b"4"))}
    assert kept["b"][1].maxlen == 4
    thing = object()
    assert as_it_is([thing])[0] is thing


def test_a_container_that_holds_itself_is_kept() -> None:
    ring: list[Any] = []
    ring.append(ring)
    kept = as_it_is(ring)
    assert kept is not ring
    assert kept[0] is kept


def test_texts_are_short_and_without_addresses() -> None:
    assert brief(object()) == "<object>"
    assert len(brief("x" * 99)) == 40

    class Shy:
        def __repr__(self) -> str:
            raise LookupError

    assert brief(Shy()) == "<Shy, whose repr raised LookupError>"


# -- orders


class Queue:
    """A bounded queue, one after the other; None where a call would wait."""

    def __init__(self) -> None:
        self.items: list[int] = []

    def do(self, what: tuple[Any, ...]) -> Answer | None:
        match what:
            case ("put", item):
                if len(self.items) == 2:
                    return None
                self.items.append(item)
                return Answer(None)
            case ("get",):
                return Answer(self.items.pop(0)) if self.items else None
            case _:
                return Answer(len(self.items))


def answers_of(whats: list[tuple[Any, ...]]) -> Any:
    def answer(order: Order) -> Answer | None:
        queue, last = Queue(), None
        for number in order:
            last = queue.do(whats[number])
        return last

    return answer


def history_of(rng: random.Random) -> tuple[list[tuple[Any, ...]], list[Call]]:
    """Make a history: calls that overlap, with answers that some order gives, or nearly."""
    whats = [rng.choice([("put", 1), ("put", 2), ("get",), ("size",)]) for _ in range(rng.randint(1, 5))]
    events = [number for number in range(len(whats)) for _ in range(2)]
    rng.shuffle(events)
    at = [[time for time, number in enumerate(events) if number == each] for each in range(len(whats))]
    order = sorted(range(len(whats)), key=lambda each: rng.uniform(*at[each]))
    queue, calls = Queue(), []
    for number in order:
        began, ended = at[number]
        answer = queue.do(whats[number])
        if answer is not None and rng.random() < 0.2:
            answer = Answer(rng.choice([None, 0, 1, 2]))
        call = Call(number, "A", str(whats[number]), began, None if answer is None else ended, answer)
        calls.append(call)
    return whats, calls


def fits_somehow(whats: list[tuple[Any, ...]], history: list[Call]) -> bool:
    """Try every order of the calls that have ended."""
    ended = [call for call in history if call.ended is not None]
    for order in itertools.permutations(ended):
        late = any(
            second.ended < first.began for first, second in itertools.combinations(order, 2) if second.ended is not None
        )
        queue = Queue()
        if late or any(queue.do(whats[call.number]) != call.answer for call in order):
            continue
        items = queue.items
        if all(_after(items, whats[call.number]) is None for call in history if call.ended is None):
            return True
    return False


def _after(items: list[int], what: tuple[Any, ...]) -> Answer | None:
    queue = Queue()
    queue.items = list(items)
    return queue.do(what)


def test_an_order_is_found_where_brute_force_finds_one() -> None:
    rng, told = random.Random(1993), {True: 0, False: 0}
    for _ in range(600):
        whats, history = history_of(rng)
        found = explain(history, answers_of(whats))
        assert (found.order is not None) is fits_somehow(whats, history), history
        told[found.order is not None] += 1
        if found.order is None:
            assert found.misfits
            assert found.count >= len(found.misfits)
    assert min(told.values()) > 100, told


def test_an_order_that_is_found_keeps_to_the_time() -> None:
    rng = random.Random(2017)
    for _ in range(300):
        whats, history = history_of(rng)
        order = explain(history, answers_of(whats)).order or ()
        for first, second in itertools.combinations(order, 2):
            assert second.ended is None or second.ended > first.began


def told(calls: list[Call], whats: list[tuple[Any, ...]]) -> tuple[str, ...]:
    found: Explained = explain(calls, answers_of(whats))
    assert found.order is None
    return (words.headline(calls), *words.evidence(calls, found))


def test_a_history_is_told_as_lanes_with_the_best_orders() -> None:
    whats: list[tuple[Any, ...]] = [("put", 1), ("put", 2), ("get",)]
    calls = [
        Call(0, "A", "put(1)", 0, 1, Answer(None)),
        Call(1, "B", "put(2)", 2, 4, Answer(None)),
        Call(2, "C", "get()", 3, 5, Answer(2)),
    ]
    assert told(calls, whats) == (
        "not linearizable: no order of the 3 calls, one after the other, gives what was answered",
        "who called what, from left to right:",
        "  A |-|          put(1) returns None",
        "  B     |---|    put(2) returns None",
        "  C       |---|  get() returns 2",
        "no order fits:",
        "  after A put(1), B put(2): C get() returns 1; here it returns 2",
        "  after A put(1): C get() returns 1; here it returns 2",
    )


def test_calls_that_wait_are_told_likewise() -> None:
    calls = [Call(0, "A", "put(1)", 0, 1, Answer(None)), Call(1, "B", "get()", 2)]
    assert told(calls, [("put", 1), ("get",)])[2:] == (
        "  A |-|    put(1) returns None",
        "  B     |--  get() waits for ever",
        "no order fits:",
        "  after A put(1): B get() returns 1; here it waits for ever",
    )
    alone = [Call(0, "A", "get()", 0, 1, Answer(1))]
    assert told(alone, [("get",)])[-1] == "  first A get() waits for ever; here it returns 1"


def test_many_orders_are_counted_and_long_lines_cut() -> None:
    whats: list[tuple[Any, ...]] = [("size",)] * 5
    calls = [Call(at, "A", "size()" * 9, at, at + 5, Answer("x" * 40)) for at in range(5)]
    lines = told(calls, whats)
    assert lines[-1] == "  ... and 2 more"
    assert max(map(len, lines[1:])) <= 78


class Odd:
    """Equal to nothing, and written like any other."""

    def __repr__(self) -> str:
        return "odd"


LONG_ROW = list(range(40))


@pytest.mark.parametrize(
    ("mine", "theirs", "texts"),
    [
        (Answer(1), Answer(2), ("returns 1", "returns 2")),
        (Answer(1), None, ("returns 1", "waits for ever")),
        (None, Answer(("x",), KeyError), ("waits for ever", "raises KeyError('x')")),
        (
            Answer(LONG_ROW),
            Answer([*LONG_ROW[:-1], 0]),
            ("returns ...34, 35, 36, 37, 38, 39]", "returns ...34, 35, 36, 37, 38, 0]"),
        ),
        (
            Answer([*LONG_ROW[:20], *LONG_ROW]),
            Answer([*LONG_ROW[:20], 7, *LONG_ROW]),
            (
                "returns ...15, 16, 17, 18, 19, 0, 1, 2, 3, 4, 5,...",
                "returns ...15, 16, 17, 18, 19, 7, 0, 1, 2, 3, 4,...",
            ),
        ),
        (Answer(Odd()), Answer(Odd()), ("returns odd", "returns odd, which is written alike and not equal")),
    ],
)
def test_answers_are_told_apart(mine: Answer | None, theirs: Answer | None, texts: tuple[str, str]) -> None:
    assert told_apart(mine, theirs) == texts
