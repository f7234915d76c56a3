#!/bin/sh
# gevent 26.9.0: `gevent.socket.create_server` is the standard library's own function, and its socket blocks all greenlets.
#
# One greenlet accepts, with a time-out of 0.3 s, and nobody comes; another counts hundredths of a second meanwhile, up
# to twenty. The listening socket is made once by gevent's `socket()`, once by gevent's `create_server()`. Expected: the
# other greenlet counts in both, as `gevent.socket.create_connection` and `socketpair` are gevent's own. Seen:
#
#     gevent 26.9.0: counted while another accepts, expected 20 and 20
#     seen: socket() 20, create_server() 0
#     as described
#
# `create_server` came into the standard library later than gevent's list of what it replaces; it is handed on as it is,
# and makes its socket of the class that its own module knows. After `monkey.patch_all()` that one is gevent's.
#
# Ends with 0 if it is still so, 1 if it has changed, 2 if it could not be tried.

folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv" && "$folder/venv/bin/pip" install --quiet "gevent==26.9.0" || exit 2

cat > "$folder/serves.py" <<'END'
import gevent
import gevent.socket

AT_MOST = 20


def counted_while_another_accepts(server):
    counted = []

    def count():
        while len(counted) < AT_MOST:
            gevent.sleep(0.01)
            counted.append(len(counted))

    def accept():
        server.settimeout(0.3)
        try:
            server.accept()
        except TimeoutError:
            return len(counted)
        raise SystemExit(2)  # nobody was to come

    counting = gevent.spawn(count)
    seen = gevent.spawn(accept).get()
    counting.kill()
    server.close()
    return seen


own = gevent.socket.socket()
own.bind(("127.0.0.1", 0))
own.listen()
by_socket = counted_while_another_accepts(own)
by_create_server = counted_while_another_accepts(gevent.socket.create_server(("127.0.0.1", 0)))
print(f"gevent {gevent.__version__}: counted while another accepts, expected {AT_MOST} and {AT_MOST}")
print(f"seen: socket() {by_socket}, create_server() {by_create_server}")
as_described = by_socket > 5 and by_create_server == 0
print("as described" if as_described else "it has changed")
raise SystemExit(0 if as_described else 1)
END
"$folder/venv/bin/python" "$folder/serves.py"
