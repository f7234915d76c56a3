"""The librarian who waits for herself: the tests. Time is virtual, and the threads mix in many ways."""

import threading
import time

import pytest
from self_deadlock import Library

CHANGED = (
    "somebody changed the list of what is lent while somebody else went through it: who only looks needs the desk, too"
)


def at_once(began, what):
    """Nothing here takes time."""
    took = time.monotonic() - began
    assert took == 0, (
        f"{what} took {took:g} s, though nobody else was at the desk: somebody waits for a lock that "
        "is never released, and a time-out only ends the waiting; repair the cause"
    )


@pytest.mark.task(1)
def test_a_book_is_lent_once(race):
    def scenario():
        began = time.monotonic()
        library = Library(["Emma", "Ulysses"])
        assert library.is_free("Emma") is True, "nobody has borrowed Emma, and it is not free"
        lent = library.borrow("Emma", "ann")
        at_once(began, "borrowing one book")
        assert lent is True, f"Emma was free, and borrow returned {lent!r}"
        assert library.is_free("Emma") is False, "Emma is lent, and is_free says it is free"
        assert library.borrow("Emma", "bob") is False, "Emma is lent, and was lent again"
        again = library.borrow("Emma", "ann")
        assert again is False, (
            f"ann has Emma, asked for it once more, and borrow returned {again!r}: what is lent is not free, whoever "
            "has it"
        )
        early = library.books_of("ann")
        assert library.borrow("Dracula", "bob") is False, "a book was lent that is not in the library"
        assert library.borrow("Ulysses", "ann") is True, "Ulysses was free, and borrow returned False"
        books = library.books_of("ann")
        assert books == ["Emma", "Ulysses"], f"ann borrowed Emma and Ulysses, books_of says {books}"
        assert early == ["Emma"], (
            f"books_of said that ann had Emma, then she borrowed Ulysses, and the list of before says {early}: it "
            "belongs to whoever asked; make a new one each time"
        )
        at_once(began, "borrowing two books")

    race.explore(scenario, schedules=3)


