"""The morning papers: the tests. The site sits in another thread, and waits until all have asked."""

import gevent
import pytest
from cooperative import PATCHED, seen, unpatched, until
from far_side import FarSide, together
from gevent import socket

with unpatched() as AT_IMPORT:
    from gevent_fetch import Lost, fetch, fetch_all


def site(pages, may_go=None):
    """Answer a path by its page, or by the next one of its pages; or by bytes, and then the end or a reset."""

    def answer(request):
        first, *headers = request.decode().split("\r\n")
        _, path, version = first.split(" ")
        found = pages.get(path, page(b"no such page", 404))
        found = found.pop(0) if isinstance(found, list) else found
        if isinstance(found[1], str):
            return found
        body, status, name = found
        head = b"HTTP/1.1 %d Well\r\nX-Original-Content-Length: 3\r\n%s: %d\r\n" % (status, name, len(body))
        data = head + b"Content-Length-Hint: 2\r\nX-Last-Content-Length: 2\r\n\r\n" + body  # names that only look so
        words = {header.lower().replace(" ", "") for header in headers}
        return (data, "end") if "connection:close" in words or version == "HTTP/1.0" else data

    return FarSide(answer, may_go or (lambda site, number: ""), end=b"\r\n\r\n")


def page(body, status=200, name=b"Content-Length"):
    return body, status, name


def got(pages, get, may_go=None, piece=1 << 20, printed=None):
    """Return what `get(address)` returns or raises as a Lost, and what was asked; see that nothing is left open."""
    papers = site(pages, may_go)
    with seen() as eyes, papers.running() as (host, port):
        eyes.piece = piece
        try:
            found = get(f"http://{host}:{port}")
        except Lost as error:
            found = error
        papers.judge()
        assert not eyes.left(), f"over, and {len(eyes.left())} of the connections are still open: {found!r}"
        if printed is not None:
            printed[:], eyes.printed = eyes.printed, []
        eyes.judge()
        return found, [request.decode() for request in papers.asked]


@pytest.mark.task(1)
@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
@pytest.mark.parametrize("name", [b"Content-Length", b"content-length", b"CONTENT-LENGTH"])
def test_a_page(piece, name):
    assert not AT_IMPORT, PATCHED.format(AT_IMPORT[0])
    body = "<p>größe</p>\r\n\r\nand more\n".encode()
    found, _ = got({"/": page(body, name=name)}, lambda base: fetch(base + "/"), piece=piece)
    assert found == (200, body), f"a page of {len(body)} bytes came in pieces of {piece}, and fetch gave {found!r}"


@pytest.mark.task(1)
@pytest.mark.parametrize("path", ["", "/", "/a/b.html", "/a?day=1&b=%20", "/a?from=//b/c?d"])
def test_what_is_asked_for(path):
    found, (request,) = got({path or "/": page(b"x")}, lambda base: fetch(base + path))
    first, *headers = request.split("\r\n")
    assert first.split(" ")[:2] == ["GET", path or "/"], f"a page was to be had at {path!r}, and asked was {first!r}"
    assert any(header.lower().startswith("host:") for header in headers), (
        f"HTTP wants a Host, and asked was {request!r}"
    )
    assert found == (200, b"x"), f"fetch gave {found!r}"


@pytest.mark.task(1)
@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b""), (404, b"no"), (500, b"oh"), (302, b"there"), (200, b"\xff\x00\r\n"), (200, b"x" * 700_000)],
)
def test_any_answer_is_one(status, body):
    found, _ = got({"/": page(body, status)}, lambda base: fetch(base + "/"))
    right = (status, body)
    assert found == right, (
        f"the answer was {status} with {len(body)} bytes, and fetch gave {found!r:.80}, not {right!r:.80}"
    )


BAD = {
    "nothing": (b"", "end"),
    "half a head": (b"HTTP/1.1 200 Well\r\nContent-Le", "end"),
    "a head that ends behind its Content-Length": (b"HTTP/1.1 200 Well\r\nContent-Length: 0\r\n", "end"),
    "a head that ends in its Content-Length": (b"HTTP/1.1 200 Well\r\nContent-Length: 0", "end"),
    "half a body": (b"HTTP/1.1 200 Well\r\nContent-Length: 9\r\n\r\nhalf", "end"),
    "a reset": (b"", "reset"),
}


