"""Failing explorations as one page of HTML that needs no server and fetches nothing."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COLOURS: Final = 8
"""As many colours tell lanes apart; the names beside the steps do so without them."""
LEGEND: Final = (("acts", "acts"), ("holds", "holds something"), ("waits", "waits"))
PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p>{about}</p>
{contents}
</header>
<main>
{failures}
</main>
<script>{script}</script>
</body>
</html>
"""
FAILURE: Final = """<article id="f{number}" aria-labelledby="f{number}-test">
<h2 id="f{number}-test">{test}</h2>
<p class="headline">{headline}</p>
{told}
{stepper}
</article>"""
STEPPER: Final = """<section class="stepper" aria-label="The interleaving, step by step">
<div class="bar" hidden>
<button type="button" data-go="first" aria-label="First step" title="First step (Home)">&laquo;</button>
<button type="button" data-go="back" aria-label="Step back" title="Step back (←)">&lsaquo;</button>
<button type="button" data-go="on" aria-label="Step on" title="Step on (→)">&rsaquo;</button>
<button type="button" data-go="last" aria-label="Last step" title="Last step (End)">&raquo;</button>
<span class="count"></span>
<span class="legend" aria-hidden="true">{legend}</span>
</div>
<div class="run">
<div class="steps" role="listbox" tabindex="0" aria-label="Steps">
<div class="heads" aria-hidden="true"><span></span><span class="lanes">{heads}</span></div>
{steps}
</div>
</div>
<div class="beside">
<div class="now" role="status" hidden></div>
<dl class="standing" hidden></dl>
{sources}
</div>
<script type="application/json">{values}</script>
</section>"""


def render_page(pictures: Sequence[dict[str, Any]], *, ended: bool = True) -> str:
    """Return the page.

    Args:
        pictures: What `picture` has made of each failure.
        ended: Whether the session is over.
    """
    style, script = _asset("page.css"), _asset("page.js")
    title, about = _heading(len(pictures), ended=ended)
    return PAGE.format(
        policy=f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; base-uri 'none'; "
        "form-action 'none'",
        title=title,
        about=about,
        style=style,
        script=script,
        contents=_contents(pictures),
        failures="\n".join(_failure(number, each) for number, each in enumerate(pictures, 1)),
    )


def _heading(count: int, *, ended: bool) -> tuple[str, str]:
    about = "pytest-concurrency: what happened, step by step, and how to see it again"
    failures = f"{count} failing exploration{'' if count == 1 else 's'}"
    if count:
        return (failures, about) if ended else (f"{failures} so far: the session has not ended", about)
    if ended:
        return "No failing exploration", "pytest-concurrency: no exploration failed a test of this session"
    return "The session has not ended", "pytest-concurrency: this page is written when something fails, and at the end"


