"""Bad TOML is told in one line; good TOML becomes values."""

import re

import pytest
from kata_library import Library

from pytest_concurrency._katas import index
from pytest_concurrency._katas.index import Track

KATA = "katas/tea/boil_water/kata.toml"
KATA_KEYS = "title, technique, seed, difficulty, minutes, kind, requires, extras, files"


def test_values(library: Library) -> None:
    curriculum = library.read()
    assert curriculum.tracks == (Track("tea", "Tea: boiling, brewing", ("boil_water",)),)
    kata = curriculum.kata("boil_water")
    assert (kata.path, kata.title, kata.seed, kata.minutes) == (
        "tea/boil_water",
        "Boil water",
        ("A",),
        5,
    )
    assert all(file.is_file() for file in (kata.stub, kata.tests, kata.reference))
    assert [file.stem for file in kata.approaches] == ["loop"]
    assert (kata.base("reference"), kata.base("approaches/loop")) == (kata.reference, kata.approaches[0])
    assert index.read_tasks(kata) == {1: "Boil one", 2: "Boil more"}


def test_a_kata_that_requires_another(library: Library) -> None:
    text = (library.root / KATA).read_text(encoding="utf-8")
    library.write("katas/tea/brew/kata.toml", text.replace("requires = []", 'requires = ["boil_water"]'))
    library.edit("katas/katas.toml", '["boil_water"]', '["boil_water", "brew"]')
    assert library.read().kata("brew").requires == ("boil_water",)


def test_katas_under_a_path(library: Library) -> None:
    curriculum = library.read()
    inside = library.root / "katas/tea/boil_water"
    for path in (library.root, library.root / "katas/tea", inside, inside / "test_boil_water.py"):
        assert curriculum.under(path) == ("boil_water",)
    assert curriculum.under(library.root / "reference") == ()


def test_a_path_is_shown_from_the_root(library: Library) -> None:
    curriculum = library.read()
    assert curriculum.shown(library.root / "katas/tea") == "katas/tea"
    assert curriculum.shown(library.root.parent) == str(library.root.parent)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("katas.toml", "[[track]]", "[[trek]]", "key must be one of track, got 'trek'"),
        ("katas.toml", "[[track]]", "[track]", "track must be a list of tables, got {*}"),
        (
            "katas.toml",
            'name = "tea"',
            'names = "tea"',
            "track.key must be one of name, title, katas, got 'names'",
        ),
        (
            "katas.toml",
            'name = "tea"',
            'name = "te a"',
            "track.name must be the name of a module, got 'te a'",
        ),
        (
            "katas.toml",
            '"Tea: boiling, brewing"',
            '" "',
            "track.title must be a non-empty string, got ' '",
        ),
        (
            "katas.toml",
            '["boil_water"]',
            '["boil_water", 1]',
            "track.katas must be a list of different names of modules, got ['boil_water', 1]",
        ),
        (
            "katas.toml",
            '["boil_water"]',
            '["boil_water"]\n[[track]]\nname = "tea"\ntitle = "again"\nkatas = []',
            "track.name must differ from every other, got 'tea'",
        ),
        (
            "katas.toml",
            '["boil_water"]',
            '["boil_water"]\n[[track]]\nname = "milk"\ntitle = "Milk"\nkatas = ["boil_water"]',
            "track.katas must differ from every other, got 'boil_water'",
        ),
        ("katas.toml", '"tea"', '"tea', "must be TOML, got: *"),
    ],
)
def test_bad_katas_toml(library: Library, file: str, old: str, new: str, message: str) -> None:
    library.edit(f"katas/{file}", old, new)
    with pytest.raises(ValueError, match=one_line(f"katas/{file}", message)):
        library.read()


def one_line(source: str, message: str) -> str:
    """A pattern for the whole message; `*` stands for anything."""
    joint = " " if message.startswith("must be TOML") else ": "
    return "^" + re.escape(source + joint + message).replace(r"\*", ".*") + "$"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "Boil water"', "", "title must be a non-empty string, got nothing"),
        ('title = "Boil water"', "title = 7", "title must be a non-empty string, got 7"),
        ('technique = "heat"', "technique = []", "technique must be a non-empty string, got []"),
        ("minutes = 5", "minuets = 5", f"key must be one of {KATA_KEYS}, got 'minuets'"),
        ("minutes = 5", "minutes = 0", "minutes must be a positive integer, got 0"),
        ("minutes = 5", "minutes = true", "minutes must be a positive integer, got True"),
        (
            "difficulty = 1",
            'difficulty = "easy"',
            "difficulty must be an integer from 1 to 5, got 'easy'",
        ),
        ("difficulty = 1", "difficulty = 6", "difficulty must be an integer from 1 to 5, got 6"),
        ('["A"]', '["F"]', "seed must be a list out of A, B, C, D, E, got ['F']"),
        ('["A"]', '["A", "A"]', "seed must be a list out of A, B, C, D, E, got ['A', 'A']"),
        ('["A"]', "[[]]", "seed must be a list out of A, B, C, D, E, got [[]]"),
        ('"write"', '"read"', "kind must be one of write, fix, break, got 'read'"),
        ("requires = []", 'requires = "x"', "requires must be a list of names of katas, got 'x'"),
        (
            "requires = []",
            'requires = ["brew"]',
            "requires must name katas that stand earlier in katas.toml, got 'brew'",
        ),
        (
            "extras = []",
            'extras = ["numpy"]',
            "extras must be a list out of gevent, aiohttp, aiofiles, hypothesis, got ['numpy']",
        ),
        ("extras = []", "extras = []\nfiles = 1", "files must be a list of file names, got 1"),
        ("extras = []", "extras = [", "must be TOML, got: *"),
    ],
)
def test_bad_kata_toml(library: Library, old: str, new: str, message: str) -> None:
    library.edit(KATA, old, new)
    with pytest.raises(ValueError, match=one_line(KATA, message)):
        library.read().kata("boil_water")


def test_no_file(library: Library) -> None:
    (library.root / KATA).unlink()
    with pytest.raises(ValueError, match=f"^{KATA} must exist, got no such file$"):
        library.read().kata("boil_water")
