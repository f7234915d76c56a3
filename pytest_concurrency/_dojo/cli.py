"""The command `katas`: which words it takes, and which function each leads to."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest_concurrency
from pytest_concurrency._dojo import folder, progress, screen
from pytest_concurrency._dojo.asking import Parser
from pytest_concurrency._dojo.desk import Desk
from pytest_concurrency._dojo.running import PATIENCE
from pytest_concurrency._dojo.translations import LANGUAGES
from pytest_concurrency._dojo.words import Words
from pytest_concurrency._katas.refusals import Refused

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

LANG = "KATAS_LANG"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked for; 0 when it went well, 1 when a kata is not green, 2 for a wrong word."""
    given = sys.argv[1:] if arguments is None else arguments
    words = Words(described_in(given))
    options = parser(words).parse_args(given)
    try:
        status = dispatch(options)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read along has enough: `katas list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, OSError) as error:
        sys.stderr.write(f"katas: {words.of(error)}\n")
        return 2


def dispatch(options: argparse.Namespace) -> int:
    """Call the function of a command; only some need a folder with katas."""
    options.lang = options.lang or os.environ.get(LANG)
    if options.command == "init":
        from pytest_concurrency._dojo.commands import starting

        return starting.init(options.folder, options.source, screen.make(), options.lang)
    if options.command == "board":
        from pytest_concurrency._dojo.board import command

        return command.board(options, screen.make(), Words(options.lang or described_in(())))
    home = folder.find(Path.cwd())
    words = Words(options.lang or home.language)
    if options.lang:
        home.remember("lang", options.lang)
    at = Desk(home, words, screen.make())
    _mend(at)
    answer: int = options.run(at, options)
    return answer


def _mend(at: Desk) -> None:
    with contextlib.suppress(OSError, Refused):  # where it cannot be written, or was edited, the command speaks of it
        if aside := at.folder.mend():
            file = at.folder.progress_file.name
            line = at.words(
                "{file} was damaged: what can be read of it stays, and the file as it was is now {path}",
                file=file,
                path=aside.name,
            )
            at.screen.line(line, "yellow")


def described_in(arguments: Sequence[str]) -> str:
    """Return the language of the help, which is needed before the arguments can be read."""
    named = [each.partition("=")[2] for each in arguments if each.startswith("--lang=")]
    named += [other for one, other in itertools.pairwise(arguments) if one == "--lang"]
    named.append(os.environ.get(LANG, ""))
    with contextlib.suppress(Refused, OSError):
        named.append(folder.find(Path.cwd()).language)
    return next((each for each in named if each in LANGUAGES), "en")


def parser(words: Words) -> Parser:
    """Describe the command line."""
    found = Parser(words, prog="katas", description=words("Katas of concurrency: alone, or with a board for a room."))
    version = words("show the version and exit")
    found.add_argument("--version", action="version", version=pytest_concurrency.__version__, help=version)
    found.add_argument("--lang", choices=LANGUAGES, help=words("the language, remembered in the folder"))
    found.set_defaults(command="", run=_status)
    commands = found.add_subparsers(metavar="COMMAND", parser_class=functools.partial(Parser, words))  # type: ignore[call-overload]  # called, not looked at
    _alone(commands, words)
    _helped(commands, words)
    _together(commands, words)
    return found


def _add(
    commands: argparse._SubParsersAction[Parser],
    name: str,
    about: str,
    run: Callable[[Desk, argparse.Namespace], int] | None = None,
) -> Parser:
    made = commands.add_parser(name, help=about, description=about)
    made.set_defaults(command=name, run=run)
    return made


def _alone(commands: argparse._SubParsersAction[Parser], words: Words) -> None:
    init = _add(commands, "init", words("make a folder with the katas, or bring what is new into it"))
    init.add_argument("folder", metavar="FOLDER", type=Path)
    init.add_argument("--from", dest="source", metavar="DIR", type=Path, help=words("katas of somebody else"))
    listing = _add(commands, "list", words("show all katas and where they stand"), _list)
    listing.add_argument("track", metavar="TRACK", nargs="?")
    _add(commands, "next", words("show the kata that comes next"), _next)
    opening = _add(commands, "open", words("print the path of a kata's file"), _open)
    opening.add_argument("kata", metavar="KATA", nargs="?")
    opening.add_argument("-e", "--editor", action="store_true", help=words("open it in $EDITOR"))
    running = _add(commands, "run", words("run the tests of a kata"), _run)
    running.add_argument("kata", metavar="KATA", nargs="?")
    watching = _add(commands, "watch", words("run a kata whenever its file changes"), _watch)
    watching.add_argument("kata", metavar="KATA", nargs="?")
    for each in (running, watching):
        each.add_argument(
            "--patience", type=float, default=PATIENCE, help=words("seconds without news that mean a hang")
        )
    resetting = _add(commands, "reset", words("put a kata's file back as it was at first"), _reset)
    resetting.add_argument("kata", metavar="KATA")


def _helped(commands: argparse._SubParsersAction[Parser], words: Words) -> None:
    hint = _add(commands, "hint", words("show the next hint"), _hint)
    hint.add_argument("kata", metavar="KATA", nargs="?")
    hint.add_argument("--task", type=int, help=words("another task than the one at hand"))
    hint.add_argument("--all", action="store_true", help=words("show all hints of the task"))
    solving = _add(commands, "solution", words("show the worked solution of a kata that is green"), _solution)
    solving.add_argument("kata", metavar="KATA")
    solving.add_argument("--approach", metavar="NAME", help=words("another right way"))
    guessing = _add(commands, "mistakes", words("guess which test tells a known mistake"), _mistakes)
    guessing.add_argument("kata", metavar="KATA")
    for each in (solving, guessing):
        each.add_argument("--anyway", action="store_true", help=words("also before the kata is green"))
    summing = _add(commands, "progress", words("sum up what was done"), _progress)
    summing.add_argument("--merge", metavar="FILE", type=Path, help=words("join it with that of another machine"))


def _together(commands: argparse._SubParsersAction[Parser], words: Words) -> None:
    board = _add(commands, "board", words("show a room of pairs on one page"))
    board.add_argument("--host", default="127.0.0.1", help=words("another address than this machine's own"))
    board.add_argument("--port", type=int, default=8765, help=words("0 takes any that is free"))
    board.add_argument(
        "--file", metavar="FILE", type=Path, default=Path("dojo.sqlite"), help=words("where the session is kept")
    )
    board.add_argument("--pairs", type=int, default=100, help=words("at most so many may join"))
    board.add_argument("--rotation", metavar="MINUTES", type=float, default=7.0, help=words("how long one drives"))
    board.add_argument(
        "--export", metavar="HTML", type=Path, help=words("write the retrospective of a session, and end")
    )
    joining = _add(commands, "join", words("report this folder's runs to a board"), _join)
    joining.add_argument("url", metavar="URL", nargs="?")
    joining.add_argument("--name", help=words("who you are, such as ann-and-bob"))
    joining.add_argument("--leave", action="store_true", help=words("report no longer"))
    predicting = _add(commands, "predict", words("say before a run what will become of it"), _predict)
    predicting.add_argument("says", metavar="pass|fail", choices=("pass", "fail"))
    predicting.add_argument("test", metavar="TEST", nargs="?", help=words("the test that will fail"))


def _seconds(value: float) -> float:
    if not value > 0:
        raise Refused("--patience must be a number of seconds above 0, got {got:g}", {"got": value})
    return value


def _status(at: Desk, options: argparse.Namespace) -> int:
    from pytest_concurrency._dojo.commands import finding

    del options
    return finding.status(at)


def _list(at: Desk, options: argparse.Namespace) -> int:
    from pytest_concurrency._dojo.commands import finding

    return finding.show_all(at, options.track)


def _next(at: Desk, options: argparse.Namespace) -> int:
    from pytest_concurrency._dojo.commands import finding

    del options
    return finding.show_next(at)


def _open(at: Desk, options: argparse.Namespace) -> int:
    from pytest_concurrency._dojo.commands import finding

    return finding.show_path(at, options.kata, editor=options.editor)


def _run(at: Desk, options: argparse.Namespace) -> int:
    from pytest_concurrency._dojo.commands import trying

    return trying.run(at, options.kata, _seconds(options.patience))


def _watch(at: Desk, options: argparse.Namespace) -> int:
    from pytest_concurrency._dojo.watch import watching

    return watching.watch(at, options.kata, _seconds(options.patience))


def _reset(at: Desk, options: argparse.Namespace) -> int:
    from pytest_concurrency._dojo.commands import trying

    return trying.reset(at, options.kata)


def _hint(at: Desk, options: argparse.Namespace) -> int:
    from pytest_concurrency._dojo.commands import helping

    return helping.hint(at, options.kata, options.task, everything=options.all)


def _solution(at: Desk, options: argparse.Namespace) -> int:
    from pytest_concurrency._dojo.commands import helping

    return helping.solution(at, options.kata, options.approach, anyway=options.anyway)


def _mistakes(at: Desk, options: argparse.Namespace) -> int:
    from pytest_concurrency._dojo.commands import guessing

    return guessing.mistakes(at, options.kata, anyway=options.anyway)


def _progress(at: Desk, options: argparse.Namespace) -> int:
    from pytest_concurrency._dojo.commands import finding

    if options.merge:
        if not options.merge.is_file():
            raise Refused("--merge must be an existing file, got {got!r}", {"got": str(options.merge)})
        theirs = progress.read(options.merge.read_text(encoding="utf-8", errors="replace"), options.merge.name)
        folder.replace_text(at.folder.progress_file, progress.write(progress.merge(at.folder.progress(), theirs)))
        at.screen.line(
            at.words(
                "{name} is joined: {count} katas", name=options.merge.name, count=len([name for name in theirs if name])
            )
        )
    return finding.show_progress(at)


def _join(at: Desk, options: argparse.Namespace) -> int:
    from pytest_concurrency._dojo.board import joining

    return joining.join(at, options.url, options.name, leave=options.leave)


def _predict(at: Desk, options: argparse.Namespace) -> int:
    from pytest_concurrency._dojo.board import joining

    return joining.predict(at, options.says, options.test)
