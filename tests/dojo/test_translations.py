"""Texts in another language, and whether they still follow the English ones."""

import pytest
from kata_library import Library

from pytest_concurrency._dojo import bundle, hints, translations
from pytest_concurrency._dojo.translations import LANGUAGES
from pytest_concurrency._katas import check, index, mistakes
from pytest_concurrency._katas.index import Curriculum

README = "katas/tea/boil_water/README"


@pytest.fixture
def curriculum(library: Library, monkeypatch: pytest.MonkeyPatch) -> Curriculum:
    monkeypatch.setattr(translations, "COMPLETE", {"zh": ("tea",)})
    for name in ("katas/tea/README", README, "katas/tea/boil_water/hints"):
        english = library.root / f"{name}.md"
        text = english.read_text(encoding="utf-8").replace("Boil water", "烧水").replace("A nudge", "轻推一下")
        library.write(f"{name}.zh.md", translations.stamp(english) + text)
    return library.read()


def test_what_follows_its_english_text_is_right(curriculum: Curriculum) -> None:
    assert translations.complaints(curriculum, "zh") == []
    kata = curriculum.kata("boil_water")
    assert (translations.title(kata, "zh"), translations.title(kata, "en")) == ("烧水", "Boil water")
    assert translations.tasks(kata, "zh") == {1: "Boil one", 2: "Boil more"}
    assert translations.text(kata.folder / "README.md", "zh").startswith("# 烧水")
    assert hints.read(translations.text(kata.folder / "hints.md", "zh"))[1][0].title == "轻推一下"
    assert translations.heading(curriculum.katas / "tea/absent.md", "zh", "Tea") == "Tea"


def test_a_missing_translation_is_named(curriculum: Curriculum, library: Library) -> None:
    (library.root / f"{README}.zh.md").unlink()
    assert translations.complaints(curriculum, "zh") == [f"{README}.zh.md must translate README.md, got no such file"]
    assert translations.title(curriculum.kata("boil_water"), "zh") == "Boil water"


def test_an_outdated_translation_is_named(curriculum: Curriculum, library: Library) -> None:
    library.edit(f"{README}.md", "Cold water.", "Cold water, and too little.")
    (line,) = translations.complaints(curriculum, "zh")
    assert line.startswith(
        f"{README}.zh.md is outdated: README.md has changed; translate the change, then begin with '<!--"
    )


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("<!-- translated", "<!-- written", "must begin with '<!-- translated from README.md, sha256 "),
        ("## Traps", "Traps", "must have as many headings as the English text, 5, got 4"),
        ("2. **Boil more.**", "2. Boil more.", "must have as many tasks as the English text, 2, got 1"),
        ("Cold water.", "```\nx\n```", "must have as many blocks of code as the English text, 0, got 2"),
    ],
)
def test_a_translation_of_another_shape_is_named(
    curriculum: Curriculum, library: Library, old: str, new: str, line: str
) -> None:
    library.edit(f"{README}.zh.md", old, new)
    (found,) = translations.complaints(curriculum, "zh")
    assert found.startswith(f"{README}.zh.md {line}")


def test_a_translation_of_nothing_is_named(curriculum: Curriculum, library: Library) -> None:
    library.write("katas/tea/more.zh.md", "x")
    assert translations.complaints(curriculum, "zh") == [
        "katas/tea/more.zh.md must lie beside more.md, got no such file"
    ]


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_the_translations_of_the_katas_are_complete_and_follow(language: str) -> None:
    brought = bundle.find()
    found = index.read_curriculum(brought.katas, brought.reference)
    assert translations.complaints(found, language) == []


def test_a_kata_may_hold_translations(curriculum: Curriculum) -> None:
    kata = curriculum.kata("boil_water")
    assert check.complaints(curriculum, kata, mistakes.read(curriculum, kata)) == []
