"""Thread local: the tests. Time is virtual in them, and the threads mix in many ways."""

import functools
import threading
import time

import pytest
from thread_local import current_user, handle


class Recall(BaseException):
    """No Exception, and none that Python knows."""


class Everybody:
    """A user who is equal to every other one, has no hash, and is neither true nor false."""

    __hash__ = None

    def __eq__(self, other):
        return True

    def __bool__(self):
        raise TypeError("neither true nor false")


def see(notes):
    """Note whom this thread serves, or what it meets instead."""
    try:
        notes.append(current_user())
    except AttributeError as error:
        notes.append(f"AttributeError: {error}")


@pytest.mark.task(1)
def test_the_view_sees_the_user(race):
    def scenario():
        notes = []

        def stamp():
            see(notes)

        def view():
            stamp()
            return "stamped", threading.current_thread()

        answer = handle("ann", view)
        assert answer == ("stamped", threading.current_thread()), (
            f"handle returned {answer!r}: call the view here, in this thread, and return what it returns"
        )
        assert notes == ["ann"], f"the view was called for ann, once, and saw {notes}: it should be ['ann']"

    race.explore(scenario, schedules=20)


@pytest.mark.task(1)
@pytest.mark.means(
    AttributeError="the view has no __name__: whatever can be called is a view, ask it for nothing else",
    ValueError="the view returned an exception, and handle raised it: what is returned is a value",
)
def test_whatever_the_view_returns_is_returned(race):
    def scenario():
        for wanted in (None, False, 0, "", ValueError("an answer"), ["stamped"], dict, iter("ab")):
            answer = handle("ann", functools.partial(lambda stamped: stamped, wanted))
            assert answer is wanted, f"the view returned {wanted!r}, and handle returned {answer!r}"

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_without_a_call_there_is_no_user(race):
    def scenario():
        notes = []
        see(notes)
        assert notes == [None], f"nobody is served, and current_user() is {notes[0]!r}, not None"

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
def test_two_threads_see_their_own(race):
    def scenario():
        seen = {"ann": [], "bob": []}

        def serve(user):
            def view():
                see(seen[user])
                see(seen[user])

            handle(user, view)

        race.run(lambda: serve("ann"), lambda: serve("bob"))
        for user, notes in seen.items():
            assert notes == [user, user], (
                f"while {user} was served, current_user() was {notes}: the other thread wrote to "
                "the same place; each thread needs one of its own, as threading.local has"
            )

    race.explore(scenario, schedules=120)


@pytest.mark.task(2)
def test_two_threads_may_have_the_same_name(race):
    def scenario():
        seen, after = {"ann": [], "bob": []}, []

        def serve(user):
            handle(user, lambda: (time.sleep(1), see(seen[user])))
            see(after)

        threads = [threading.Thread(target=serve, args=(user,), name="counter") for user in seen]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen == {"ann": ["ann"], "bob": ["bob"]}, (
            f"two threads are called 'counter', one serves ann and one serves bob, and current_user() was {seen}: a "
            "name is no identity"
        )
        assert after == [None, None], f"both threads are called 'counter', and afterwards current_user() was {after}"

    race.explore(scenario, schedules=12)


