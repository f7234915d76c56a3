"""Thread identity: the tests. Time is virtual in them, and the threads mix in many ways."""

import functools
import threading
import time
import warnings

import pytest
from thread_identity import Logbook

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # task 1 tells them, once


def nothing():
    """A job that is over at once."""


OLD = {"isAlive", "isDaemon", "setDaemon", "getName", "setName", "currentThread", "activeCount"}


def ask(question):
    """Call a method of the logbook; the oldest of mistakes is told in words."""
    try:
        return question()
    except AttributeError as error:
        if error.name not in OLD:
            raise
        raise AssertionError(
            f"{error}: the camelCase names of threading are removed or deprecated; use is_alive(), "
            "name, current_thread(), active_count()"
        ) from error


@pytest.mark.task(1)
def test_nothing_in_it_is_out_of_date(race):
    def scenario():
        book = Logbook()
        thread = ask(lambda: book.hire("steering", nothing, "ann"))
        thread.start()
        thread.join()
        for question in (book.on_board, book.not_begun, book.headcount, book.strangers):
            ask(question)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        race.explore(scenario, schedules=3)
    old = sorted({str(each.message) for each in caught if each.category is DeprecationWarning})
    assert not old, f"Python warns of names that are out of date: {'; '.join(old)}"


@pytest.mark.task(2)
def test_hiring_signs_nothing(race):
    def scenario():
        book = Logbook()
        thread = book.hire("steering", nothing, "ann")
        assert book.entries == [], (
            f"ann was hired and has not begun, and the book says {book.entries}: she signs when "
            "she does the work, in her own thread"
        )
        assert isinstance(thread, threading.Thread), f"hire returned {thread!r}, no thread"
        assert thread.ident is None, "hire has started the thread: leave that to the caller"
        unnamed = book.hire("steering", nothing)
        assert unnamed.name.startswith("Thread-"), (
            f"a thread was hired without a name, and is called {unnamed.name!r}: leave the name to Python, which "
            "says Thread-1"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
def test_two_books_are_two_lists(race):
    def scenario():
        book, other = Logbook(), Logbook()
        thread = other.hire("pirating", nothing, "bob")
        thread.start()
        thread.join()
        assert book.entries == [], (
            f"bob was hired and signed in another book, and this one says {book.entries}: a list in the body of the "
            "class is one for all books; make it in __init__"
        )
        other.hire("cooking", nothing, "cleo")
        assert ask(book.not_begun) == [], (
            f"nobody was hired here, cleo was hired in another book, and not_begun() is {book.not_begun()}: each book "
            "knows those who were hired by it"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_who_does_the_work_signs(race):
    def scenario():
        book, idents = Logbook(), []

        def job():
            idents.append(threading.get_ident())

        thread = book.hire("steering", job, "ann")
        thread.start()
        thread.join()
        assert len(idents) == 1, f"the job was done {len(idents)} times instead of once"
        assert len(book.entries) == 1, f"one thread did one job, the book says {book.entries}"
        what, name, ident = book.entries[0]
        assert (what, name) == ("steering", "ann"), (
            f"ann was steering, the book says that {name!r} was {what!r}: current_thread() is the "
            "thread that makes the call, so the one who works has to make it"
        )
        assert ident == idents[0], (
            f"the book says that thread {ident} was steering, it was {idents[0]}: ident is None "
            "before the start, and it is not the native id; let the thread sign for itself"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(2)
def test_each_signs_for_the_own_work(race):
    def scenario():
        book = Logbook()
        threads = [book.hire("steering", nothing, "ann"), book.hire("cooking", nothing, "bob")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = sorted(entry[:2] for entry in book.entries)
        assert found == [("cooking", "bob"), ("steering", "ann")], (
            f"ann was steering and bob cooking, the book says {found}: each signs with the own name, in one step, by "
            "append"
        )

    race.explore(scenario, schedules=80)


@pytest.mark.task(2)
def test_they_work_side_by_side(race):
    def scenario():
        book, began = Logbook(), time.monotonic()
        threads = [book.hire("rowing", lambda: time.sleep(5), name) for name in ("bob", "ann")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - began
        assert took == 5, (
            f"two who work for 5 s each were ready after {took:g} s instead of 5 s: hold no lock while somebody works, "
            "the signature is all that it is for"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_the_same_work_is_signed_for_each_time(race):
    def scenario():
        book = Logbook()
        for what, name in [("steering", "ann"), ("cooking", "bob"), ("steering", "ann")]:
            thread = book.hire(what, nothing, name)
            thread.start()
            thread.join()
        found = [entry[:2] for entry in book.entries]
        assert found == [("steering", "ann"), ("cooking", "bob"), ("steering", "ann")], (
            f"ann was steering, then bob cooking, then ann steering again, and the book says {found}: every signature "
            "stays, in the order of signing"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
def test_a_new_name_before_the_start(race):
    def scenario():
        book = Logbook()
        thread = book.hire("steering", lambda: time.sleep(1), "ann")
        thread.name = "captain ann"
        found = [ask(book.not_begun)]
        thread.start()
        found.append(book.on_board())
        thread.join()
        found.append([entry[1] for entry in book.entries])
        assert found == [["captain ann"]] * 3, (
            f"ann was renamed captain ann before she began; not_begun(), on_board() and the signature were {found}: "
            "ask the thread for its name when you need it, and do not keep the one of the day of hiring"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(2)
@pytest.mark.means(AttributeError="the job has no __name__: whatever can be called is a job, ask it for nothing else")
def test_whatever_can_be_called_is_a_job(race):
    def scenario():
        book, calls = Logbook(), []

        def job(word):
            calls.append(word)
            return lambda: calls.append("what it returned")

        thread = book.hire("steering", functools.partial(job, "the job"), "ann")
        thread.start()
        thread.join()
        assert calls == ["the job"], (
            f"the job returned a function, and these were called: {calls}; a job is called once, and what it returns "
            "means nothing"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
def test_the_entry_is_there_before_the_work_begins(race):
    def scenario():
        book, seen = Logbook(), []
        thread = book.hire("steering", lambda: seen.extend(book.entries))
        thread.start()
        thread.join()
        assert [entry[:2] for entry in seen] == [("steering", thread.name)], (
            f"while the work was done the book said {seen}: sign first, then work; without a name "
            f"the thread is called as Python likes, {thread.name!r}"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_the_book_remembers_whom_nobody_else_does(race):
    def scenario():
        book = Logbook()
        book.hire("cleaning", nothing, "cleo")
        found = ask(book.not_begun)
        assert found == ["cleo"], (
            f"cleo was hired, the caller did not keep what hire returned, and not_begun() is {found}: the book "
            "itself has to hold its threads"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(3)
def test_who_was_started_is_on_board_at_once(race):
    def scenario():
        book = Logbook()
        thread = book.hire("steering", lambda: time.sleep(5), "ann")
        thread.start()
        found = ask(book.on_board), book.not_begun()
        assert found == (["ann"], []), (
            f"start() has returned, ann may not have signed yet, and on_board() and not_begun() are {found}: she is on "
            "board; the thread knows, what it has done so far does not"
        )

    race.explore(scenario, schedules=12)


@pytest.mark.task(3)
def test_a_look_while_somebody_begins_changes_nothing(race):
    def scenario():
        book = Logbook()
        ann = book.hire("steering", lambda: time.sleep(5), "ann")
        looks = [threading.Thread(target=ask, args=(question,)) for question in (book.on_board, book.not_begun)]
        for each in looks:
            each.start()
        ann.start()
        for each in looks:
            each.join()
        found = ask(book.on_board)
        assert found == ["ann"], (
            f"others looked while ann began, and since then on_board() has been {found}: between two questions to a "
            "thread it may begin, so that it was not alive and has an ident; whoever asks only looks, and strikes "
            "nobody off"
        )

    race.explore(scenario, schedules=30)


@pytest.mark.task(3)
def test_who_is_on_board(race):
    def scenario():
        book = Logbook()
        ann = book.hire("steering", lambda: time.sleep(9), "ann")
        bob = book.hire("cooking", lambda: time.sleep(1), "bob")
        cleo = book.hire("cleaning", nothing, "cleo")
        found = [ask(book.on_board)]
        bob.start()
        ann.start()
        found.append(book.on_board())
        time.sleep(5)
        found.append(book.on_board())
        time.sleep(5)
        found.append(book.on_board())
        wanted = [[], ["ann", "bob"], ["ann"], []]
        assert found[1] == ["ann", "bob"] or len(found[1]) < 2 or cleo.name in found[1], (
            f"ann was hired before bob, bob was started before ann, and on_board() was {found[1]}: keep the order "
            "in which they were hired, and move nobody later"
        )
        assert found == wanted, (
            f"bob stayed for 1 s, ann for 9 s, {cleo.name} never came; before the start and after 0, 5 "
            f"and 10 s on_board() was {found} instead of {wanted}: who has not begun or has ended "
            "is not alive"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_who_has_not_begun(race):
    def scenario():
        book = Logbook()
        ann = book.hire("steering", lambda: time.sleep(9), "ann")
        bob = book.hire("cooking", lambda: time.sleep(1), "bob")
        cleo = book.hire("cleaning", nothing, "cleo")
        found = [ask(book.not_begun)]
        bob.start()
        found.append(book.not_begun())
        ann.start()
        time.sleep(5)
        found.append(book.not_begun())
        wanted = [["ann", "bob", "cleo"], ["ann", "cleo"], ["cleo"]]
        assert found == wanted, (
            f"at first ann, bob and {cleo.name}, then without bob, then without ann, not_begun() was {found} "
            f"instead of {wanted}: who has ended is not alive either, but has an ident"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(3)
def test_two_may_have_the_same_name(race):
    def scenario():
        book = Logbook()
        first = book.hire("steering", lambda: time.sleep(1), "ann")
        second = book.hire("cooking", lambda: time.sleep(9), "ann")
        first.start()
        found = [(ask(book.on_board), book.not_begun())]
        second.start()
        found.append((book.on_board(), book.not_begun()))
        time.sleep(5)
        found.append((book.on_board(), book.not_begun()))
        wanted = [(["ann"], ["ann"]), (["ann", "ann"], []), (["ann"], [])]
        assert found == wanted, (
            f"two are called ann, and on_board() and not_begun() were {found} instead of {wanted}: "
            "a name is no identity, compare the threads"
        )

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
def test_the_headcount(race):
    def scenario():
        book = Logbook()
        ann = book.hire("steering", lambda: time.sleep(5), "ann")
        book.hire("cleaning", nothing, "cleo")
        stranger = threading.Thread(target=time.sleep, args=(9,), name="stowaway")
        found = [ask(book.headcount)]
        ann.start()
        stranger.start()
        found.append(book.headcount())
        time.sleep(7)
        found.append(book.headcount())
        wanted = [1, 3, 2]
        assert found == wanted, (
            f"the main thread; then ann and a stowaway as well; then ann had ended; headcount() was "
            f"{found} instead of {wanted}: count the threads that run, all of them, and not those "
            "that were only made"
        )

    race.explore(scenario, schedules=20)


def slow_to_name(thread):
    """Let the name of this thread take a second to read, and start it."""
    name = property(lambda self: time.sleep(1) or "slow")
    thread.__class__ = type("Slow", (type(thread),), {"name": name})
    thread.start()


@pytest.mark.task(4)
@pytest.mark.parametrize("first", ["a stranger", "one of ours"])
def test_the_headcount_is_one_look(race, first):
    def scenario():
        book = Logbook()

        def stay():
            time.sleep(9)

        if first == "a stranger":
            second = book.hire("steering", stay)
            beginner = threading.Thread(target=lambda: time.sleep(0.5) or second.start())
            slow_to_name(book.hire("cooking", stay))
        else:
            second = threading.Thread(target=stay)
            beginner = book.hire("steering", lambda: time.sleep(0.5) or second.start())
            slow_to_name(threading.Thread(target=stay))
        beginner.start()
        found = ask(book.headcount)
        assert found == 3, (
            f"there were always three threads, as {first} began another one and ended while somebody counted, and "
            f"headcount() was {found}: two looks, one for your own and one for the strangers, miss "
            "who comes in between; count all in one"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
def test_daemons_count_too(race):
    def scenario():
        book = Logbook()
        stranger = threading.Thread(target=time.sleep, args=(9,), name="stowaway", daemon=True)
        stranger.start()
        found = ask(book.headcount), sorted(book.strangers())
        wanted = 2, sorted(["stowaway", threading.current_thread().name])
        assert found == wanted, (
            f"beside the main thread there is a stowaway, a daemon; headcount() and strangers() were {found} instead "
            f"of {wanted}: a daemon is a thread of the program like any other"
        )

    race.explore(scenario, schedules=3)


@pytest.mark.task(4)
def test_who_is_at_work_may_look_into_the_book(race):
    def scenario():
        book, found = Logbook(), []
        main = threading.current_thread().name

        def job():
            found.append((ask(book.on_board), book.not_begun(), book.headcount(), book.strangers()))

        cleo = book.hire("cleaning", nothing, "cleo")
        ann = book.hire("steering", job, "ann")
        ann.start()
        ann.join()
        wanted = [(["ann"], [cleo.name], 2, [main])]
        assert found == wanted, (
            "ann looked into the book while she was at work: on_board(), not_begun(), headcount() and strangers() "
            f"were {found} instead of {wanted}, whoever asks"
        )

    race.explore(scenario, schedules=6)


@pytest.mark.task(4)
def test_the_strangers(race):
    def scenario():
        book, other = Logbook(), Logbook()
        ann = book.hire("steering", lambda: time.sleep(9), "ann")
        book.hire("cleaning", nothing, "cleo")
        threads = [
            threading.Thread(target=time.sleep, args=(9,), name="stowaway"),
            threading.Thread(target=time.sleep, args=(9,), name="ann"),
            other.hire("pirating", lambda: time.sleep(9), "bob"),
        ]
        ann.start()
        for thread in threads:
            thread.start()
        main = threading.current_thread().name
        found, wanted = sorted(ask(book.strangers)), sorted([main, "stowaway", "ann", "bob"])
        assert found == wanted, (
            f"beside one ann of ours there are the main thread, a stowaway, a bob of another ship "
            f"and another ann; strangers() was {found} instead of {wanted}: a name is no identity, and who was hired "
            "by another book is a stranger here; compare the threads"
        )
        time.sleep(10)
        assert book.strangers() == [main], f"all have ended but the main thread, strangers() was {book.strangers()}"

    race.explore(scenario, schedules=20)


@pytest.mark.task(4)
def test_a_number_may_come_again(race):
    def scenario():
        book = Logbook()
        ann = book.hire("steering", nothing, "ann")
        ann.start()
        ann.join()
        threads = [threading.Thread(target=time.sleep, args=(1,), name="bob") for _ in range(4)]
        for thread in threads:
            thread.start()
        found = ask(book.strangers).count("bob")
        assert found == 4, (
            f"ann has gone, four strangers have come, and strangers() knows {found} of them: the "
            "ident of a thread that has ended is used again; compare the threads"
        )
        found = book.on_board()
        assert found == [], (
            f"ann has gone, four strangers have come, and on_board() is {found}: the ident of a thread that has ended "
            "is used again, and says nothing of it; ask the thread whether it is alive"
        )

    race.explore(scenario, schedules=20)
