"""A session as one page of HTML that needs no server: every pair's line, and the moments between red and green."""

from __future__ import annotations

import base64
import hashlib
import html
import itertools
import re
import time
from importlib.resources import files
from typing import TYPE_CHECKING

from pytest_concurrency._dojo.board import lights
from pytest_concurrency._dojo.board.store import Store
from pytest_concurrency._dojo.folder import replace_text
from pytest_concurrency._dojo.states import State
from pytest_concurrency._katas.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_concurrency._dojo.board.lights import Light, Moment
    from pytest_concurrency._dojo.board.room import Pair, Room

MOST_MOMENTS = 10_000
WORDS = {
    State.NOT_BEGUN: "not begun",
    State.BEGUN: "under way",
    State.RED: "red",
    State.AMBER: "amber: an error, or not collected",
    State.GREEN: "green",
    State.HUNG: "hung",
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{symbols}
<header><h1>{title}</h1><p>{about}</p></header>
<ul class="legend">{legend}</ul>
<main>
{pairs}
</main>
</body>
</html>
"""


def export(session: Path, page: Path) -> None:
    """Write the retrospective of a session that was kept.

    Raises:
        ValueError: the session is something else, or the page cannot be written there.
    """
    if not page.parent.is_dir():
        raise Refused("--export must lie in a folder that exists, got {got!r}", {"got": str(page)})
    store = Store(session)
    try:
        room = store.room(1, 60, MOST_MOMENTS)
        replace_text(page, render(room, store.began, store.last))
    finally:
        store.close()


def render(room: Room, began: float, last: float) -> str:
    """Return the page.

    Args:
        room: everything that happened.
        began: when the session began, by the clock of the day.
        last: when the last thing happened, in seconds since then.
    """
    style = _asset("retrospective.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(began))
    pairs = list(room.pairs.values())
    reports = sum(pair.reports for pair in pairs)
    about = f"{_count(len(pairs), 'pair')}, {_count(int(last // 60) + 1, 'minute')}, {_count(reports, 'report')}"
    return PAGE.format(
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        title=f"Dojo of {day}",
        style=style,
        symbols=_asset("shapes.svg").replace("<svg ", '<svg hidden="" ', 1),
        about=about,
        legend="".join(f"<li>{_shape(state)} {WORDS[state]}</li>" for state in State),
        pairs="\n".join(_pair(pair, int(last // 60)) for pair in pairs) or "<p>Nobody joined.</p>",
    )


def _asset(name: str) -> str:
    return files("pytest_concurrency._dojo.board").joinpath("assets", name).read_text(encoding="utf-8")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _shape(state: State, title: str = "", kind: str = "") -> str:
    name = state.replace(" ", "-")
    inner = f"<title>{html.escape(title)}</title>" if title else ""
    return f'<svg class="{kind} {name}" role="img">{inner}<use href="#{name}"/></svg>'


def _pair(pair: Pair, minute: int) -> str:
    score = (
        f" · {_count(pair.score.points, 'point')} in {_count(pair.score.guesses, 'prediction')}"
        if pair.score.guesses
        else ""
    )
    people = html.escape(", ".join(pair.people))
    shown = "".join(_lights(lights.line(pair.lights, int(pair.joined // 60), minute)))
    return (
        f"<section><h2>{_shape(pair.state)} {html.escape(pair.name)}</h2>"
        f"<p>{people} · {_count(pair.reports, 'report')}{score}</p>"
        f'<div class="lights">{shown}</div>{_moments(pair.moments)}{_left_open(pair)}</section>'
    )


def _left_open(pair: Pair) -> str:
    """Return what the tests said last, where they were not content."""
    if not pair.line or pair.state is State.GREEN:
        return ""
    return f"<p>At the end: {html.escape(pair.kata)}: {html.escape(pair.line)}</p>"


def _lights(line: Iterable[tuple[int, Light, bool]]) -> Iterable[str]:
    """Draw the lights, ten minutes in a group."""
    for _, ten in itertools.groupby(line, lambda each: each[0] // 10):
        yield f'<div class="ten">{"".join(map(_light, ten))}</div>'


def _light(each: tuple[int, Light, bool]) -> str:
    minute, light, is_fresh = each
    what = ": ".join(text for text in (light.kata, light.line) if text and is_fresh)
    title = f"minute {minute + 1}: {WORDS[light.state]}" + (f" — {what}" if what else "")
    return _shape(light.state, title, "light" if is_fresh else "light old")


def _moments(moments: tuple[Moment, ...]) -> str:
    found = lights.turns(list(moments))
    if not moments:
        return '<p class="none">No run that changed anything.</p>'
    if not found:
        return '<p class="none">No moment between red and green.</p>'
    rows = "".join(
        f"<tr><td>{_clock(each.at)}</td><td>{_shape(each.before)} → {_shape(each.after)}</td>"
        f"<td>{html.escape(each.kata)}</td><td>{html.escape(each.line or _before(moments, each))}</td></tr>"
        for each in found
    )
    return f"<table><tr><th>when</th><th>what</th><th>kata</th><th>last words</th></tr>{rows}</table>"


def _before(moments: tuple[Moment, ...], moment: Moment) -> str:
    """Return what the tests said before they were content."""
    earlier = [each for each in moments if each.kata == moment.kata and each.at < moment.at and each.line]
    return earlier[-1].line if earlier else ""


def _clock(at: float) -> str:
    return re.sub("^0:", "", f"{int(at // 3600)}:{int(at % 3600 // 60):02}:{int(at % 60):02}")
