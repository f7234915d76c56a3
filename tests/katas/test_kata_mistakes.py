"""A mistake is told in one line when it cannot be made; else it is a value, and then a source."""

import re

import pytest
from kata_library import Library

from pytest_concurrency._katas import mistakes, sources
from pytest_concurrency._katas.mistakes import Edit, Mistake
from pytest_concurrency._katas.sources import Source

WORKED = "reference/tea/boil_water"
MISTAKES = f"{WORKED}/mistakes.toml"
KEYS = "does, why, test, message, same_words_as, from, also, imports, file, replace, with, edit"
WAYS = "have either replace and with, or edit, or file"
REPLACE = """replace = '    return ["hot"] * litres'"""
WITH = """with = '    return ["cold"] * litres'"""
FORMULA = """
    \"\"\"Boil water: the worked solution,
    as it is best known.\"\"\"

    from __future__ import annotations

    import math

    HOT = "hot"


    def boil(litres):
        cup = HOT
        return [cup] * litres
"""


def known(library: Library) -> dict[str, Mistake]:
    curriculum = library.read()
    return {each.name: each for each in mistakes.read(curriculum, curriculum.kata("boil_water"))}


def made(library: Library, name: str = "cold") -> tuple[Source, ...]:
    curriculum = library.read()
    return sources.of(curriculum, curriculum.kata("boil_water"), known(library)[name])


def test_values(library: Library) -> None:
    found = known(library)
    assert list(found) == ["cold", "one", "dry"]
    assert found["dry"] == Mistake(
        "dry",
        "Boils no water at all.",
        "no water",
        "test_hot",
        ("the water is []",),
        bases=("approaches/loop",),
        edits=(Edit('    return ["hot" for _ in range(litres)]', '    return ["hot" for _ in range(0)]'),),
    )
    assert (found["one"].edits, found["one"].file) == ((), "wrong/one.py")


def test_the_reference_is_edited(library: Library) -> None:
    (source,) = made(library)
    assert (source.mistake.name, source.name, source.file) == ("cold", "cold", None)
    assert source.text == '# Forgets to switch it on.\ndef boil(litres):\n    return ["cold"] * litres\n'
    file = source.write(library.root / "a/b")
    assert (file, file.read_text(encoding="utf-8")) == (library.root / "a/b/cold.py", source.text)


def test_an_approach_is_edited(library: Library) -> None:
    (source,) = made(library, "dry")
    assert source.text == '# Boils no water at all.\ndef boil(litres):\n    return ["hot" for _ in range(0)]\n'


def test_a_file_stays_where_it_is(library: Library) -> None:
    (source,) = made(library, "one")
    file = library.root / WORKED / "wrong/one.py"
    assert source.write(library.root) == file
    assert source.text == file.read_text(encoding="utf-8")


def test_the_same_edit_on_further_bases(library: Library) -> None:
    for name in ("cup", "pot"):
        text = '    return ["hot"] * litres'
        library.write(f"{WORKED}/approaches/{name}.py", f"def boil(litres):\n    {name} = litres\n{text}")
    library.edit(MISTAKES, WITH, f"{WITH}\nalso = ['approaches/cup', 'approaches/pot']")
    found = made(library)
    assert [source.name for source in found] == ["cold", "cold_on_cup", "cold_on_pot"]
    assert [source.text.splitlines()[2:] for source in found[1:]] == [
        [f"    {name} = litres", '    return ["cold"] * litres'] for name in ("cup", "pot")
    ]


def test_the_reference_as_a_further_base(library: Library) -> None:
    library.write(f"{WORKED}/approaches/cup.py", 'def boil(litres):\n    return ["hot"] * litres')
    library.edit(MISTAKES, WITH, f"{WITH}\nfrom = 'approaches/cup'\nalso = ['reference']")
    assert [source.name for source in made(library)] == ["cold", "cold_on_reference"]


