#!/bin/sh
# anyio 4.16.0, called from a thread, returns None where the coroutine has raised, if the exception is false.
#
# An exception class has a __len__ (it carries a list of problems), and one without problems is raised in a coroutine.
# Expected: whoever calls it from a thread gets that exception. Seen, on Python 3.11 to 3.13, by all three ways:
#
#     anyio 4.16.0 on Python 3.11: expected NoProblems from each of 3 calls
#     seen: BlockingPortal.call returned None, start_task_soon(...).result() returned None, from_thread.run returned None
#     as described
#
# The three hand the answer over in a concurrent.futures.Future, whose result() asks `if self._exception:` in these
# Pythons; the exception is kept, future.exception() tells it, and result() gives None. From Python 3.14 on it is raised.
# asyncio's own Future asks `is not None`, so that the same exception passes through asyncio.to_thread unharmed.
#
# Who derives from Exception and from a collection, or defines __len__ or __bool__, loses such an error without a word:
# ask future.exception() first, or let an exception always be true.
#
# Ends with 0 if it is still so, 1 if it has changed, 2 if it could not be tried (no Python before 3.14).

folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
for python in python3.13 python3.12 python3.11 python3; do
    "$python" -c 'import sys, venv; sys.exit(sys.version_info >= (3, 14))' 2> /dev/null && break
done
"$python" -c 'import sys; sys.exit(sys.version_info >= (3, 14))' || exit 2
"$python" -m venv "$folder/venv" && "$folder/venv/bin/pip" install --quiet "anyio==4.16.0" || exit 2

cat > "$folder/ask.py" <<'END'
import sys

import anyio
from anyio import from_thread


class NoProblems(Exception):
    def __init__(self, *problems):
        super().__init__(*problems)
        self.problems = problems

    def __len__(self):
        return len(self.problems)


async def check():
    raise NoProblems


def told(name, ask):
    try:
        return f"{name} returned {ask()}"
    except NoProblems:
        return f"{name} raised NoProblems"


async def main():
    return await anyio.to_thread.run_sync(told, "from_thread.run", lambda: from_thread.run(check))


with from_thread.start_blocking_portal() as portal:
    seen = [
        told("BlockingPortal.call", lambda: portal.call(check)),
        told("start_task_soon(...).result()", lambda: portal.start_task_soon(check).result()),
    ]
seen.append(anyio.run(main))
version = "{}.{}".format(*sys.version_info)
print(f"anyio 4.16.0 on Python {version}: expected NoProblems from each of 3 calls")
print("seen:", ", ".join(seen))
sys.exit(not all(each.endswith("returned None") for each in seen))
END

if "$folder/venv/bin/python" "$folder/ask.py"; then
    echo "as described"
else
    echo "it has changed"
    exit 1
fi
