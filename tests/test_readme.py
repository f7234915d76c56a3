"""README and site show files that run, and what they really print."""

import re
import subprocess
import sys
from itertools import groupby
from typing import Any

import pytest
from documents import PROJECT, Block, blocks, pages, source

pytestmark = pytest.mark.slow

BLOCKS = blocks()
CODE = [each for each in BLOCKS if each.example and not each.is_printed]
PRINTED = sorted((each for each in BLOCKS if each.is_printed), key=lambda each: each.session)
SESSIONS = [list(same) for _, same in groupby(PRINTED, lambda each: each.session)]


def on_one_python(same: list[Block]) -> Any:
    """Return a parameter: what the README shows is tried on each Python, what only the site shows on one."""
    marks = [] if any(each.page == "README.md" for each in same) else [pytest.mark.soak]
    return pytest.param(same, marks=marks, id=" ".join(same[0].session))


def alike(text: str) -> str:
    """Return a line without what differs from run to run: numbers of threads, times, tokens of long tests."""
    text = re.sub(r"Thread-\d+", "Thread-N", re.sub(r"\b\d+\.\d+ ?s\b", "N s", text))
    text = re.sub(
        r"\d+ other orders? in N s, none", "N other orders in N s, none", text
    )  # as many as there is time for
    return re.sub(r"(  again: .* --race-replay=).*", r"\1…", text).rstrip()


def missing(shown: str, printed: list[str]) -> list[str]:
    """Return the first line that is shown and not printed below the ones before it."""
    rest = iter([alike(line) for line in printed])
    for line in shown.splitlines():
        if line.strip() != "…" and alike(line) not in rest:
            return [line]
    return []


@pytest.mark.parametrize(
    "block", [each for each in CODE if not each.is_mended], ids=lambda block: f"{block.page}-{block.example}"
)
def test_an_example_is_the_file_that_runs(block: Block) -> None:
    assert block.text.strip() == (PROJECT / block.example).read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("same", [on_one_python(each) for each in SESSIONS])
def test_it_prints_what_is_shown(pytester: pytest.Pytester, same: list[Block]) -> None:
    if same[0].name:
        (pytester.path / same[0].name).write_text(source(same[0]), encoding="utf-8")
        result = pytester.runpytest_subprocess("-p", "no:asyncio", *same[0].session[1:], timeout=60)
        printed = result.outlines
    else:
        script = PROJECT / same[0].example
        ran = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, timeout=60)
        printed = ran.stdout.splitlines()
    for block in same:
        shown = block.text.partition("\n")[2] if block.name else block.text
        assert missing(shown, printed) == [], block.page


@pytest.mark.soak
def test_what_is_mended_passes(pytester: pytest.Pytester) -> None:
    done = {each.example: each for each in CODE if each.is_mended}
    for example, block in done.items():
        name = example.rpartition("/")[2].replace("_example", "")
        (pytester.path / f"test_{name}").write_text(source(block), encoding="utf-8")
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "--interleave", timeout=120)
    result.assert_outcomes(passed=len(done))
    assert result.ret == pytest.ExitCode.OK


def test_parts_are_told_as_shown(pytester: pytest.Pytester) -> None:
    (shown,) = (
        each.text for each in BLOCKS if each.page == "docs/guide/shards.md" and each.text.startswith("$ pytest")
    )
    text = (PROJECT / "tests" / "examples" / "tills_example.py").read_text(encoding="utf-8")
    (pytester.path / "test_tills.py").write_text(text, encoding="utf-8")
    _, told, passed = shown.splitlines()
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "-n", "2", "-v", timeout=120)
    assert told in result.outlines
    assert passed.partition(" in ")[0] in result.outlines[-1]


def test_the_other_examples_pass(pytester: pytest.Pytester) -> None:
    for name in ("spiders", "play", "drawn"):
        text = (PROJECT / "tests" / "examples" / f"{name}_example.py").read_text(encoding="utf-8")
        (pytester.path / f"test_{name}.py").write_text(text, encoding="utf-8")
    pytester.runpytest_subprocess("-p", "no:asyncio", timeout=60).assert_outcomes(passed=5)


@pytest.mark.soak
@pytest.mark.parametrize("page", ["docs/katas.md"])
def test_katas_that_nobody_has_begun(page: str) -> None:
    (shown,) = (each.text for each in BLOCKS if each.page == page and each.text.startswith("$ uv run pytest katas"))
    first, _, text = shown.partition("\n")
    run = [sys.executable, "-m", *first.split()[3:], "-p", "no:asyncio"]
    ran = subprocess.run(run, capture_output=True, text=True, check=False, timeout=60, cwd=PROJECT)
    assert missing(text, ran.stdout.splitlines()) == []


def test_every_example_is_run() -> None:
    shown = {each.example for each in BLOCKS if each.is_printed or each.is_mended}
    run = {f"tests/examples/{name}_example.py" for name in ("spiders", "play", "drawn", "tills")}
    assert {each.example for each in CODE} - shown - run == set()


def test_no_block_of_code_or_output_is_untried() -> None:
    untried = [
        f"{each.page}: {each.text.partition(chr(10))[0]}"
        for each in BLOCKS
        if each.language in ("", "text", "python", "pycon")
        and not each.example
        and not each.seen_by
        and each.note != "measured"
    ]
    assert untried == []
    assert {each.page for each in BLOCKS if each.note == "measured"} == {"docs/explanation/tried.md"}
    for block in BLOCKS:
        if block.seen_by:
            assert block.page.rpartition("/")[2] in (PROJECT / block.seen_by).read_text(encoding="utf-8")


@pytest.mark.parametrize("block", [each for each in BLOCKS if each.language == "ini"], ids=lambda block: block.page)
def test_an_ini_file_is_taken(pytester: pytest.Pytester, block: Block) -> None:
    (pytester.path / "pytest.ini").write_text(block.text, encoding="utf-8")
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "--strict-config", timeout=60)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_no_block_is_hidden_from_these_tests() -> None:
    for page in pages():
        fences = re.findall(r"^\s*```", page.read_text(encoding="utf-8"), re.MULTILINE)
        known = [each for each in BLOCKS if each.page == page.relative_to(PROJECT).as_posix()]
        assert len(fences) == 2 * len(known), page
