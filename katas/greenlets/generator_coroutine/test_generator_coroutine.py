"""The round table: the tests. In tasks 1 and 2 you say who has which turn; then tales note what happens to them."""

import itertools

import pytest
from careless_knights import Cup, blow, drink
from generator_coroutine import add_up, average, break_blow, break_drink, take_turns


def play(turns, tasks):
    """Let the tasks have these turns, and then as many as they need; return who has not ended, and the tale."""
    __tracebackhide__ = True
    if not isinstance(turns, list) or not all(isinstance(name, str) and name in tasks for name in turns):
        pytest.fail(f"the turns are a list of the names {' and '.join(tasks)}, and these are {turns!r}", pytrace=False)
    told, waiting = [], dict(tasks)

    def turn(name):
        try:
            told.append(f"{name} {next(waiting[name])}")
        except StopIteration:
            told.append(f"{name} has come to his end")
            del waiting[name]

    for number, name in enumerate(turns, 1):
        if name not in waiting:
            pytest.fail(f"turn {number} cannot be {name}'s, who has come to his end: {'; '.join(told)}", pytrace=False)
        turn(name)
    for name in [*tasks, *tasks][:-1]:
        for _ in range(100):
            if name in waiting:
                turn(name)
    return [*waiting], "; ".join(told[:20])


@pytest.mark.task(1)
def test_the_drinking_breaks():
    cup = Cup(5)
    _, told = play(break_drink(), {"A": drink(cup), "B": drink(cup)})
    assert cup.wine == 4, (
        f"the drinking is not broken: of 5 measures {cup.wine} are left when two have drunk; change over when one has "
        f"seen how much there is and has not drunk. What happened: {told}"
    )


@pytest.mark.task(2)
def test_the_blowing_breaks():
    table = {"left", "right"}
    tasks = {"A": blow(table, "left", "right"), "B": blow(table, "right", "left")}
    waiting, told = play(break_blow(), tasks)
    assert waiting == ["A", "B"], (
        f"the blowing is not broken: {' and '.join(name for name in tasks if name not in waiting)} came to an end; "
        f"each must have one horn, and wait for the other's. What happened: {told}"
    )


class Fall(Exception):
    """What a tale or an answer raises."""


class Hollow(Fall):
    """An error that is false."""

    def __bool__(self):
        return False


class Greedy(BaseException):
    """Ends somebody who does not stop."""


class Table:
    """Notes who has a turn, and what is asked."""

    def __init__(self):
        self.log, self.tales = [], []

    def tale(self, name, *questions, returns=None, raises=None, catches=()):
        """Return a task that asks these questions, and notes the answers."""

        def tell():
            try:
                for question in questions:
                    try:
                        self.log.append(f"{name}?")
                        self.log.append((name, (yield question)))
                    except catches as error:
                        self.log.append((name, error))
                if raises is not None:
                    raise raises
                return returns
            finally:
                self.log.append(f"{name} ends")

        self.tales.append(tell())
        return self.tales[-1]

    def turns(self):
        return [entry for entry in self.log if isinstance(entry, str) and entry.endswith("?")]

    def heard(self, name):
        return [entry[1] for entry in self.log if isinstance(entry, tuple) and entry[0] == name]


def tried(function, *arguments):
    """Return what a call returns or raises."""
    try:
        return function(*arguments)
    except NotImplementedError:
        raise
    except (Exception, KeyboardInterrupt, SystemExit, GeneratorExit, Greedy) as error:
        return error


def shown(result):
    return type(result).__name__ if isinstance(result, BaseException) else result


@pytest.mark.task(3)
@pytest.mark.parametrize(
    "numbers", [[3, 5, 1], [], [0], [0, 0, 6], [-2, 2], [0.5, False, 1.0], [7] * 5], ids=lambda numbers: str(numbers)
)
def test_the_cups_are_counted(numbers):
    cups = average()
    found = tried(next, cups)
    assert found is None, f"the first `next` gave {found!r} instead of None"
    for count, number in enumerate(numbers, 1):
        found = tried(cups.send, number)
        right = sum(numbers[:count]) / count
        assert shown(found) == right, (
            f"{numbers[:count]} were sent, and the last send gave {found!r} instead of {right}"
        )
    found = tried(cups.send, None)
    assert isinstance(found, StopIteration), f"None was sent, and that gave {found!r} instead of StopIteration"
    right = len(numbers), sum(numbers)
    assert found.value == right, f"{numbers} were sent, then None: the value is {found.value!r} instead of {right}"


@pytest.mark.task(3)
def test_two_count_at_the_same_time():
    first, second = average(), average()
    for cups in (first, second):
        next(cups)
    found = [first.send(1), second.send(10), first.send(2), second.send(20)]
    assert found == [1, 10, 1.5, 15], f"1 and 2 were sent to one, 10 and 20 to another, in turn: {found}"


