#!/bin/sh
# gevent 26.9.0, patched: `os.waitpid(-1, 0)` returns a child twice, and forgets that nobody is left.
#
# Two children are forked, the first ends some time before the second, and the parent waits three times for any.
# Expected, as without patching: the first, the second, then ChildProcessError. Seen:
#
#     gevent 26.9.0: expected [('first', 3), ('second', 4), 'ChildProcessError']
#     seen: [('first', 3), ('second', 4), ('first', 3)]
#     as described
#
# `fork` puts a watcher of its own beside each child, which keeps how it ended for a later `waitpid` of that process.
# Who waits for -1 meanwhile is told by a watcher of any child, and what was kept stays: a later wait for -1 looks there
# first. A pool that counts its children down by `waitpid(-1, 0)` counts one twice and leaves while another is at work.
#
# Ends with 0 if it is still so, 1 if it has changed, 2 if it could not be tried.

folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv" && "$folder/venv/bin/pip" install --quiet "gevent==26.9.0" || exit 2

cat > "$folder/twice.py" <<'END'
from gevent import monkey

monkey.patch_all()

import os

import gevent

sleep_really = monkey.get_original("time", "sleep")


def child(code, seconds):
    pid = os.fork()
    if not pid:
        sleep_really(seconds)
        os._exit(code)
    return pid


names = {child(3, 0.3): "first", child(4, 1.2): "second"}
seen = []
for _ in range(3):
    try:
        pid, status = os.waitpid(-1, 0)
        seen.append((names[pid], os.waitstatus_to_exitcode(status)))
    except ChildProcessError as error:
        seen.append(type(error).__name__)
print(f"gevent {gevent.__version__}: expected {[('first', 3), ('second', 4), 'ChildProcessError']}")
print(f"seen: {seen}")
as_described = seen == [("first", 3), ("second", 4), ("first", 3)]
print("as described" if as_described else "it has changed")
raise SystemExit(0 if as_described else 1)
END
GEVENT_LOOP=libev-cext "$folder/venv/bin/python" "$folder/twice.py"
