"""Directives that write what the package knows of itself: settings, options, oracles, strategies."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sphinx.util.docutils import SphinxDirective

from pytest_concurrency._core import strategies
from pytest_concurrency._core.oracles import NAMES, TABLE
from pytest_concurrency._plugin import options

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

    from pytest_concurrency._core.strategy import Strategy

HEADS = {
    "settings": ("setting", "what it says", "default"),
    "oracles": ("setting", "what is wrong", "raises", "further keywords of `race.explore`"),
    "options": ("option", "what it does"),
    "ini": ("ini key", "what it says"),
    "strategies": ("name", "how it chooses"),
}


def declared() -> tuple[dict[str, str], dict[str, str]]:
    """Return what the plugin declares: options and ini keys, each with its help."""
    given: dict[str, str] = {}
    ini: dict[str, str] = {}

    def addoption(*names: str, help: str, metavar: str = "", **_: Any) -> None:  # noqa: A002 - as pytest calls it
        given[names[0] + (f"={metavar}" if metavar else "")] = help

    def addini(name: str, help: str, **_: Any) -> None:  # noqa: A002
        ini[name] = help

    group = SimpleNamespace(addoption=addoption)
    options.add_options(SimpleNamespace(getgroup=lambda *_: group, addini=addini))  # type: ignore[arg-type]
    return given, ini


def said(text: str) -> tuple[str, str]:
    """Return a help text without its default, and that."""
    found = re.fullmatch(r"(.*) \(default: ([^)]*)\)", text)
    assert found, f"{text!r} does not end with its default"
    return found[1], f"`{found[2]}`"


def rows(kind: str) -> list[tuple[str, ...]]:
    """Return the rows of a table."""
    given, ini = declared()
    plain = {name: each for name, each in options.SETTINGS.items() if name not in NAMES}
    if kind == "settings":
        return [(f"`{name}`", *said(each.help)) for name, each in plain.items()]
    if kind == "oracles":
        found = []
        for row in TABLE:
            if row.is_setting:
                more = "; ".join(f"`{extra.name}`: {extra.means}" for extra in row.extras)
                found.append((f"`{row.name}`", row.when, f"`{row.error.__name__}`", more))
        return found
    if kind == "strategies":
        return [(f"`{name}`", told(strategies.make(name, seed=0, preemptions=None))) for name in strategies.NAMES]
    settings = {f"race_{name}" for name in options.SETTINGS}
    if kind == "ini":
        return [(f"`{name}`", text) for name, text in ini.items() if name not in settings]
    names = {"--" + name.replace("_", "-") for name in settings}
    return [(f"`{name}`", text) for name, text in given.items() if name.partition("=")[0] not in names]


def told(strategy: Strategy) -> str:
    """Return the first sentence of a strategy's docstring."""
    return str(type(strategy).__doc__).partition("\n")[0]


class Table(SphinxDirective):
    """A table of what the package declares."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Write it as Markdown, and let the page's parser read it."""
        (kind,) = self.arguments
        head = HEADS[kind]
        lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
        lines += ["| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in rows(kind)]
        return self.parse_text_to_nodes("\n".join(lines) + "\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("declared", Table)
    return {"parallel_read_safe": True}