class Numbers:
    """Numbers without an end, and nobody takes two in one turn."""

    def __init__(self):
        self.taken = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.taken += 1
        if self.taken > 2:
            raise Greedy("it took the third number in its first turn: the others starve; yield after each")
        return self.taken


@pytest.mark.task(4)
def test_nobody_keeps_the_turn():
    numbers = Numbers()
    task = tried(add_up, numbers)
    assert numbers.taken == 0, f"add_up has taken {numbers.taken} numbers before its first turn"
    found = tried(next, task)
    assert found == 1, f"the first turn, numbers 1, 2, 3 …: it gave {found!r} instead of the sum so far, 1"
    assert numbers.taken == 1, f"in its first turn add_up took {numbers.taken} numbers: one, then let the others"
    task.close()


@pytest.mark.task(4)
@pytest.mark.parametrize("numbers", [[1, 2, 3], [5], [], [0, 0], [0.5, -0.5]], ids=str)
@pytest.mark.parametrize("kind", [list, iter, tuple])
def test_a_sum_in_pieces(numbers, kind):
    task, given = add_up(kind(numbers)), list(numbers)
    for turn, right in enumerate(itertools.accumulate(numbers)):
        found = tried(task.send, ["whatever", 100, None, Fall("told")][turn - 1]) if turn else tried(next, task)
        assert shown(found) == right, f"{numbers}, turn {turn + 1}: {found!r} instead of {right}"
    found = tried(next, task)
    assert isinstance(found, StopIteration), f"{numbers} are used up, and a turn gave {found!r} instead of the end"
    assert found.value == sum(numbers), f"{numbers}: the task returned {found.value!r} instead of {sum(numbers)}"
    assert numbers == given, f"add_up has changed the numbers that it was given: {numbers}"


@pytest.mark.task(5)
@pytest.mark.parametrize("kind", [list, tuple, iter])
def test_round_and_round(kind):
    table = Table()
    tales = [table.tale("a", 1, 2, 3, returns="A"), table.tale("b", returns="B"), table.tale("c", 10, 20, returns="C")]
    tales.append(table.tale("d", 100, 200, 300, 400, returns="D"))
    found = tried(take_turns, kind(tales), lambda question: question)
    assert found == ["A", "B", "C", "D"], f"four tales, 3, 0, 2 and 4 questions: {found!r} instead of [A, B, C, D]"
    right = ["a?", "c?", "d?", "a?", "c?", "d?", "a?", "d?", "d?"]
    assert table.turns() == right, f"the turns were {table.turns()} instead of {right}: each in turn, to the next yield"


@pytest.mark.task(5)
def test_questions_are_answered():
    table, asked = Table(), []

    def answer(question):
        asked.append((question, len(table.turns())))
        return [question]

    questions = [None, 0, "", (), "why?", None]
    tales = [table.tale("a", *questions), table.tale("b", "x", "y", "z")]
    found = tried(take_turns, tales, answer)
    assert found == [None, None], f"two tales that return nothing: {found!r} instead of [None, None]"
    right = [None, "x", 0, "y", "", "z", (), "why?", None]
    assert [question for question, _ in asked] == right, f"asked was {[each for each, _ in asked]} instead of {right}"
    at = [turns for _, turns in asked]
    assert at == list(range(1, 10)), f"answer was called when {at} turns had begun: at once, before the next one's turn"
    for name, said in (("a", questions), ("b", ["x", "y", "z"])):
        right = [[question] for question in said]
        assert table.heard(name) == right, f"{name} asked {said} and heard {table.heard(name)} instead of {right}"


@pytest.mark.task(5)
def test_any_object_is_an_answer():
    for told in (None, 0, "", Fall("told, not raised"), StopIteration("told"), Fall):
        table = Table()
        tried(take_turns, [table.tale("a", "?")], lambda question: told)
        assert table.heard("a") == [told], f"the answer was {told!r}, and the task heard {table.heard('a')}"


@pytest.mark.task(5)
def test_the_three_together():
    said = []
    found = tried(take_turns, [add_up([1, 2, 3]), add_up([]), add_up(iter([10, 20]))], said.append)
    assert found == [6, 0, 30], f"sums of [1, 2, 3], [] and [10, 20]: {found!r} instead of [6, 0, 30]"
    assert said == [1, 10, 3, 30, 6], f"the sums so far were {said} instead of [1, 10, 3, 30, 6]: in turn"
    many = tried(take_turns, [add_up(range(5000))], said.append)
    assert many == [sum(range(5000))], f"a task with 5000 turns: {many!r:.90} instead of its sum"
    said.clear()
    found = tried(take_turns, [add_up([number, 1]) for number in range(300)], said.append)
    assert said == [*range(300), *range(1, 301)], f"300 tasks with 2 turns each, and the sums so far were {said}"
    assert found == [*range(1, 301)], f"300 tasks, and their sums are {found}"
    for nothing in ([], iter(())):
        assert tried(take_turns, nothing, said.append) == [], "take_turns without tasks should return []"


