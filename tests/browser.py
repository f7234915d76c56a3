"""A real Chromium that looks at a board: Debian's package, driven by Selenium, which is slow to load."""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--autoplay-policy=user-gesture-required",
    "--force-prefers-reduced-motion",
)
SECONDS = 60
CONTRASTS = """
    const light = (rgb) => {
      const parts = rgb.match(/[\\d.]+/g).slice(0, 3).map((each) => each / 255);
      const [r, g, b] = parts.map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (node) => {
      for (; node; node = node.parentElement) {
        const colour = getComputedStyle(node).backgroundColor;
        if (!/, 0\\)$/.test(colour)) return colour;
      }
      return "rgb(255, 255, 255)";
    };
    const says = (node) => [...node.childNodes].some((each) => each.nodeType === 3 && each.data.trim());
    const written = [...document.querySelectorAll("body *")].filter((node) => node.checkVisibility()).filter(
      (node) => node.tagName === "svg" || (says(node) && !node.closest("svg")),
    );
    return written.map((node) => {
      const [one, other] = [light(getComputedStyle(node).color), light(behind(node))];
      return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    });
"""


class Browser:
    """One window of a Chromium."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def open(self, url: str, width: int = 1280, height: int = 800) -> None:
        """Open a page in a window of a size that is exact, also below what a desktop allows."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.get(url)

    def dye(self, scheme: str) -> None:
        """Let the window be `light` or `dark`."""
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements("css selector", selector)

    def one(self, selector: str) -> WebElement:
        (found,) = self.all(selector)
        return found

    def text(self, selector: str) -> str:
        found: str = self.script("return document.querySelector(arguments[0]).textContent", selector)
        return found

    def script(self, text: str, *arguments: Any) -> Any:
        return self.driver.execute_script(text, *arguments)

    def until(self, holds: Callable[[], Any], what: str) -> Any:
        """Wait until something holds; the page redraws its rows, so elements may vanish meanwhile."""
        from selenium.webdriver.support.ui import WebDriverWait

        wait = WebDriverWait(self.driver, SECONDS, poll_frequency=0.1)
        return wait.until(lambda _: holds(), f"not within {SECONDS} s: {what}")

    def until_text(self, selector: str, text: str) -> None:
        find = "const found = document.querySelector(arguments[0]); return found ? found.textContent : ''"
        self.until(lambda: text in self.script(find, selector), f"{text!r} in {selector}")

    def states(self) -> list[str]:
        found: list[str] = self.script("return [...document.querySelectorAll('.pair')].map((row) => row.dataset.state)")
        return found

    def overflow(self) -> int:
        """How many pixels of the page lie outside the window, to the right."""
        root = "document.documentElement"
        found: int = self.script(f"return {root}.scrollWidth - {root}.clientWidth")
        return found

    def contrasts(self) -> list[float]:
        """How much each piece of writing, and each sign, stands out from what is behind it."""
        found: list[float] = self.script(CONTRASTS)
        return found

    def complaints(self) -> list[str]:
        """What the browser has written into its console: errors, and what the policy has stopped."""
        return [str(entry["message"]) for entry in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]  # as selenium has it

    def picture(self, name: str) -> None:
        """Keep a picture of the whole page where SCREENSHOTS says, if it says anything."""
        if folder := os.environ.get("SCREENSHOTS"):
            shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
            Path(folder, f"{name}.png").write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def chromium(home: Path) -> Iterator[Browser]:
    """Start a Chromium with a profile of its own, and end it."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert binary, "these tests need Chromium: apt-get install chromium chromium-driver"
    assert driver, "these tests need Chromium: apt-get install chromium chromium-driver"
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = binary
    for flag in (*FLAGS, f"--user-data-dir={home}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = Chrome(options=options, service=Service(driver))
    try:
        yield Browser(started)
    finally:
        started.quit()