def test_several_edits_and_imports(library: Library) -> None:
    library.write(f"{WORKED}/boil_water.py", FORMULA)
    edits = (
        "imports = ['import time', 'from os import path']\n"
        "[[cold.edit]]\nreplace = '''\n    cup = HOT\n    return [cup] * litres'''\nwith = '''\n\n    return []'''\n"
        "[[cold.edit]]\nreplace = 'HOT = \"hot\"'\nwith = ''"
    )
    library.edit(MISTAKES, f"{REPLACE}\n{WITH}", edits)
    assert made(library)[0].text.splitlines() == [
        "# Forgets to switch it on.",
        *["", "", "", "from __future__ import annotations", "import time", "from os import path", ""],
        *["import math", "", "", "", "def boil(litres):", "", "    return []"],
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[cold]", "['co ld']", "table must be named like a module, got 'co ld'"),
        ("[cold]", "warm = 1\n[cold]", "table must be named like a module, got 'warm'"),
        ("[cold]", "[cold]\nbecause = 1", f"cold.key must be one of {KEYS}, got 'because'"),
        ("[one]", "[cold]", "must be TOML, got: *"),
        ("[cold]", "[loop]", "table must differ in name from every other mistake and approach, got 'loop'"),
        ('does = "Forgets to switch it on."', "", "cold.does must be one line of text, got nothing"),
        ('"no heat"', '"no\\nheat"', "cold.why must be one line of text, got 'no\\nheat'"),
        ('test = "test_hot"', 'test = "hot"', "cold.test must be the name of a test function, got 'hot'"),
        ('["the water is []"]', "[]", "dry.message must be a non-empty list of non-empty strings, got []"),
        ('["the water is []"]', '"x"', "dry.message must be a non-empty list of non-empty strings, got 'x'"),
        (f"{REPLACE}\n{WITH}", "", f"cold must {WAYS}, got nothing"),
        (REPLACE, f"{REPLACE}\nfile = 'wrong/cold.py'", f"cold must {WAYS}, got ['replace', 'with', 'file']"),
        (REPLACE, f"{REPLACE}\nedit = [{{}}]", f"cold must {WAYS}, got ['replace', 'with', 'edit']"),
        (REPLACE, "", "cold.replace must be a non-empty string, got nothing"),
        (REPLACE, "replace = ' '", "cold.replace must be a non-empty string, got ' '"),
        (WITH, "", "cold.with must be a string, got nothing"),
        (WITH, "with = 1", "cold.with must be a string, got 1"),
        (WITH, REPLACE.replace("replace", "with"), "cold.with must differ from replace, got *"),
        (f"{REPLACE}\n{WITH}", "edit = []", "cold.edit must be a list of tables, got []"),
        (f"{REPLACE}\n{WITH}", "edit = [{}]", "cold.edit 1.replace must be a non-empty string, got nothing"),
        (
            f"{REPLACE}\n{WITH}",
            f"[[cold.edit]]\n{REPLACE}\n{WITH}\n[[cold.edit]]\nat = 3",
            "cold.edit 2.key must be one of replace, with, got 'at'",
        ),
        (WITH, f"{WITH}\nfrom = 'loop'", "cold.from must be 'approaches/NAME', got 'loop'"),
        (WITH, f"{WITH}\nfrom = 'reference'", "cold.from must be 'approaches/NAME', got 'reference'"),
        (WITH, f"{WITH}\nfrom = 'approaches/pot'", "cold.from must name a solution that is there, got *pot'"),
        (WITH, f"{WITH}\nalso = ['approaches/pot']", "cold.also must name a solution that is there, got *pot'"),
        (
            WITH,
            f"{WITH}\nalso = ['loop']",
            "cold.also must be a list out of 'reference' and 'approaches/NAME', got ['loop']",
        ),
        (WITH, f"{WITH}\nalso = ['reference']", "cold.also must differ from the base of the edit, got ['reference']"),
        (WITH, f"{WITH}\nimports = ['time']", "cold.imports must be a list of lines that import, got ['time']"),
        ("[one]", "[one]\nfrom = 'approaches/loop'", "one.from must go, as the mistake is a file, got *loop'"),
        ("[one]", "[one]\nimports = ['import os']", "one.imports must go, as the mistake is a file, got *"),
        ("wrong/one.py", "wrong/two.py", "one.file must be 'wrong/one.py', got 'wrong/two.py'"),
        ("[one]", "[cold.same_words_as]\nice = 'x'\n[one]", "cold.same_words_as must name another *, got 'ice'"),
        ("[one]", "[cold.same_words_as]\ncold = 'x'\n[one]", "cold.same_words_as must name another *, got 'cold'"),
        ("[one]", "[cold.same_words_as]\ndry = ''\n[one]", "cold.same_words_as must be a table of *, got {'dry': ''}"),
    ],
)
def test_what_is_refused(library: Library, old: str, new: str, message: str) -> None:
    library.edit(MISTAKES, old, new)
    joint = " " if message.startswith("must be TOML") else ": "
    pattern = re.escape(MISTAKES + joint + message).replace(r"\*", ".*")
    with pytest.raises(ValueError, match=f"^{pattern}$"):
        known(library)


