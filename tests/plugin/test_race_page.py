"""The page of `--race-html` in a real Chromium: stepped through, read, copied from, in every width and both colours."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Browser, chromium
from selenium.webdriver.common.keys import Keys

from pytest_concurrency._core.telling.page import render_page
from pytest_concurrency._core.telling.picture import picture
from pytest_concurrency._explore.exploration import Exploration
from pytest_concurrency._explore.plan import Plan
from pytest_concurrency._sight.watching import Watch

pytestmark = pytest.mark.soak

MARKUP = "</script><b>Ann</b>"
COMMAND = "pytest 'test_it.py::test_it[<b>]' --race-replay=1-2-3"


class Account:
    def __init__(self) -> None:
        self.balance = 100
        self.lock = threading.Lock()

    def withdraw(self, amount: int) -> None:
        if self.balance >= amount:
            with self.lock:
                self.balance -= amount


def overdrawn() -> None:
    account = Account()
    threads = [threading.Thread(target=account.withdraw, args=(70,), name=name) for name in (MARKUP, "Ben")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert account.balance >= 0, "<img src=x onerror=alert(1)>" + "x" * 200


def crowded() -> None:
    lock = threading.Lock()
    other = threading.Lock()

    def take(first: Any, second: Any) -> None:
        with first, second:
            pass

    pairs = [(lock, other), (other, lock)] * 6
    threads = [
        threading.Thread(target=take, args=pair, name=f"worker of a long name {n}") for n, pair in enumerate(pairs)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def failure(name: str, scenario: Any) -> dict[str, Any]:
    watch = Watch([Path(__file__).parent])
    verdict = Exploration(scenario, Plan(draws=True), watch, owner=name, command=lambda _: COMMAND).run()
    assert verdict.error is not None, str(verdict)
    return picture(f"tests/test_it.py::{name}", verdict.error.report)


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as found:
        found.driver.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["clipboardReadWrite"]})
        yield found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "page.html"
    pictures = [failure("test_overdrawn", overdrawn), failure("test_crowded", crowded)]
    file.write_text(render_page(pictures), encoding="utf-8")
    return file


@pytest.fixture
def browser(window: Browser, page: Path) -> Iterator[Browser]:
    """The one window, with the page; what it has written into its console must be nothing."""
    window.complaints()
    window.open(page.as_uri())
    yield window
    assert window.complaints() == []
    window.open("about:blank")


def press(browser: Browser, *keys: str) -> None:
    for key in keys:
        browser.driver.switch_to.active_element.send_keys(key)


def shown(browser: Browser) -> tuple[str, str]:
    """What the first stepper says: which step, and what is done there."""
    return browser.text("#f1 .count"), browser.text("#f1 .now")


def test_keys_lead_through_the_steps(browser: Browser) -> None:
    count = len(browser.all("#f1 .step"))
    assert shown(browser)[0] == f"step 1 of {count}"
    press(browser, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert shown(browser)[0] == f"step 3 of {count}"
    press(browser, Keys.ARROW_LEFT)
    assert shown(browser)[0] == f"step 2 of {count}"
    press(browser, Keys.END)
    assert shown(browser)[0] == f"step {count} of {count}"
    did = [each.text for each in browser.all("#f1 .did")]
    assert any("write balance = -40" in each for each in did), did
    assert did[-1].partition(" test_race_page.py:")[0] in shown(browser)[1]
    press(browser, Keys.ARROW_RIGHT)
    assert shown(browser)[0] == f"step {count} of {count}"
    press(browser, Keys.HOME, Keys.ARROW_LEFT)
    assert shown(browser)[0] == f"step 1 of {count}"


def test_buttons_do_what_the_keys_do(browser: Browser) -> None:
    count = len(browser.all("#f1 .step"))
    for name, at in (("last", count), ("back", count - 1), ("on", count), ("first", 1)):
        browser.one(f"#f1 [data-go={name}]").click()
        assert shown(browser)[0] == f"step {at} of {count}"
    assert browser.one("#f1 [data-go=first]").get_attribute("aria-disabled") == "true"
    browser.all("#f1 .step")[4].click()
    assert shown(browser)[0] == f"step 5 of {count}"
    for button in browser.all("button"):
        assert button.get_attribute("aria-label") or button.text


def test_each_step_marks_its_line_of_the_source(browser: Browser) -> None:
    steps = browser.all("#f1 .step")
    for number in range(len(steps)):
        marked = browser.script(
            "return [...document.querySelectorAll('#f1 .line.here')].map((each) => each.dataset.line)"
        )
        where = steps[number].find_element("css selector", "small").get_attribute("textContent") or ""
        wanted = where.rpartition(":")[2]
        assert marked == ([wanted] if wanted else []), number
        press(browser, Keys.ARROW_RIGHT)
    press(browser, Keys.HOME, Keys.ARROW_RIGHT)
    inside = """const line = document.querySelector('#f1 .line.here').getBoundingClientRect();
    const pane = document.querySelector('#f1 .source:not([hidden]) pre').getBoundingClientRect();
    return pane.top <= line.top && line.bottom <= pane.bottom"""
    assert browser.script(inside)


def test_each_step_says_who_holds_what_and_who_waits(browser: Browser) -> None:
    press(browser, Keys.TAB)
    browser.one("#f2 .steps").click()
    press(browser, Keys.END)
    said = [each.text for each in browser.all("#f2 .standing dd")]
    assert any("holds Lock `lock`" in each for each in said), said
    assert any("waits for Lock `lock`, held by worker of a long name" in each for each in said), said
    assert browser.text("#f1 .count").startswith("step 1 of")  # the keys go to the one that was used last
    press(browser, Keys.HOME)
    assert browser.text("#f2 .standing dd") == "Nobody holds anything, nobody waits."


def test_names_with_markup_are_text(browser: Browser) -> None:
    assert browser.text("#f1 .heads b:nth-child(2)") == MARKUP
    assert browser.all("main img") == []
    assert browser.all("b b") == []
    names = [each.text for each in browser.all("#f1 .did .name")]
    assert MARKUP in names


def test_the_command_is_copied(browser: Browser) -> None:
    assert browser.text("#f1 .replay code") == COMMAND
    browser.one("#f1 .copy").click()
    browser.until_text("#f1 .copied", "copied")
    read = "navigator.clipboard.readText().then(arguments[0])"
    assert browser.driver.execute_async_script(read) == COMMAND


def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser: Browser) -> None:
    reached = []
    for _ in range(40):
        press(browser, Keys.TAB)
        active = browser.driver.switch_to.active_element
        reached.append(active.get_attribute("data-go") or active.get_attribute("class") or active.tag_name)
        width = browser.script("return getComputedStyle(document.activeElement).outlineWidth")
        if active.tag_name != "body":
            assert width == "3px", reached
    assert {"a", "copy", "summary", "first", "back", "on", "last", "steps", "pre"} <= set(reached)
    assert browser.one("#f1 .steps").get_attribute("aria-activedescendant") == "f1-s0"
    assert browser.one("#f1-s0").get_attribute("aria-selected") == "true"


def test_the_policy_stops_what_is_not_the_pages_own(browser: Browser) -> None:
    browser.script(
        "const made = document.createElement('script');"
        "made.textContent = 'window.caught = 1'; document.body.append(made);"
    )
    assert browser.script("return window.caught === undefined")
    assert any("Content Security Policy" in each for each in browser.complaints())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1920])
def test_it_fits_every_width_in_both_colours(browser: Browser, page: Path, width: int, scheme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.open(page.as_uri(), width, 900)
    browser.picture(f"race-{scheme}-{width}")
    assert browser.overflow() <= 0
    press(browser, Keys.END)
    assert browser.overflow() <= 0
    found = browser.script(CONTRAST)
    assert found["worst"] >= 4.5, found
    assert (found["paper"] > 0.5) == (scheme == "light")
    sizes = browser.script(
        "return [...document.querySelectorAll('body *')].map((each) => parseFloat(getComputedStyle(each).fontSize))"
    )
    assert min(sizes) >= 11


CONTRAST = """
const bright = (colour) => {
  const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((each) => each / 255);
  const [r, g, b] = parts.map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (element) => {
  for (let each = element; each; each = each.parentElement) {
    const colour = getComputedStyle(each).backgroundColor;
    if (colour !== "rgba(0, 0, 0, 0)") return bright(colour);
  }
};
const found = { worst: 99, text: "", paper: bright(getComputedStyle(document.body).backgroundColor) };
for (const each of document.querySelectorAll("body *")) {
  if (![...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
  if (!each.offsetParent || each.closest("script, [aria-disabled=true]")) continue;
  const [one, other] = [bright(getComputedStyle(each).color), ground(each)];
  const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  if (contrast < found.worst) Object.assign(found, { worst: contrast, text: each.outerHTML.slice(0, 80) });
}
return found;
"""


def test_without_scripts_all_of_it_can_be_read(window: Browser, page: Path) -> None:
    plain = page.with_name("plain.html")
    text = page.read_text(encoding="utf-8")
    plain.write_text(text.replace("script-src 'sha256-", "script-src 'sha256-not"), encoding="utf-8")
    window.open(plain.as_uri(), 360)
    window.complaints()  # of the script, rightly
    assert window.overflow() <= 0
    assert not window.one("#f1 .bar").is_displayed()
    assert not window.one("#f1 .copy").is_displayed()
    assert window.one("#f1 .source").is_displayed()
    assert all(each.is_displayed() for each in window.all("#f1 .step"))
