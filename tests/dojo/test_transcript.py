"""The transcript in the README is what a learner sees who begins in an empty folder."""

import re
import sys
from pathlib import Path

import pytest
from terminal import terminal

pytestmark = pytest.mark.soak

PROJECT = Path(__file__).parents[2]
KATAS = [sys.executable, "-m", "pytest_concurrency._dojo"]
KEYS = "h hint   n next   r run   l list   q quit"
SPIDERS = "katas/threads/two_spiders/two_spiders.py"
RIGHT = PROJECT / "reference/threads/two_spiders/two_spiders.py"
START = "    threads = [start_spider(crawl, site, seconds) for site, seconds in (first, second)]\n"
WRONG = "    start_spider(crawl, *first).join()\n    start_spider(crawl, *second).join()\n    threads = []\n"


def play(folder: Path) -> list[str]:
    """Make a folder, watch it, edit wrongly, then rightly, and go on; return the screens."""
    with terminal([*KATAS, "init", "my-katas"], folder) as init:
        screens = [init.until("says what to do.")]
    root = folder / "my-katas"
    right = RIGHT.read_text(encoding="utf-8")
    assert START in right
    with terminal([*KATAS, "watch"], root, lines=21) as watch:
        watch.until("two_spiders: not begun", KEYS)
        (root / SPIDERS).write_text(right.replace(START, WRONG), encoding="utf-8")
        screens.append(watch.until("two_spiders: red", KEYS))
        (root / SPIDERS).write_text(right, encoding="utf-8")
        screens.append(watch.until("two_spiders: green", KEYS))
        watch.press("n")
        screens.append(watch.until("io_bound_speedup: not begun", KEYS))
        watch.press("q")
        assert watch.process.wait(30) == 0
    return screens


def alike(text: str) -> list[str]:
    """The lines of a screen, without what differs from run to run: times, and how many files there are."""
    text = re.sub(r"\d+\.\d s\b", "N s", re.sub(r"\b\d+ files", "N files", text))
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def test_the_transcript_of_the_readme(tmp_path: Path) -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"^```text\n\$ uvx .*?\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    assert found
    shown = [line for line in alike(found[1]) if not line.startswith(("$ ", "# "))]
    assert shown == [line for screen in play(tmp_path) for line in alike(screen)]
