#!/bin/sh
# aiohttp 3.14.5 asks a second time by itself.
#
# A server takes a GET on a connection that is new, and hangs up before the first byte of an answer. Expected: one
# request, and ServerDisconnectedError. Seen: the same request again, at once, on a second connection, and only then the
# error:
#
#     aiohttp 3.14.5: expected 1 request for one get on a new connection
#     seen: 2, ['GET /cat.jpg', 'GET /cat.jpg'] on 2 connections, then ServerDisconnectedError
#     as described
#
# ClientSession._request repeats once what is idempotent (GET, HEAD, OPTIONS, TRACE, PUT, DELETE), on ClientOSError and
# on ServerDisconnectedError, whether the connection was used before or not. Only a connection that was used before may
# have been closed for no fault of the request, which is what RFC 9112, 9.3.1, lets a client repeat for.
#
# Who counts requests (so many tries, a limit, each page once, exactly so many seconds between two) sees twice as many at
# such a server as his program has made, without a pause between. No argument of a session turns it off; a client
# middleware does that catches both errors and raises another ClientConnectionError.
#
# Ends with 0 if it is still so, 1 if it has changed, 2 if it could not be tried.

folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv" && "$folder/venv/bin/pip" install --quiet "aiohttp==3.14.5" || exit 2

cat > "$folder/ask.py" <<'END'
import asyncio

import aiohttp


async def main():
    requests, connections = [], []

    async def hang_up(reader, writer):
        connections.append(writer)
        head = await reader.readuntil(b"\r\n\r\n")
        requests.append(head.split(b" HTTP")[0].decode())
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, aiohttp.ClientSession() as session:
        try:
            async with session.get(f"http://127.0.0.1:{port}/cat.jpg") as answer:
                ended = f"status {answer.status}"
        except aiohttp.ClientError as error:
            ended = type(error).__name__
    print(f"aiohttp {aiohttp.__version__}: expected 1 request for one get on a new connection")
    print(f"seen: {len(requests)}, {requests} on {len(connections)} connections, then {ended}")
    return requests == ["GET /cat.jpg"] * 2 and len(connections) == 2 and ended == "ServerDisconnectedError"


as_described = asyncio.run(main())
print("as described" if as_described else "it has changed")
raise SystemExit(0 if as_described else 1)
END
"$folder/venv/bin/python" "$folder/ask.py"
