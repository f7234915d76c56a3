"""The clerks: the tests. Events decide who comes back first, and a list notes who is back."""

import gevent
import pytest
from gevent.event import Event
from gevent_values import answers, report

BOTH = pytest.mark.parametrize("ask", [answers, report])
MISSING = "each clerk waits for all the others, and some are not on their way: send all out, then wait for all"


class Burnt(Exception):
    """What a clerk raises."""


class Hollow(Burnt):
    """An error that is false."""

    def __bool__(self):
        return False


class Odd:
    """Says to everything that it is equal, and cannot be asked whether it is true."""

    __hash__ = None

    def __eq__(self, other):
        return True

    def __bool__(self):
        raise Burnt("nobody should ask whether an answer is true")

    def __repr__(self):
        return "something odd"


KINDS = pytest.mark.parametrize("kind", [Burnt, Hollow, StopIteration, gevent.Timeout])


@pytest.fixture(autouse=True)
def the_end_of_it():
    """End what hangs; `ref=False`: that nobody goes on any more is told at once all the same."""
    with gevent.Timeout(60, TimeoutError("nothing came to an end within a minute"), ref=False):
        yield


class Office:
    """Answers questions in the order that it is told, and notes who has come and gone."""

    def __init__(self, *order):
        self.came, self.back, self.order = [], [], order
        self.doors = {question: Event() for question in order}

    def clerk(self, question):
        """Wait for the one before in the order; raise what is to be raised."""
        self.came.append(question)
        if len(self.came) == len(self.order):
            self.doors[self.order[0]].set()
        try:
            self.doors[question].wait()
        except gevent.GreenletExit:
            self.back.append("killed")
            raise
        place = self.order.index(question)
        gevent.sleep(0)
        self.back.append(question)
        for after in self.order[place + 1 : place + 2]:
            self.doors[after].set()
        return self.answer(question)

    def answer(self, question):
        return question * question


class Fire(Office):
    """Some of the questions are answered by errors."""

    def __init__(self, order, errors):
        super().__init__(*order)
        self.errors = errors

    def answer(self, question):
        if question in self.errors:
            raise self.errors[question]
        return super().answer(question)


def tried(ask, *arguments):
    """Return what comes back or is raised: an error of the clerks', or what has been made of it."""
    try:
        return ask(*arguments)
    except (Burnt, StopIteration, gevent.Timeout, TimeoutError, TypeError) as error:
        return error


def pairs(ask, values):
    return [(True, value) for value in values] if ask is report else list(values)


@pytest.mark.task(1)
def test_a_hundred_squares_in_order():
    office = Office(*range(0, 100, 2), *range(99, 0, -2))
    found = answers(office.clerk, range(100))
    assert len(office.back) == 100, f"answers is back, and {len(office.back)} of 100 clerks are: wait for all"
    assert sorted(found) == [n * n for n in range(100)], f"a hundred squares were asked for: answers gave {found}"
    assert found == [n * n for n in range(100)], f"the answers stand in another order than the questions: {found}"


@pytest.mark.task(3)
def test_a_report_in_order():
    found = report(Office(2, 0, 1).clerk, iter([0, 1, 2]))
    assert found == [(True, 0), (True, 1), (True, 4)], f"the squares of 0, 1 and 2: report gave {found}"


@pytest.mark.task(1)
@pytest.mark.means(LoopExit=MISSING)
@BOTH
@pytest.mark.parametrize("count", [2, 300])
def test_all_are_on_their_way_at_once(ask, count):
    office = Office(*range(count))
    found = ask(office.clerk, (question for question in range(count)))
    assert sorted(office.came) == [*range(count)], f"{count} questions, and these clerks went: {office.came}"
    assert found == pairs(ask, [n * n for n in range(count)]), f"{ask.__name__} gave {found}"


@pytest.mark.task(1)
@BOTH
def test_a_greenlet_for_each_question(ask):
    here, places = gevent.getcurrent(), []

    def count(question):
        places.append(gevent.getcurrent())
        return len(places)

    for questions, right in (([], []), (["same"] * 3, [1, 2, 3])):
        found = ask(count, questions)
        assert sorted(map(str, found)) == [str(each) for each in pairs(ask, right)], (
            f"the questions are {questions}, each answer is another one, and {ask.__name__} gave {found}"
        )
    assert len({here, *places}) == 4, f"one question three times: {len(set(places) - {here})} greenlets instead of 3"


@pytest.mark.task(3)
@BOTH
def test_any_answer_to_any_question(ask):
    error = Burnt("returned, not raised")
    things = [None, 0, False, "", [], (), {}, (1, 2), error, Burnt, (False, error), gevent.spawn, Odd(), Hollow("told")]
    found = ask(lambda question: question, things)
    for thing, one in zip(things, found, strict=True):
        right = pairs(ask, [thing])[0]
        is_it = one is thing if ask is answers else one[0] is True and one[1] is thing
        assert is_it, f"{thing!r} is the answer, {ask.__name__} gave {one!r} for it instead of {right!r}"
    assert len(things) == 14, f"{ask.__name__} has changed the list of questions"


@pytest.mark.task(2)
@KINDS
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)], ids=str)
def test_the_first_error_of_the_questions(kind, order):
    errors = {1: kind(1), 2: kind(2)}
    office = Fire(order, errors)
    found = tried(answers, office.clerk, [0, 1, 2, 3])
    assert sorted(map(str, office.back)) == ["0", "1", "2", "3"], (
        f"1 and 2 raise, and when answers was over, these were back: {office.back}; nobody is left or killed"
    )
    assert found is not errors[2], (
        f"the clerks came in the order {order}, 1 and 2 raise: 1 stands first in the questions"
    )
    assert found is errors[1], f"1 and 2 raise, and answers gave {found!r} instead of the very error of 1"


@pytest.mark.task(3)
@KINDS
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0)], ids=str)
def test_each_is_reported(kind, order):
    errors = {0: kind(0), 2: kind(2)}
    office = Fire(order, errors)
    found = tried(report, office.clerk, (0, 1, 2, 3))
    assert sorted(map(str, office.back)) == ["0", "1", "2", "3"], f"report is over, and these are back: {office.back}"
    right = [(False, errors[0]), (True, 1), (False, errors[2]), (True, 9)]
    assert found == right, f"0 and 2 raise, report gave {found!r} instead of {right!r}"


@pytest.mark.task(3)
@BOTH
def test_a_clerk_has_clerks(ask):
    def asks(question):
        return ask(asks, range(question))

    right = pairs(ask, [[], pairs(ask, [[]])])
    found = ask(asks, [0, 1])
    assert found == right, f"clerks ask clerks, and {ask.__name__} gave {found} instead of {right}"