def _asset(name: str) -> str:
    return files("pytest_concurrency._core.telling").joinpath("assets", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _contents(pictures: Sequence[dict[str, Any]]) -> str:
    """Return links to all failures, where there are several."""
    if len(pictures) < 2:
        return ""
    links = "".join(
        f'<li><a href="#f{number}">{html.escape(each["test"])}</a> {html.escape(each["headline"])}</li>'
        for number, each in enumerate(pictures, 1)
    )
    return f'<nav aria-label="Failures"><ol>{links}</ol></nav>'


def _failure(number: int, values: dict[str, Any]) -> str:
    return FAILURE.format(
        number=number,
        test=html.escape(values["test"]),
        headline=html.escape(values["headline"]),
        told="\n".join(_told(values)),
        stepper=_stepper(number, values) if values["steps"] else "",
    )


def _told(values: dict[str, Any]) -> Iterator[str]:
    """Yield what is not a step: the cause and the command first, as they are looked for first."""
    if values["cause"]:
        yield f'<section class="cause"><h3>Likely cause</h3><p>{html.escape(values["cause"])}</p></section>'
    if values["replay"]:
        yield (
            f'<section class="replay"><h3>Replay</h3><p><code>{html.escape(values["replay"])}</code> '
            '<button type="button" class="copy" hidden>Copy</button> <span class="copied" role="status"></span></p>'
            "</section>"
        )
    for title, lines in (("Error", values["error"]), ("Tasks", values["tasks"]), ("Notes", values["notes"])):
        if lines:
            text = html.escape("\n".join(lines))
            yield f'<details open><summary>{title}</summary><pre tabindex="0">{text}</pre></details>'


def _stepper(number: int, values: dict[str, Any]) -> str:
    heads = "".join(
        f'<b class="lane c{lane % COLOURS}" title="{html.escape(name)}">{html.escape(name)}</b>'
        for lane, name in enumerate(values["lanes"])
    )
    return STEPPER.format(
        heads=heads,
        legend="".join(f'<span class="sign"><i class="lane {kind}"></i>{words}</span>' for kind, words in LEGEND),
        steps="\n".join(_steps(number, values)),
        sources="\n".join(_source(each) for each in values["sources"]),
        values=_json({key: values[key] for key in ("lanes", "steps")}),
    )


def _json(values: dict[str, Any]) -> str:
    """Return JSON that can stand in a script: nothing in it ends one."""
    text = json.dumps(values, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _steps(number: int, values: dict[str, Any]) -> Iterator[str]:
    lanes, steps = values["lanes"], values["steps"]
    first, last = _lives(values)
    for place, step in enumerate(steps):
        if values["left_out"] and place == values["left_out"][0]:
            yield f'<p class="gap" role="presentation">{values["left_out"][1]} steps are left out here</p>'
        cells = "".join(
            f'<i class="lane c{lane % COLOURS} {_cell(lane, place, step, first, last)}"></i>'
            for lane in range(len(lanes))
        )
        value = f' <span class="value">= {html.escape(step["value"])}</span>' if step["value"] else ""
        where = f"{step['file'].rpartition('/')[2]}:{step['line']}" if step["file"] else ""
        yield (
            f'<div class="step" role="option" id="f{number}-s{place}" aria-selected="false">'
            f'<span class="no">{_number(place, values)}</span><span class="lanes" aria-hidden="true">{cells}</span>'
            f'<span class="did"><b class="name c{step["task"] % COLOURS}">{html.escape(lanes[step["task"]])}</b> '
            f"{html.escape(step['what'])}{value} <small>{html.escape(where)}</small></span></div>"
        )


def _number(place: int, values: dict[str, Any]) -> int:
    """Return which step of the run it is, from 1."""
    left_out = values["left_out"]
    return place + 1 + (left_out[1] if left_out and place >= left_out[0] else 0)


def _lives(values: dict[str, Any]) -> tuple[dict[int, int], dict[int, int]]:
    """Return at which steps each lane begins, and ends or is seen last."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for place, step in enumerate(values["steps"]):
        first.setdefault(step["task"], place)
        last[step["task"]] = place if step["what"] == "ends" else len(values["steps"])
    return first, last


def _cell(lane: int, place: int, step: dict[str, Any], first: dict[int, int], last: dict[int, int]) -> str:
    if step["task"] == lane:
        return "acts"
    if not first[lane] <= place < last[lane]:
        return "away"
    if any(who == lane for who, _ in step["waits"]):
        return "waits"
    return "holds" if any(who == lane for who, _ in step["holds"]) else "rests"


def _source(source: dict[str, Any]) -> str:
    lines, before = [], 0
    for number, text in source["lines"]:
        if before and number != before + 1:
            lines.append('<span class="gap">⋯</span>')
        before = number
        lines.append(f'<span class="line" data-line="{number}"><i>{number}</i>{html.escape(text) or " "}</span>')
    return (
        f'<figure class="source" data-file="{html.escape(source["file"])}">'
        f"<figcaption>{html.escape(source['file'])}</figcaption>"
        f'<pre tabindex="0" aria-label="Source of {html.escape(source["file"])}">{"".join(lines)}</pre></figure>'
    )
