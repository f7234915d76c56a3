#!/bin/sh
# gevent 26.9.0 looks at its timers in the midst of a row of greenlets that are ready, at a place that moves.
#
# A hundred and twenty greenlets are spawned behind one that sleeps for a microsecond; each computes for half a
# millisecond. Expected: whoever is ready goes before who has just begun to sleep, or is overtaken at one and the same
# place. Seen: how many of them had gone when the sleeper went on, eight times in one process:
#
#     gevent 26.9.0: expected 120 of 120 before the sleeper, or the same number each time
#     seen: [49, 7, 15, 23, 31, 39, 47, 5]
#     as described
#
# The loop counts the callbacks that it has called, and after every fiftieth asks whether the row has taken longer than
# sys.getswitchinterval(), 5 ms; then it leaves the rest of the row for later, and timers come first. The count goes on
# from one row to the next, so that a row of four may be left after its first, if a busy machine was slow with that:
# `sleep(0)` is a place behind all who are ready, `sleep(0.000001)` is not.
#
# Ends with 0 if it is still so, 1 if it has changed, 2 if it could not be tried.

folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv" && "$folder/venv/bin/pip" install --quiet "gevent==26.9.0" || exit 2

cat > "$folder/row.py" <<'END'
import time

import gevent

READY = 120


def before_the_sleeper():
    gone = []

    def sleep():
        gevent.sleep(0.000001)
        gone.append("sleeper")

    def compute():
        end = time.perf_counter() + 0.0005
        while time.perf_counter() < end:
            pass
        gone.append("ready")

    gevent.joinall([gevent.spawn(sleep), *(gevent.spawn(compute) for _ in range(READY))])
    return gone.index("sleeper")


seen = [before_the_sleeper() for _ in range(8)]
print(f"gevent {gevent.__version__}: expected {READY} of {READY} before the sleeper, or the same number each time")
print(f"seen: {seen}")
as_described = max(seen) < READY and len(set(seen)) > 1
print("as described" if as_described else "it has changed")
raise SystemExit(0 if as_described else 1)
END
GEVENT_LOOP=libev-cext "$folder/venv/bin/python" "$folder/row.py"