@pytest.mark.task(5)
def test_a_round_in_a_round():
    table = Table()

    def host():
        inner = take_turns([table.tale("x", 1, 2, returns=3), table.tale("y", 4, returns=5)], lambda question: question)
        return (yield inner)

    def answer(question):
        return tried(take_turns, [add_up(question)], lambda _: None)

    found = tried(take_turns, [host(), table.tale("z", [7], returns=8)], answer)
    assert found == [[8], 8], f"rounds inside a task and inside answer: {found!r} instead of [[8], 8]"


@pytest.mark.task(6)
def test_who_falls_falls_alone():
    table, error, value = Table(), Fall("in the midst"), Fall("returned")
    tales = [
        table.tale("a", 1, raises=error),
        table.tale("b", 1, 2, 3, returns=value),
        table.tale("c", raises=Hollow()),
    ]
    tales.append(table.tale("d", 1, 2, returns=0))
    found = tried(take_turns, tales, lambda question: question)
    assert isinstance(found, list), f"two of four tales raise Fall, and take_turns gave {found!r}: the others go on"
    right = ["Fall", "Fall", "Hollow", 0]
    assert [shown(each) for each in found] == right, f"a raises, b returns an exception, c raises: {found}"
    assert found[0] is error and found[1] is value, f"the entries should be the objects themselves: {found}"
    assert table.turns() == ["a?", "b?", "d?", "b?", "d?", "b?"], f"the turns were {table.turns()}"


@pytest.mark.task(6)
@pytest.mark.parametrize("kind", [Fall, Hollow, StopIteration, LookupError])
def test_a_bad_answer(kind):
    table, raised = Table(), []

    def answer(question):
        if question in ("bad", "worse"):
            raised.append(kind(question))
            raise raised[-1]
        return question

    tales = [
        table.tale("a", 1, "bad", 2, "worse", 3, returns="A", catches=kind),
        table.tale("b", 1, "bad", 2, returns="B"),
        table.tale("c", 1, 2, 3, 4, returns="C"),
        table.tale("d", "bad", returns="D", catches=kind),
    ]
    found = tried(take_turns, tales, answer)
    right = ["A", "RuntimeError" if kind is StopIteration else kind.__name__, "C"]
    results = [shown(each) for each in found] if isinstance(found, list) else found
    three = results[:3] if isinstance(results, list) else results
    assert three == right, f"a catches what answer raises ({kind.__name__}), b does not: {three!r} instead of {right}"
    assert results[3:] == ["D"], f"d catches what answer raises ({kind.__name__}), and returns 'D': {found[3]!r}"
    heard = table.heard("a")
    assert heard == [1, raised[1], 2, raised[3], 3], f"a should hear its answers and both errors, it heard {heard}"
    turns = [entry for entry in table.turns() if entry in ("a?", "c?")]
    assert turns == ["a?", "c?"] * 4 + ["a?"], f"what is raised comes in the task's own turn: {table.turns()}"


@pytest.mark.task(6)
@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit, Greedy])
@pytest.mark.parametrize("who", ["a task", "a task at once", "answer"])
def test_an_end_for_all(who, kind):
    table, error = Table(), kind("now")

    def answer(question):
        if question == "end" and who == "answer":
            raise error
        return question

    tales = [
        table.tale("a", 1, 2, 3, catches=Exception),
        table.tale("b", *{"a task": [1], "answer": [1, "end"]}.get(who, []), raises=error),
        table.tale("c", 1, 2, 3),
        table.tale("d"),
    ]
    found = tried(take_turns, tales, answer)
    assert found is error, f"{who} raises {kind.__name__}, and take_turns gave {found!r}: it comes out as it is"
    for name, tale in zip("abcd", table.tales):
        assert tale.gi_frame is None, (
            f"{who} raises {kind.__name__}, and the tale {name} stands in the middle: close it"
        )
    ends = [entry for entry in table.log if str(entry).endswith(" ends")]
    begun = "ab" if who == "a task at once" else "abcd"
    assert sorted(ends) == [f"{name} ends" for name in begun], f"`finally` blocks that have run: {ends}"


@pytest.mark.task(6)
def test_an_end_after_a_round_in_a_round():
    table, error = Table(), Greedy("now")

    def host():
        take_turns([table.tale("x", 1), table.tale("y")], lambda question: question)
        yield "end"

    def answer(question):
        if question == "end":
            raise error
        return question

    tales = [table.tale("a", 1, 2), table.tale("c", 1)]
    found = tried(take_turns, [tales[0], host(), tales[1]], answer)
    assert found is error, f"answer raises Greedy, and take_turns gave {found!r}: it comes out as it is"
    left = [name for name, tale in zip("ac", tales) if tale.gi_frame is not None]
    assert not left, (
        f"inside a task a round of others was held; then answer raised Greedy, and of the tales a and c stand in the "
        f"middle: {left}; each call closes its own"
    )
