"""`katas join` and `katas predict`: the pair's side of a board."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_concurrency._dojo import quiz
from pytest_concurrency._dojo.board import client, link, protocol, room
from pytest_concurrency._katas.refusals import Refused

if TYPE_CHECKING:
    from pytest_concurrency._dojo.desk import Desk


def join(at: Desk, url: str | None, name: str | None, *, leave: bool) -> int:
    """Report this folder's runs to a board from now on; or no longer."""
    file = at.folder.private / link.FILE
    if leave:
        link.joined(at.folder)
        file.unlink()
        at.screen.line(at.words("left the board"))
        return 0
    if not url or not name:
        raise Refused(
            "join must be given URL and --name, got URL {url!r} and --name {name!r}", {"url": url, "name": name}
        )
    url, name = client.checked(url), protocol.one_line(name, 60)
    message: dict[str, object] = {"name": name, "people": room.people_in(name)}
    if link.is_joined(at.folder) and (before := link.joined(at.folder))["url"] == url:
        message |= {"pair": before["pair"], "key": before["key"]}
    answer = client.post(url, "join", message, at.words.language)
    at.folder.remember(link.FILE, json.dumps({"url": url, **answer}))
    at.screen.line(
        at.words("joined {url} as {name}; each run of pytest here is reported", url=url, name=answer["name"])
    )
    return 0


def predict(at: Desk, says: str, test: str | None) -> int:
    """Tell the board what will become of the next run."""
    known = link.joined(at.folder)
    if test and says == "pass":
        raise Refused("TEST must be given with fail only, got {got!r} with pass", {"got": test})
    if test and test not in (names := quiz.choices(at.at_hand(None))):
        raise Refused("TEST must be one of {names}, got {got!r}", {"names": ", ".join(names), "got": test})
    message = {"pair": known["pair"], "key": known["key"], "says": says, "test": test or ""}
    client.post(known["url"], "predict", message, at.words.language)
    at.screen.line(at.words("predicted: {says}{test}", says=says, test=f" {test}" if test else ""))
    return 0