@pytest.mark.task(1)
def test_a_name_may_be_empty(race):
    def scenario():
        library = Library(["", "Emma"])
        lent = library.borrow("", ""), library.borrow("", "ann"), library.is_free("")
        assert lent == (True, False, False), (
            f"the reader '' borrowed the book '', then ann wanted it, then somebody asked whether it is free: {lent} "
            "instead of (True, False, False): an empty name is a name, do not ask whether it is true"
        )
        done = library.swap("", "Emma", ""), library.books_of(""), library.give_back("Emma"), library.books_of("")
        assert done == (True, ["Emma"], True, []), (
            f"the reader '' swapped the book '' for Emma, had books, gave Emma back, had books: {done} instead of "
            "(True, ['Emma'], True, []): an empty name is a name, do not ask whether it is true"
        )
        others = library.borrow("", "ann"), library.swap("", "Emma", "")
        assert others == (True, False), (
            f"ann borrowed the book '', and the reader '' wanted to swap it for Emma: {others} instead of (True, "
            "False): he does not have it; an empty name is a name, and no other one's"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_the_callers_list_is_the_callers(race):
    def scenario():
        books = ["Emma", "Ulysses"]
        library = Library(books)
        books.remove("Emma")
        books.append("Dracula")
        free = library.is_free("Emma"), library.is_free("Dracula")
        assert free == (True, False), (
            "whoever made the library changed his list afterwards, took Emma out and put Dracula in; are they free? "
            f"{free} instead of (True, False): note the names at the beginning, and do not keep the list"
        )
        library = Library(iter(["Emma", "Ulysses"]))
        lent = library.borrow("Ulysses", "ann"), library.borrow("Emma", "ann")
        assert lent == (True, True), f"the books came from an iterator, and borrowing both gave {lent}: walk it once"

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_one_book_for_one_reader(race):
    def scenario():
        library = Library(["Emma"])
        lent = race.run(*(lambda who=who: library.borrow("Emma", who) for who in ("ann", "bob")))
        assert sorted(lent) == [False, True], (
            "ann and bob wanted the only Emma at the same time; borrow told them "
            f"{lent}, and exactly one should have it: looking and lending must stay under one lock"
        )

    race.explore(scenario, schedules=60)


@pytest.mark.task(2)
@pytest.mark.means(
    DeadlockFound="somebody was at the desk and has not left it: leave it on every way out, also where a book was "
    "refused"
)
def test_a_book_comes_back(race):
    def scenario():
        began = time.monotonic()
        library = Library(["Emma"])
        assert library.give_back("Emma") is False, "nobody has Emma, and give_back returned True"
        assert library.give_back("Dracula") is False, "there is no Dracula here, and give_back returned True"
        library.borrow("Emma", "ann")
        assert library.give_back("Emma") is True, "ann had Emma, and give_back returned False"
        assert library.is_free("Emma") is True, "Emma is back, and is not free"
        assert library.books_of("ann") == [], "ann gave her only book back, and still has one"
        at_once(began, "giving a book back")

    race.explore(scenario, schedules=5)


@pytest.mark.task(2)
@pytest.mark.parametrize("book", ["Emma", "Ulysses"], ids=["lent", "not lent"])
def test_the_desk_is_free_for_others(race, book):
    def scenario():
        library = Library(["Emma", "Ulysses"])
        library.borrow("Emma", "ann")
        library.give_back(book)
        bob = threading.Thread(target=library.borrow, args=(book, "bob"), name="bob", daemon=True)
        bob.start()
        bob.join(timeout=60)
        assert not bob.is_alive(), (
            f"after give_back of {'a lent book' if book == 'Emma' else 'a book that nobody had'} "
            "nobody else gets to the desk: the lock was acquired and, on this way out, not released"
        )
        assert library.books_of("bob") == [book], f"{book} was free, bob borrowed it, and has {library.books_of('bob')}"

    race.explore(scenario, schedules=4)


CALLS = {
    "is_free": lambda library: library.is_free("Emma"),
    "a borrow": lambda library: library.borrow("Ulysses", "ann"),
    "a refused borrow": lambda library: library.borrow("Emma", "cid"),
    "books_of": lambda library: library.books_of("ann"),
    "a swap": lambda library: library.swap("Emma", "Ulysses", "ann"),
    "a refused swap": lambda library: library.swap("Walden", "Ulysses", "ann"),
    "a swap for what is lent": lambda library: library.swap("Emma", "Walden", "ann"),
}


@pytest.mark.task(3)
@pytest.mark.parametrize("what", CALLS)
def test_the_desk_is_free_after_every_call(race, what):
    def scenario():
        library, seen = Library(["Emma", "Ulysses", "Walden"]), []
        library.borrow("Emma", "ann")
        library.borrow("Walden", "bob")
        CALLS[what](library)
        bob = threading.Thread(target=lambda: seen.extend(library.books_of("bob")), name="bob", daemon=True)
        bob.start()
        bob.join(timeout=60)
        assert seen == ["Walden"], (
            f"after {what} nobody else gets to the desk: the lock was acquired and, on this way out, not released"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(2)
def test_a_book_comes_back_once(race):
    def scenario():
        library = Library(["Emma"])
        library.borrow("Emma", "ann")
        back = race.run(lambda: library.give_back("Emma"), lambda: library.give_back("Emma"))
        assert sorted(back) == [False, True], (
            f"one Emma was given back by two threads, who were told {back}: looking and taking "
            "back must stay under one lock"
        )

    race.explore(scenario, schedules=60)


@pytest.mark.task(3)
@pytest.mark.means(
    DeadlockFound="who swaps has the desk, and calls what waits for the desk once more: take it once, and let swap "
    "call what expects it taken"
)
def test_a_book_is_swapped(race):
    def scenario():
        began = time.monotonic()
        library = Library(["Emma", "Ulysses", "Walden"])
        library.borrow("Emma", "ann")
        library.borrow("Walden", "bob")
        for back, wanted, why in [
            ("Emma", "Walden", "bob has Walden"),
            ("Walden", "Ulysses", "ann does not have Walden"),
            ("Emma", "Emma", "Emma is not free"),
            ("Emma", "Dracula", "the library has no Dracula"),
            ("Ulysses", "Ulysses", "ann does not have Ulysses"),
        ]:
            assert library.swap(back, wanted, "ann") is False, f"{why}, and ann could swap"
            books = library.books_of("ann"), library.books_of("bob")
            assert books == (["Emma"], ["Walden"]), f"a refused swap left ann and bob with {books}"
        done = library.swap("Emma", "Ulysses", "ann")
        at_once(began, "swapping a book")
        assert done is True, f"Ulysses was free, and swap returned {done!r}"
        books = library.books_of("ann")
        assert books == ["Ulysses"], f"ann swapped Emma for Ulysses, and has {books}"
        assert library.is_free("Emma"), "Emma came back, and is not free"

    race.explore(scenario, schedules=5)


@pytest.mark.task(3)
def test_equal_names_are_one_name(race):
    def scenario():
        library = Library(["Emma", "Ulysses"])
        library.borrow("Emma", "ann")
        emma, ann = "".join(["Em", "ma"]), "".join(["a", "nn"])  # equal, and other objects
        done = library.swap(emma, "Ulysses", ann), library.books_of(ann)
        assert done == (True, ["Ulysses"]), (
            f"ann has Emma, and swapped it for Ulysses, her name and the book's written anew; swap and books_of said "
            f"{done} instead of (True, ['Ulysses']): a name is what it says, compare with == and not with `is`"
        )

    race.explore(scenario, schedules=2)


@pytest.mark.task(3)
@pytest.mark.means(RuntimeError=CHANGED)
@pytest.mark.parametrize("order", [("Emma", "Ulysses"), ("Ulysses", "Emma")], ids=" then ".join)
def test_who_looks_for_a_free_book_sees_no_half_swap(race, order):
    def scenario():
        library, free = Library(["Emma", "Ulysses"]), {}
        library.borrow("Emma", "ann")

        def look():
            for book in order:
                free[book] = library.is_free(book)

        race.run(lambda: library.swap("Emma", "Ulysses", "ann"), look)
        wrong = order == ("Emma", "Ulysses")  # once Emma is free, Ulysses is not; once Ulysses is not, Emma is
        assert list(free.values()) != [wrong, wrong], (
            f"ann has Emma and swaps it for Ulysses, and somebody asked meanwhile, first for {order[0]}, then for "
            f"{order[1]}: "
            f"is_free said {wrong} for both, so that she had {'neither' if wrong else 'both'}: asking needs the desk, "
            "too"
        )

    race.explore(scenario, schedules=30)


@pytest.mark.task(3)
def test_a_refused_swap_is_in_nobodys_way(race):
    def scenario():
        library = Library(["Emma", "Ulysses"])
        done = race.run(lambda: library.swap("Emma", "Ulysses", "ann"), lambda: library.borrow("Ulysses", "bob"))
        assert done == [False, True], (
            "ann has nothing to swap for Ulysses, bob borrows it at the same time, and they were told "
            f"{done} instead of [False, True]: a swap that cannot be done takes nothing, not even for a moment"
        )

    race.explore(scenario, schedules=30)


@pytest.mark.task(3)
def test_two_swap_for_the_same_book(race):
    def scenario():
        library = Library(["Emma", "Ulysses", "Walden"])
        library.borrow("Emma", "ann")
        library.borrow("Ulysses", "bob")
        done = race.run(lambda: library.swap("Emma", "Walden", "ann"), lambda: library.swap("Ulysses", "Walden", "bob"))
        books = library.books_of("ann"), library.books_of("bob")
        wanted = (["Walden"], ["Ulysses"]) if done[0] else (["Emma"], ["Walden"])
        assert (sorted(done), books) == ([False, True], wanted), (
            f"ann and bob swap for the only Walden, they were told {done}, and have {books}: one of them gets it, and "
            "the "
            "other one keeps what he had"
        )

    race.explore(scenario, schedules=30)


@pytest.mark.task(3)
@pytest.mark.means(
    DeadlockFound="ann wants bob's book for hers, bob hers for his, and each has sat down at one desk and waits for "
    "the other one: one desk is enough; if each book has its own, take them in the same order, whoever swaps"
)
def test_two_want_the_book_of_the_other(race):
    def scenario():
        library = Library(["Emma", "Ulysses"])
        library.borrow("Emma", "ann")
        library.borrow("Ulysses", "bob")
        done = race.run(lambda: library.swap("Emma", "Ulysses", "ann"), lambda: library.swap("Ulysses", "Emma", "bob"))
        assert done == [False, False], (
            f"ann has Emma and wants Ulysses, bob has Ulysses and wants Emma, neither is free, and swap told them "
            f"{done}"
        )

    race.explore(scenario, schedules=8)


@pytest.mark.task(3)
def test_one_book_is_swapped_once(race):
    def scenario():
        library = Library(["Emma", "Ulysses", "Walden"])
        library.borrow("Emma", "ann")
        done = race.run(*(lambda book=book: library.swap("Emma", book, "ann") for book in ("Ulysses", "Walden")))
        books = library.books_of("ann")
        wanted = ["Ulysses"] if done[0] else ["Walden"]
        assert (sorted(done), books) == ([False, True], wanted), (
            f"ann's only book, Emma, was swapped for Ulysses and, in another thread, for Walden; they were told {done},"
            f" and ann has {books}: whether she still has it is asked under the same lock that gives it back"
        )

    race.explore(scenario, schedules=30)


@pytest.mark.task(3)
@pytest.mark.means(RuntimeError=CHANGED)
def test_nobody_sees_a_half_swap(race):
    def scenario():
        library, seen = Library(["Emma", "Ulysses"]), []
        library.borrow("Emma", "ann")
        race.run(
            lambda: library.swap("Emma", "Ulysses", "ann"),
            lambda: seen.extend(library.books_of("ann")),
        )
        assert len(seen) == 1, (
            f"while ann swapped one book for another, somebody saw her with {seen}: the lock has to "
            "be held over all of swap"
        )

    race.explore(scenario, schedules=60)


@pytest.mark.task(3)
def test_nobody_takes_the_book_in_between(race):
    def scenario():
        library = Library(["Emma", "Ulysses"])
        library.borrow("Emma", "ann")
        done = race.run(lambda: library.swap("Emma", "Ulysses", "ann"), lambda: library.borrow("Ulysses", "bob"))
        books = library.books_of("ann"), library.books_of("bob")
        wanted = (["Ulysses"], []) if done == [True, False] else (["Emma"], ["Ulysses"])
        assert books == wanted, (
            f"ann swaps for Ulysses, bob borrows it; they were told {done}, and have {books}: "
            "looking, giving back and lending must stay under one lock"
        )

    race.explore(scenario, schedules=60)
