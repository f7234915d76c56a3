"""Three ways to hire: the tests. Two children start by spawn and two by forkserver, in real time; the others fork."""

import multiprocessing
import os
import types

import pytest
from start_methods import methods, translate_all

WORDS = {"cat": "Katze", "": "leer"}


def tried(*args):
    """Return what translate_all returned or raised."""
    try:
        return translate_all(*args)
    except NotImplementedError:
        raise
    except Exception as error:
        return error


@pytest.mark.task(1)
@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        ([], []),
        (["the cat"], ["the Katze"]),
        (["cat cats", "", "cat cats", "cat  cat"], ["Katze cats", "leer", "Katze cats", "Katze leer Katze"]),
    ],
)
def test_translated_by_fork(race, texts, wanted):
    def scenario():
        found = tried("fork", WORDS, (text for text in texts))
        assert found == wanted, f"by fork, {texts} is {wanted}, and it came to {found!r}"
        again = tried("fork", {"cat": "chat"}, ["cat cats"])
        assert again == ["chat cats"], f"asked again by fork, cat is chat, and cat cats came to {again!r}"

    race.explore(scenario, schedules=2, outliving_threads="fail")


@pytest.mark.task(1)
def test_each_word_is_translated_once(race):
    words = {"a": "b", "b": "a", "hm": ""}

    def scenario():
        found = tried("fork", words, ["a b hm a"])
        assert found == ["b a  b"], f"with {words} 'a b hm a' is 'b a  b', and it came to {found!r}"

    race.explore(scenario, schedules=1)


class Word(str):
    """A word that notes where it is looked up, and waits, once in a child, until it is in another one, too."""

    meeting = notes = None
    __hash__ = str.__hash__

    def __eq__(self, other):
        if Word.notes:
            Word.notes.write(os.getpid())
        if Word.meeting and multiprocessing.parent_process():
            meeting, Word.meeting = Word.meeting, None
            meeting.wait()
        return str.__eq__(self, other)


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound="two texts, each waits until the other is translated, too: start all, then wait")
def test_all_at_the_same_time(race, monkeypatch):
    def scenario():
        monkeypatch.setattr(Word, "meeting", multiprocessing.Barrier(2))
        found = tried("fork", {Word("cat"): "Katze"}, ["cat", "cat"])
        assert found == ["Katze"] * 2, f"by fork, twice cat is twice Katze, and it came to {found!r}"

    race.explore(scenario, schedules=2)


@pytest.mark.task(1)
def test_a_process_for_each_text(notes, monkeypatch):
    notes.clear()
    monkeypatch.setattr(Word, "notes", notes)
    found, count = tried("fork", {Word("cat"): "Katze"}, ["cat"] * 3), len(set(notes.read()) - {os.getpid()})
    assert found == ["Katze"] * 3, f"by fork, three times cat is three times Katze, and it came to {found!r}"
    assert count == 3, f"three texts were translated in {count} processes other than the caller's: one for each"


@pytest.mark.task(1)
@pytest.mark.means(DeadlockFound="a long text does not fit into a pipe: take it before you join")
def test_a_long_text(race):
    def scenario():
        found = tried("fork", {"a": "b"}, ["a " * 100_000 + "c"])
        assert found == ["b " * 100_000 + "c"], f"a text of 100001 words came to {found!r:.60}"

    race.explore(scenario, schedules=1)


@pytest.mark.task(2)
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_translated_by(method):
    found = tried(method, types.MappingProxyType({"cat": "Katze", "dog": "Hund"}), ["the cat", "a dog"])
    assert not isinstance(found, Exception), f"by {method} it came to {found!r}: what goes to a child is pickled"
    assert found == ["the Katze", "a Hund"], (
        f"by {method}, the cat and a dog came to {found}: "
        "the child has imported the modules, and knows what you hand over"
    )


WHEN_IT_WAS_IMPORTED = {}  # a forked child has what the test puts in here


def read(text):
    """Return a text where this process is a copy of the one that has written it."""
    return WHEN_IT_WAS_IMPORTED.get(text, "a stranger wrote this")


class Paper(str):
    """A text that only a forked child can read, however it came there."""

    def __reduce_ex__(self, protocol):
        return read, (str(self),)


@pytest.mark.task(3)
def test_by_this_method(race, monkeypatch):
    monkeypatch.setitem(WHEN_IT_WAS_IMPORTED, "a", "a")

    def scenario():
        multiprocessing.set_start_method("spawn", force=True)
        found = tried("fork", {"a": "b"}, [Paper("a"), Paper("a")])
        assert found == ["b", "b"], f"asked to fork, while spawn is usual, and it was not forked: {found!r}"

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
@pytest.mark.parametrize("usual", ["spawn", "forkserver", None])
def test_nothing_is_set(race, usual):
    def scenario():
        multiprocessing.set_start_method(usual, force=True)
        found = tried("fork", {"a": "b"}, ["a"]), tried("fork", {"a": "b"}, ["a"])
        assert found == (["b"], ["b"]), f"{usual} is set, two calls by fork came to {found}"
        named = methods()
        now = multiprocessing.get_start_method(allow_none=True)
        assert now == usual, f"{usual} was set before, and {now} is afterwards: a context sets nothing"
        wanted = usual or multiprocessing.get_all_start_methods()[0]
        assert named[0] == wanted, f"{usual} is set, so {wanted} is used, and methods() says {named}"
        assert sorted(named) == sorted(multiprocessing.get_all_start_methods()), f"each method once, got {named}"

    race.explore(scenario, schedules=1)


@pytest.mark.task(3)
@pytest.mark.parametrize("method", ["threads", "", None])
@pytest.mark.parametrize("texts", [[], ["a"]])
def test_no_such_method(method, texts):
    found = tried(method, {}, texts)
    assert isinstance(found, ValueError), f"there is no method {method!r}, and it came to {found!r}, not to ValueError"
