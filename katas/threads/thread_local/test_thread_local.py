"""Thread local: the tests. Time is virtual in them, and the threads mix in many ways."""

import threading
import time

import pytest
from thread_local import current_user, handle


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
def test_all_are_served_at_the_same_time(race):
    def scenario():
        began = time.monotonic()
        race.run(
            lambda: handle("ann", lambda: time.sleep(3)),
            lambda: handle("bob", lambda: time.sleep(5)),
        )
        took = time.monotonic() - began
        assert took == 5, (
            f"two views of 3 s and 5 s took {took:g} s instead of 5 s: each thread has a place of "
            "its own, nobody has to wait"
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
@pytest.mark.parametrize("kind", [ValueError, SystemExit])
def test_an_exception_leaves_nothing_behind(race, kind):
    def scenario():
        notes, error = [], kind("no stamps left")

        def view():
            raise error

        try:
            answer = handle("ann", view)
        except kind as found:
            assert found is error, f"the view raised {error!r}, handle raised {found!r}"
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
def test_a_user_may_be_anything(race):
    def scenario():
        notes = []
        handle(0, lambda: handle("", lambda: see(notes)) or see(notes))
        assert notes == ["", 0], f"users '' and 0 were served, current_user() was {notes}"

    race.explore(scenario, schedules=20)