@pytest.mark.task(2)
@pytest.mark.parametrize("what", BAD)
def test_a_lost_page(what):
    for _ in range(2):
        found, _ = got({"/": BAD[what]}, lambda base: fetch(base + "/"))
        assert isinstance(found, Lost), f"{what} came, and fetch gave {found!r} instead of raising Lost"


@pytest.mark.task(2)
def test_nobody_is_there():
    with seen() as eyes, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen: whoever comes is refused
        with pytest.raises(Lost):
            fetch(f"http://127.0.0.1:{taken.getsockname()[1]}/")
        left = len(eyes.left()) - 1
        assert not left, f"nobody listens, and {left} of the sockets are still open"


@pytest.mark.task(2)
@pytest.mark.parametrize("kind", [gevent.GreenletExit, gevent.Timeout])
def test_breaking_off(kind):
    how, seen_here = "is killed" if kind is gevent.GreenletExit else "is out of time", []

    def may_go(site, number):
        return None if seen_here else "fetch waits for the answer with the whole thread, and nobody can break it off"

    papers = site({}, may_go)
    with seen() as eyes, papers.running() as (host, port):
        boy = gevent.spawn(fetch, f"http://{host}:{port}/")
        while not papers.asked and not boy.dead:
            gevent.sleep(0.001)
        if isinstance(boy.exception, NotImplementedError):
            raise boy.exception
        seen_here.append(True)
        boy.kill(kind, block=False)
        ended, left = until(lambda: boy.dead), len(eyes.left())
        papers.judge()
        came = boy.exception or boy.value
        assert ended and isinstance(came, kind), f"fetch {how}, and gave {came!r}: let {kind.__name__} out"
        assert not left, f"fetch {how}, and its connection is still open"


@pytest.mark.task(3)
@pytest.mark.parametrize("total", [1, 3, 110])
def test_all_at_once(total):
    pages = {f"/{number}": page(b"%d" % number) for number in range(total)}
    found, _ = got(pages, lambda base: fetch_all(base + path for path in pages), together(total, total))
    right = [(200, body) for body, *_ in pages.values()]
    assert found == right, f"{total} pages, and fetch_all gave {found!r:.200}"


@pytest.mark.task(3)
def test_the_last_one_comes_first():
    def may_go(site, number):
        is_next = site.asked[number].startswith(b"GET /%d " % (2 - len(site.answered)))
        return "" if is_next else f"only {len(site.asked)} of 3 came, and then nobody: ask at the same time"

    pages = {f"/{number}": page(b"%d" % number) for number in range(3)}
    found, _ = got(pages, lambda base: fetch_all([base + path for path in pages]), may_go)
    assert found == [(200, b"0"), (200, b"1"), (200, b"2")], f"the last page came first, and fetch_all gave {found!r}"


@pytest.mark.task(3)
@pytest.mark.parametrize("paths", [[], ["/a", "/b", "/a", "/a"]], ids=["none", "three times"])
def test_none_or_three_times(paths):
    pages = {"/a": [page(b"1"), page(b"2"), page(b"3")], "/b": page(b"b")}
    found, asked = got(pages, lambda base: fetch_all([base + path for path in paths]))
    assert len(asked) == len(paths), f"{paths} were wanted, and {len(asked)} pages were asked for"
    right = [(200, body) for body in (b"1", b"2", b"3", b"b")] * bool(paths)
    assert sorted(found) == right, f"{paths} were wanted, /a is another page each time, and fetch_all gave {found!r}"
    assert not paths or found[1] == (200, b"b"), f"{paths} were wanted, and fetch_all gave {found!r}"


@pytest.mark.task(3)
def test_lost_ones_among_others():
    pages = {"/a": page(b"a"), "/lost": BAD["half a body"], "/gone": page(b"no", 404), "/reset": BAD["a reset"]}
    printed = []

    def get(base):  # looked at here: who lets an error out has left the others with their connections
        try:
            found = fetch_all([base + path for path in pages])
        except Lost as error:
            found = error
        assert isinstance(found, list), f"two of four pages are lost, and fetch_all gave {found!r} and no list"
        return found

    found, _ = got(pages, get, together(4, 4), printed=printed)
    shown = ["Lost" if isinstance(each, Lost) else each for each in found]
    assert shown == [(200, b"a"), "Lost", (404, b"no"), "Lost"], (
        f"two of four pages are lost, and fetch_all gave {found}"
    )
    assert not printed, f"gevent prints a {printed[0]} that a greenlet has died of: catch it there"
