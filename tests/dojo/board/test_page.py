"""The page of the board in a real Chromium."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from board_server import Served, served
from browser import Browser, chromium
from selenium.webdriver.common.keys import Keys

from pytest_concurrency._dojo.board import retrospective

pytestmark = pytest.mark.soak

MARKUP = "<img src=x onerror=alert(1)><b>&amp;"


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as found:
        yield found


@pytest.fixture
def browser(window: Browser) -> Iterator[Browser]:
    """The one window, which forgets the page and what it wrote before the board of the test ends."""
    yield window
    window.dye("light")
    window.open("about:blank")
    window.complaints()


@pytest.fixture
def session(tmp_path: Path) -> Path:
    return tmp_path / "dojo.sqlite"


@pytest.fixture
def board(session: Path) -> Iterator[Served]:
    with served(session, "--rotation", "0.05") as found:  # three seconds
        yield found


def test_lights_appear_while_the_page_is_open(board: Served, browser: Browser) -> None:
    browser.open(f"{board.url}/")
    browser.until_text("#nobody", f"katas join {board.url} --name ann-and-bob")
    pairs = [board.join(name) for name in ("ann-and-bob", "cy-and-dan", "eva-and-fay", "gus-and-hal", "ida-and-jo")]
    browser.until(lambda: browser.states() == ["not begun"] * 5, "five rows")
    for pair, state in zip(pairs[1:], ("red", "amber", "green", "hung"), strict=True):
        board.report(pair, state=state, line=f"{state} it is")
    browser.until(lambda: browser.states() == ["not begun", "red", "amber", "green", "hung"], "five states")
    now = "[...document.querySelectorAll('.pair > .now use')]"
    shapes = browser.script(f"return {now}.map((use) => use.getAttribute('href'))")
    assert len(set(shapes)) == 5  # told apart without colour
    drawn = browser.script(f"return {now}.map((use) => use.getBBox().width > 0)")
    assert all(drawn), drawn
    assert browser.text(".is-red .light:last-child title").endswith("two_spiders: red it is")  # what hover shows
    assert browser.text(".is-red .doing").startswith("two_spiders, task 2")
    assert browser.text("#sum") == "5 pairs: 1 not begun, 1 red, 1 amber, 1 green, 1 hung"
    assert browser.complaints() == []


def test_a_name_with_markup_is_text(board: Served, browser: Browser) -> None:
    browser.open(f"{board.url}/")
    pair = board.join(MARKUP)
    board.report(pair, line=MARKUP, kata=MARKUP)
    browser.until_text(".said", MARKUP)
    assert browser.text(".who b") == MARKUP
    assert browser.all("main img") == []
    assert browser.all("main b b") == []
    assert browser.complaints() == []


def test_the_policy_stops_what_is_not_the_pages_own(board: Served, browser: Browser) -> None:
    browser.open(f"{board.url}/")
    browser.script(
        "const made = document.createElement('script');"
        "made.textContent = 'window.caught = 1'; document.body.append(made);"
    )
    assert browser.script("return window.caught === undefined")
    assert any("Content Security Policy" in each for each in browser.complaints())


def test_the_timer_rings_with_sound_and_names_the_next(board: Served, browser: Browser) -> None:
    board.join("ann-and-bob")
    browser.open(f"{board.url}/")
    browser.until_text(".driver", "drives: ann, then bob")
    assert browser.text("#clock") == "0:03"
    browser.one("#sound").send_keys(Keys.ENTER)
    browser.until(lambda: browser.one("#sound").get_attribute("data-beeps") == "1", "a first beep")
    browser.one("#go").send_keys(Keys.SPACE)
    browser.until_text("#ring", "Change over. Now at the keyboard: bob.")
    browser.until_text(".driver", "drives: bob, then ann")
    browser.until(lambda: int(browser.one("#sound").get_attribute("data-beeps") or 0) >= 4, "three beeps more")
    browser.one("#go").send_keys(Keys.SPACE)
    browser.until_text("#go", "Start")
    turn = board.state()["timer"]["turn"]
    browser.one("#skip").send_keys(Keys.ENTER)
    browser.until(lambda: board.state()["timer"]["turn"] == turn + 1, "the next turn")
    # `clear` would leave the field, and let the next state be written into it before the 7.
    browser.one("#minutes").send_keys(Keys.CONTROL, "a", Keys.NULL, "7", Keys.TAB)
    browser.until(lambda: board.state()["timer"]["length"] == 420, "seven minutes")
    assert browser.complaints() == []


def test_a_prediction_is_kept_and_scored(board: Served, browser: Browser) -> None:
    pair = board.join("ann-and-bob")
    browser.open(f"{board.url}/")
    sent = {"pair": pair["pair"], "key": pair["key"], "says": "fail", "test": "test_side_by_side"}
    board.ask("predict", sent)
    browser.until_text(".guess", "predicts: fail test_side_by_side")
    browser.driver.refresh()
    browser.until_text(".guess", "predicts: fail test_side_by_side")
    board.report(pair)
    browser.until_text(".score", "2 points in 1, last 2")
    assert browser.all(".guess") == []


def test_the_keyboard_leads_along_the_lights(board: Served, browser: Browser) -> None:
    pair = board.join("ann-and-bob")
    board.report(pair)
    browser.open(f"{board.url}/")
    browser.until(lambda: browser.all(".light"), "a light")
    names = []
    for _ in range(5):
        browser.driver.switch_to.active_element.send_keys(Keys.TAB)
        active = browser.driver.switch_to.active_element
        names.append(active.get_attribute("id") or active.get_attribute("class"))
    assert names == ["go", "skip", "sound", "minutes", "lights"]
    assert "minute 1: red: a test fails — two_spiders: the spiders ran" in browser.text("#detail")
    for key in (Keys.HOME, Keys.ARROW_RIGHT, Keys.ARROW_LEFT, Keys.END):
        browser.driver.switch_to.active_element.send_keys(key)
    board.report(pair, state="green", line="")
    browser.until(lambda: browser.states() == ["green"], "green")
    assert browser.driver.switch_to.active_element.get_attribute("class") == "lights"  # the redrawn row keeps it


def test_a_lost_connection_comes_back_by_itself(session: Path, browser: Browser) -> None:
    with served(session) as board:
        pair, port = board.join("ann-and-bob"), board.url.rpartition(":")[2]
        browser.open(f"{board.url}/")
        browser.until(lambda: browser.states() == ["not begun"], "a row")
    browser.until(lambda: browser.one("#lost").is_displayed(), "the loss")
    with served(session, "--port", port) as board:
        browser.until(lambda: not browser.one("#lost").is_displayed(), "the connection")
        board.report(pair)
        browser.until(lambda: browser.states() == ["red"], "the report")
    browser.complaints()  # the browser has written of the connection, rightly


STATES: dict[str, str] = {"n": "not begun", "r": "red", "g": "green", "a": "amber", "h": "hung"}
LINES: dict[str, str] = {
    "r": "the spiders ran one after the other: 8 s instead of 5 s; start both before you join one",
    "h": "test_side_by_side[3-5] did not end within 8 s",
    "a": "SyntaxError: '(' was never closed",
}
STORIES = {
    "ann-and-bob": "nrrr grrg",
    "Ćwikła & Ölschläger": "nnahhrg",
    "王芳和李娜": "rgr  rgrg",
    "x" * 60: "rrrhhaar",
    MARKUP: "n   ",
}


@pytest.fixture
def hour(session: Path) -> Iterator[Served]:
    """A board whose session began an hour ago, with what five pairs have done since then."""
    with served(session) as board:
        pairs = [board.join(name) for name in STORIES]
    base = sqlite3.connect(session)
    base.execute("update session set began = began - 3600")
    base.commit()
    base.close()
    with served(session) as board:
        for pair, story in zip(pairs, STORIES.values(), strict=True):
            for minute, letter in enumerate((story * 9)[:58]):
                if letter != " ":
                    state = STATES[letter]
                    tasks = {"1": "green", "2": state, "3": "not begun"}
                    board.report(pair, state=state, line=LINES.get(letter, ""), tasks=tasks, ago=3540 - 60 * minute)
        board.ask("predict", {"pair": pair["pair"], "key": pair["key"], "says": "fail", "test": "test_side_by_side"})
        yield board


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1920])
def test_it_fits_every_width(hour: Served, browser: Browser, width: int, scheme: str) -> None:
    browser.dye(scheme)
    browser.open(f"{hour.url}/", width, 900)
    browser.until(lambda: len(browser.states()) == 5, "five rows")
    browser.picture(f"board-{width}-{scheme}")
    assert f"katas join {hour.url} --name" in browser.text("#more")  # whoever comes late reads it from the wall
    assert min(browser.contrasts()) >= 3  # of signs and writing to what is behind them
    assert browser.overflow() <= 0
    everything = "[...document.querySelectorAll('body *')]"
    sizes = browser.script(f"return {everything}.map((each) => parseFloat(getComputedStyle(each).fontSize))")
    assert min(sizes) >= 12
    assert browser.complaints() == []


def test_the_retrospective_needs_no_server(hour: Served, session: Path, browser: Browser, tmp_path: Path) -> None:
    hour.stop()
    page = tmp_path / "retrospective.html"
    retrospective.export(session, page)
    for width in (360, 1920):
        for scheme in ("light", "dark"):
            browser.dye(scheme)
            browser.open(page.as_uri(), width, 900)
            browser.picture(f"retrospective-{width}-{scheme}")
            assert browser.overflow() <= 0
            assert min(browser.contrasts()) >= 3
    assert len(browser.all("section")) == 5
    assert browser.text("section:last-of-type h2").strip().endswith(MARKUP)
    assert browser.all("section img") == []
    drawn = browser.script("return [...document.querySelectorAll('.light')].map((svg) => svg.getBBox().width > 0)")
    assert len(drawn) > 200
    assert all(drawn)
    assert browser.complaints() == []
