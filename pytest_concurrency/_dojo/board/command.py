"""`katas board`: serve a session, or write down how it was."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ipaddress
import secrets
import signal
import socket
import sys
from typing import TYPE_CHECKING

from pytest_concurrency._dojo import desk
from pytest_concurrency._dojo.board import retrospective
from pytest_concurrency._dojo.board.store import Store
from pytest_concurrency._katas.refusals import Refused

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pytest_concurrency._dojo.screen import Screen
    from pytest_concurrency._dojo.words import Words

LONGEST = 120.0
MOST_PAIRS = 5000
SWITCH = 0.0005  # seconds that a thread waits at most for another, several times for each thing that is written
BACKLOG = 2048  # connections not yet taken: with one more the pair would try again only after a second


def board(options: argparse.Namespace, screen: Screen, words: Words) -> int:
    """Serve the board until it is interrupted; with `--export` write the retrospective instead."""
    _check(options)
    if options.export:
        if not options.file.is_file():
            raise Refused("--file must be a session that was kept, got {got!r}", {"got": str(options.file)})
        retrospective.export(options.file, options.export)
        screen.line(words("written: {path}", path=options.export))
        return 0
    desk.need("aiohttp", "katas board")
    store = Store(options.file)
    try:
        with contextlib.closing(store), _undisturbed():
            asyncio.run(_serve(options, store, screen, words))
    except OSError as error:
        taken = {"host": options.host, "port": options.port, "error": error}
        raise Refused("--host and --port must be free to use, got {host}:{port}: {error}", taken) from None
    return 0


def _check(options: argparse.Namespace) -> None:
    for name, value, least, most in (
        ("--port", options.port, 0, 65535),
        ("--pairs", options.pairs, 1, MOST_PAIRS),
        ("--rotation", options.rotation, 0.05, LONGEST),
    ):
        if not least <= value <= most:
            limits = {"name": name, "least": least, "most": most, "got": value}
            raise Refused("{name} must be from {least} to {most}, got {got}", limits)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _serve(options: argparse.Namespace, store: Store, screen: Screen, words: Words) -> None:
    from aiohttp import web

    from pytest_concurrency._dojo.board.server import Board, session_clock

    token = "" if is_loopback(options.host) else store.token(secrets.token_urlsafe(12))
    room = store.room(options.pairs, options.rotation * 60)
    gc.freeze()  # what is remembered is not looked through
    served = Board(store, room, token, session_clock(store.began, store.last))
    runner = web.AppRunner(served.application(), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, options.host, options.port, backlog=BACKLOG)
    await site.start()
    url = _url(runner.addresses[0], options.host, token)
    screen.line(words("The board is at {url}", url=url))
    screen.line(words("pairs join with: katas join {url} --name ann-and-bob", url=url))
    screen.output.flush()
    try:
        await _interrupted()
    finally:
        await runner.cleanup()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let nothing of Python's own keep a report waiting.

    The collector of cycles would look through the lights of the whole session every few seconds, 0.15 s for 1,000
    pairs after one hour, and there is none among them; and the thread that writes would wait for the loop too long.
    """
    thresholds, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(10_000, 10, 10_000)
    sys.setswitchinterval(SWITCH)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def _url(address: tuple[str, int], host: str, token: str) -> str:
    name = socket.gethostname() if host in ("0.0.0.0", "::") else host
    shown = f"[{name}]" if ":" in name else name
    return f"http://{shown}:{address[1]}" + (f"/{token}" if token else "")


async def _interrupted() -> None:
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # where a loop takes no signals, Ctrl-C ends it
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, over.set)
    await over.wait()