def test_a_name_that_a_further_base_takes(library: Library) -> None:
    library.edit(MISTAKES, "[dry]", "[cold_on_loop]")
    library.edit(MISTAKES, WITH, f"{WITH}\nalso = ['approaches/loop']")
    with pytest.raises(ValueError, match=r"must differ in name from every other .*, got 'cold_on_loop'"):
        known(library)


def test_no_file(library: Library) -> None:
    (library.root / WORKED / "wrong/one.py").unlink()
    with pytest.raises(ValueError, match=f"^{MISTAKES}: one.file must exist, got 'wrong/one.py'$"):
        known(library)
    (library.root / MISTAKES).unlink()
    with pytest.raises(ValueError, match=f"^{MISTAKES} must exist, got no such file$"):
        known(library)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ("replace = '    return'\nwith = ''", "replace what occurs once in boil_water.py, got 0 times '    return'"),
        ("replace = 'a'\nwith = ''", "replace what occurs once in boil_water.py, got 2 times 'a'"),
        ("replace = '''\na\nb'''\nwith = 'c'", None),
        (
            "[[cold.edit]]\nreplace = '''\na\nb'''\nwith = 'c'\n[[cold.edit]]\nreplace = '''\nb\na'''\nwith = 'c'",
            "edit each line of boil_water.py once, got two edits of 'b'",
        ),
        ("replace = 'b'\nwith = '''\nb\n c'''", "make Python of boil_water.py, got line 3: unexpected indent"),
        ("[[cold.edit]]\nreplace = 'b'\nwith = 'x'\n[[cold.edit]]\nreplace = 'x'\nwith = 'y'", "* got 0 times 'x'"),
    ],
)
def test_an_edit_that_does_not_fit(library: Library, edit: str, message: str | None) -> None:
    library.write(f"{WORKED}/boil_water.py", "a\nb\na")
    library.edit(MISTAKES, f"{REPLACE}\n{WITH}", edit)
    if message is None:
        assert made(library)[0].text == "# Forgets to switch it on.\nc\na\n"
        return
    pattern = re.escape(f"{MISTAKES}: cold must {message}").replace(r"\*", ".*")
    with pytest.raises(ValueError, match=f"^{pattern}$"):
        made(library)


def test_an_edit_must_occur_once_in_every_base(library: Library) -> None:
    library.edit(MISTAKES, WITH, f"{WITH}\nalso = ['approaches/loop']")
    with pytest.raises(ValueError, match=r"cold must replace what occurs once in loop.py, got 0 times"):
        made(library)


def test_the_list(library: Library) -> None:
    curriculum = library.read()
    kata = curriculum.kata("boil_water")
    assert mistakes.listing(kata, mistakes.read(curriculum, kata)).splitlines() == [
        "boil_water: 3 mistakes, each for --solution",
        "  cold  Forgets to switch it on.",
        "  one   Boils what fits into the kettle.",
        "  dry   Boils no water at all.",
    ]
