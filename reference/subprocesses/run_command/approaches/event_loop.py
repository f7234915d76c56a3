"""The herald with an event loop: asyncio starts the program, and reads both pipes."""

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import Mapping, Sequence


class Refused(Exception):
    """A program that has failed (given): its command, its exit code, and what it said on standard error."""

    def __init__(self, command: Sequence[str], code: int, errors: str) -> None:
        super().__init__(command, code, errors)
        self.command, self.code, self.errors = command, code, errors

    def __str__(self) -> str:
        return f"{self.command} ended with {self.code} and said: {self.errors}"


async def _run(command: Sequence[str], **settings: object) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, **settings)  # type: ignore[arg-type]
    output, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, (output or b"").decode("utf-8", "replace"), (errors or b"").decode("utf-8", "replace")


def ask(
    command: Sequence[str], folder: str | os.PathLike[str] | None = None, extra: Mapping[str, str] | None = None
) -> str:
    """Run a loop for one program."""
    env = {**os.environ, **(extra or {})}
    code, output, errors = asyncio.run(_run(command, cwd=folder, env=env, stdout=PIPE, stderr=PIPE))
    if code:
        raise Refused(command, code, errors)
    return output


def overhear(command: Sequence[str]) -> tuple[int, str]:
    """Give both outputs the same pipe."""
    code, both, _ = asyncio.run(_run(command, stdout=PIPE, stderr=STDOUT))
    return code, both


def record(command: Sequence[str], path: str | os.PathLike[str]) -> int:
    """Hand over an open file."""
    with open(path, "wb") as file:
        return asyncio.run(_run(command, stdout=file))[0]
