"""The site, as it is built: where its links lead, what stands in it, and how a real Chromium shows it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from browser import Browser, chromium

import pytest_concurrency
from pytest_concurrency._core import strategies
from pytest_concurrency._plugin.options import SETTINGS

pytestmark = pytest.mark.soak

DOCS = Path(__file__).parent.parent / "docs"
PAGES = [
    "index",
    "tutorial",
    "how-to/cache",
    "guide/processes",
    "reference/settings",
    "reference/functions",
    "what-is-seen",
]


class Links(HTMLParser):
    """What a page links to, what may be linked to in it, and what it loads."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.loads: list[str] = []
        self.text: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag in ("link", "script", "img") and (given.get("src") or given.get("rel") == "stylesheet"):
            self.loads.append(given.get("src") or given["href"])

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site: the one that was built just now, or one built for these tests."""
    if given := os.environ.get("SITE"):
        return Path(given)
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", str(DOCS), str(folder)]
    subprocess.run(build, check=True, timeout=300)
    return folder


@pytest.fixture(scope="module")
def found(site: Path) -> dict[Path, Links]:
    return {page.resolve(): Links(page) for page in site.rglob("*.html")}


def test_every_link_leads_to_a_page_and_an_anchor(found: dict[Path, Links]) -> None:
    lost = []
    for page, links in found.items():
        for link in links.links:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            there = target in found and (not parts.fragment or parts.fragment in found[target].anchors)
            if not there and target.suffix == ".html":
                lost.append(f"{page.name}: {link}")
    assert lost == []
    assert sum(len(links.links) for links in found.values()) > 500


def test_nothing_is_loaded_from_elsewhere(found: dict[Path, Links]) -> None:
    assert {load for links in found.values() for load in links.loads if urlsplit(load).netloc} == set()


def test_every_public_name_and_setting_is_documented(found: dict[Path, Links]) -> None:
    anchors = set().union(*(links.anchors for links in found.values()))
    assert [name for name in pytest_concurrency.__all__ if not any(each.endswith(f".{name}") for each in anchors)] == []
    (settings,) = (links for page, links in found.items() if page.parts[-2:] == ("reference", "settings.html"))
    assert [name for name in SETTINGS if name not in settings.text] == []
    (chosen,) = (links for page, links in found.items() if page.parts[-2:] == ("reference", "strategies.html"))
    assert [name for name in strategies.NAMES if name not in chosen.text] == []


def test_what_contributors_write_of_changes_is_no_page(site: Path) -> None:
    assert not (site / "changes").exists()
    assert (site / "what-is-seen.html").is_file()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as window:
        yield window


@pytest.mark.parametrize("width", [360, 1920])
@pytest.mark.parametrize("page", PAGES)
def test_it_fits(site: Path, browser: Browser, page: str, width: int) -> None:
    browser.open((site / f"{page}.html").as_uri(), width, 900)
    browser.until(lambda: browser.script("return document.documentElement.clientWidth") == width, "the page's width")
    browser.picture(f"site-{page.replace('/', '-')}-{width}")
    assert browser.overflow() <= 0
    assert browser.complaints() == []
    sizes = browser.script(
        "return [...document.querySelectorAll('article *')].map((x) => parseFloat(getComputedStyle(x).fontSize))"
    )
    assert min(sizes) >= 11


def test_every_page_fits_a_phone(site: Path, found: dict[Path, Links], browser: Browser) -> None:
    wide = []
    for page in found:
        browser.open(page.as_uri(), 360, 900)
        browser.until(lambda: browser.script("return document.documentElement.clientWidth") == 360, "the page's width")
        if browser.overflow() > 0:
            wide.append(page.relative_to(site.resolve()))
    assert wide == []
