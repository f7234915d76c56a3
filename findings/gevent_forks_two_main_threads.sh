#!/bin/sh
# gevent 26.9.0, patched, on Python 3.13 and later: a forked child has its main thread twice.
#
# A patched program forks in its main thread, and parent and child count their threads. Expected, as without patching
# and as on 3.12: one in each. Seen:
#
#     Python 3.13.0, gevent 26.9.0
#     parent: 1 in enumerate(), active_count() 1
#     child: 2 in enumerate(), active_count() 2, which are one object: True
#     as described
#
# The two entries of `threading._active` are the main thread under two numbers. Who counts threads in a child (a pool that
# waits until nobody else is left, a check for leaked threads) counts one that is not there.
#
# Ends with 0 if it is still so, 1 if it has changed, 2 if it could not be tried (PYTHON names a Python 3.13 or later).

folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.13}" -m venv "$folder/venv" && "$folder/venv/bin/pip" install --quiet "gevent==26.9.0" || exit 2

cat > "$folder/twice.py" <<'END'
from gevent import monkey

monkey.patch_all()

import os
import platform
import threading

import gevent

print(f"Python {platform.python_version()}, gevent {gevent.__version__}", flush=True)
print(f"parent: {len(threading.enumerate())} in enumerate(), active_count() {threading.active_count()}", flush=True)
waitpid_really = monkey.get_original("os", "waitpid")
pid = os.fork()
if not pid:
    threads = threading.enumerate()
    same = all(each is threading.main_thread() for each in threads)
    print(f"child: {len(threads)} in enumerate(), active_count() {threading.active_count()}, ", end="")
    print(f"which are one object: {same}", flush=True)
    os._exit(0 if len(threads) == 2 and same else 1)
_, status = waitpid_really(pid, 0)
as_described = os.waitstatus_to_exitcode(status) == 0
print("as described" if as_described else "it has changed")
raise SystemExit(0 if as_described else 1)
END
GEVENT_LOOP=libev-cext "$folder/venv/bin/python" "$folder/twice.py"