@pytest.mark.task(2)
def test_a_thread_may_be_renamed(race):
    def scenario():
        notes = []

        def view():
            threading.current_thread().name = "counter 7"
            see(notes)

        def work():
            handle("ann", view)
            see(notes)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert notes == ["ann", None], (
            f"ann's view renamed its thread, and during and after it current_user() was {notes} instead of "
            "['ann', None]: a name is no identity"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
def test_one_ends_while_the_other_goes_on(race):
    def scenario():
        notes, after = [], []

        def long_view():
            time.sleep(2)
            see(notes)

        def short():
            time.sleep(1)
            handle("bob", lambda: None)
            see(after)

        race.run(lambda: handle("ann", long_view), short)
        assert notes == ["ann"], (
            f"bob came and went, and now current_user() is {notes[0]!r} for ann: what one thread "
            "cleans up must be its own"
        )
        assert after == [None], (
            f"bob was served and left, and current_user() is {after[0]!r}: ann is served in another thread"
        )

    race.explore(scenario, schedules=40)


@pytest.mark.task(2)
def test_one_comes_and_goes_while_the_other_is_inside_twice(race):
    def scenario():
        notes = []

        def outer():
            time.sleep(2)
            handle("amy", lambda: see(notes))
            see(notes)

        race.run(lambda: handle("ann", outer), lambda: handle("bob", lambda: time.sleep(1)))
        assert notes == ["amy", "ann"], (
            f"bob came and went, then ann's view served amy inside: inside and after it current_user() was {notes} "
            "instead of ['amy', 'ann']: how deep a thread is inside is its own number, no count of all threads"
        )

    race.explore(scenario, schedules=60)


@pytest.mark.task(2)
def test_all_are_served_at_the_same_time(race):
    def scenario():
        began = time.monotonic()
        race.run(
            lambda: handle("ann", lambda: time.sleep(3)),
            lambda: handle("bob", lambda: time.sleep(5)),
            lambda: handle("ann", lambda: time.sleep(4)),
        )
        took = time.monotonic() - began
        assert took == 5, (
            f"three views of 3 s, 5 s and 4 s took {took:g} s instead of 5 s: each thread has a place of "
            "its own, nobody has to wait, not even for the same user"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_a_new_thread_has_no_user(race):
    def scenario():
        notes = []

        def view():
            helper = threading.Thread(target=see, args=(notes,))
            helper.start()
            helper.join()
            see(notes)

        handle("ann", view)
        assert not str(notes[0]).startswith("AttributeError"), (
            f"in a new thread current_user() raised {notes[0]}; a new thread starts empty, what "
            "was set at module level belongs to the thread that imported it; give getattr a default"
        )
        assert notes[0] is None, (
            f"a thread that ann's view started sees {notes[0]!r} instead of None: it has not called handle"
        )
        assert notes[1] == "ann", f"after another thread looked, ann's view sees {notes[1]!r} instead of 'ann'"

    race.explore(scenario, schedules=40)


@pytest.mark.task(3)
def test_what_a_helper_does_stays_with_the_helper(race):
    def scenario():
        notes = []

        def view():
            helper = threading.Thread(target=handle, args=("bob", lambda: see(notes)))
            helper.start()
            helper.join()
            see(notes)

        handle("ann", view)
        assert notes == ["bob", "ann"], (
            f"ann's view started a thread for bob; they saw {notes} instead of ['bob', 'ann']"
        )

    race.explore(scenario, schedules=40)


@pytest.mark.task(3)
def test_a_helper_may_outlive_the_view(race):
    def scenario():
        notes = []

        def work():
            time.sleep(1)
            see(notes)
            handle("bob", lambda: see(notes))
            see(notes)

        helper = threading.Thread(target=work)
        handle("ann", helper.start)
        helper.join()
        assert notes == [None, "bob", None], (
            f"ann's view started a thread that went on after it: before, during and after its own handle('bob', …) "
            f"current_user() was {notes} instead of [None, 'bob', None]"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(4)
def test_the_next_job_of_a_thread_finds_nothing(race):
    def scenario():
        notes = []

        def one_job_after_the_other():
            handle("ann", lambda: None)
            see(notes)

        race.run(one_job_after_the_other)
        assert notes == [None], (
            f"ann's job has ended, and the next job of this thread sees {notes[0]!r}: put back what was there before"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
@pytest.mark.parametrize("kind", [ValueError, SystemExit, KeyboardInterrupt, GeneratorExit, StopIteration, Recall])
def test_an_exception_leaves_nothing_behind(race, kind):
    def scenario():
        notes, error, cause = [], kind("no stamps left"), OSError("the drawer is empty")
        error.__cause__ = cause

        def view():
            raise error

        try:
            answer = handle("ann", view)
        except (kind, RuntimeError) as found:
            assert found is error, (
                f"the view raised {error!r}, handle raised {found!r}: the caller gets the very same (a generator makes "
                "a RuntimeError of a StopIteration)"
            )
            assert found.__cause__ is cause, (
                f"the view raised {error!r} from {cause!r}, and what handle raised has the cause {found.__cause__!r}: "
                "a bare raise leaves it as it is, raise … from None takes away why"
            )
        else:
            raise AssertionError(
                f"the view raised {error!r}, and handle returned {answer!r}: let it go on to the caller"
            )
        see(notes)
        assert notes == [None], (
            f"the view raised {error!r}, and afterwards current_user() is still {notes[0]!r}: clean up in finally"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
def test_handle_inside_handle(race):
    def scenario():
        notes = []

        def view():
            see(notes)
            handle("bob", lambda: see(notes))
            see(notes)
            handle("ann", lambda: see(notes))
            see(notes)

        handle("ann", view)
        see(notes)
        wanted = ["ann", "bob", "ann", "ann", "ann", None]
        assert notes == wanted, (
            f"ann's view handled bob, and then ann, in between; current_user() was {notes}, it "
            f"should be {wanted}: afterwards is what was before, not None"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
@pytest.mark.parametrize("kind", [ValueError, Recall])
def test_an_exception_inside_brings_the_outer_user_back(race, kind):
    def scenario():
        notes = []

        def fail():
            raise kind("no stamps left")

        def view():
            try:
                handle("bob", fail)
            except kind:
                see(notes)

        handle("ann", view)
        see(notes)
        assert notes == ["ann", None], (
            f"ann's view handled bob, whose view raised {kind.__name__}; then and in the end current_user() was "
            f"{notes} instead of ['ann', None]"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
def test_the_same_user_twice_with_another_between(race):
    def scenario():
        notes = []

        def bobs():
            handle("ann", lambda: see(notes))
            see(notes)

        handle("ann", lambda: (handle("bob", bobs), see(notes)))
        see(notes)
        assert notes == ["ann", "bob", "ann", None], (
            f"ann's view handled bob, whose view handled ann again; from the inside out current_user() was {notes} "
            "instead of ['ann', 'bob', 'ann', None]: who is innermost goes first, not who is equal"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(4)
@pytest.mark.means(TypeError="a user who is neither true nor false was asked whether he is; ask no user anything")
@pytest.mark.parametrize(
    "users",
    [(0, ""), ("", 0), (False, 0), (1, True), ([], []), (Everybody(), Everybody())],
    ids=["0 and ''", "'' and 0", "False and 0", "1 and True", "two lists", "two who are equal to everything"],
)
def test_a_user_may_be_anything(race, users):
    def scenario():
        notes, (outer, inner) = [], users
        handle(outer, lambda: (see(notes), handle(inner, lambda: see(notes)), see(notes)))
        see(notes)
        right = [found is wanted for found, wanted in zip(notes, [outer, inner, outer, None], strict=True)]
        assert all(right), (
            f"{outer!r} was served, and {inner!r} inside; before, inside, after it and in the end current_user() was "
            f"{notes}: it is this very object, no copy; a user may be false or equal to another, ask no user anything"
        )

    race.explore(scenario, schedules=2)
