"""The crawler that gained half: the tests. In most of them time is virtual, and the site runs in the same loop."""

import asyncio
import ssl
import tempfile
import threading
import time
from pathlib import Path

import aiohttp
import pytest
from async_crawler import crawl
from picture_site import CERTIFICATE, Answer, Site, Tries, watched_disk

KNOWN = (aiohttp.ClientError, OSError, ValueError, RuntimeError, LookupError, TypeError, TimeoutError)


def explore(race, main, schedules):
    """Explore a coroutine function of a new site and a new folder."""

    def scenario():
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(main(Site(), Path(folder) / "in"))

    race.explore(scenario, order="any", schedules=schedules)


async def whole(call, patience=3600):
    """Wait for a crawl, and look at what comes back."""
    ends = asyncio.get_running_loop().time() + patience
    try:
        async with asyncio.timeout(patience):
            result = await call
    except NotImplementedError:
        raise
    except (*KNOWN, ExceptionGroup) as error:
        if isinstance(error, TimeoutError) and asyncio.get_running_loop().time() >= ends:
            raise AssertionError(
                f"{patience} s, and crawl still waits, though the site answers: what is taken is given back in any case"
            ) from error
        raise AssertionError(f"crawl raised {error!r}: what fails stands in the dictionary") from error
    assert isinstance(result, dict), f"crawl returned {result!r}, no dictionary"
    return result


def check_saved(result, folder, pictures):
    """Every picture has a file of its own, and there is no other file."""
    for address, body in pictures.items():
        path = result.get(address)
        assert isinstance(path, Path), f"{address} is a picture like any other, and crawl gave {path!r} for it"
        assert path.parent.resolve() == folder.resolve(), f"{path} does not lie in {folder} itself"
        saved = path.read_bytes() if path.is_file() else None
        assert saved == body, f"{path.name} is not {address} byte for byte: {saved and saved[:20]!r}…, {body[:20]!r}…"
    saved = {path for path in result.values() if isinstance(path, Path)}
    names = {path.name for path in saved}
    too_much = {path.name for path in folder.rglob("*")} - names
    assert not too_much, f"{sorted(too_much)} lies in the folder and was not reported: leave nothing half, nothing else"
    assert len(saved) == len(pictures), f"crawl says {len(saved)} files for {len(pictures)} pictures: {result}"


TIMES = {
    "one after the other": (1, [1, 2], (4,)),
    "three at once": (3, [1, 1, 1], (2,)),
    "two at once": (2, [1, 1, 1, 1], (3,)),
    "unequally long": (2, [1, 3, 1, 3, 1, 3], (7, 8)),
    "a limit beyond all": (50, [1, 2, 3], (4,)),
}


@pytest.mark.task(1)
@pytest.mark.parametrize("case", TIMES)
def test_as_many_at_once_as_may_be(race, case):
    limit, seconds, right = TIMES[case]

    async def main(site, folder):
        names = [f"/{number}.jpg" for number in range(len(seconds))]
        site.page("/1.html", names, seconds=1)
        pictures = {name: site.picture(name, seconds=each) for name, each in zip(names, seconds, strict=True)}
        async with site.opened() as address:
            began = asyncio.get_running_loop().time()
            result = await whole(crawl([f"{address}/1.html"], site.find, folder, limit))
            took = asyncio.get_running_loop().time() - began
            assert site.crowd() <= limit, f"with limit={limit}, {site.crowd()} requests were open at once"
            assert took in right, (
                f"a page of 1 s, then pictures of {seconds} s, {limit} at once: {took:g} s instead of {right[-1]} s; "
                "as long as some wait, the limit is used: let each begin when another has ended"
            )
            check_saved(result, folder, {address + name: body for name, body in pictures.items()})

    explore(race, main, 2)


@pytest.mark.task(1)
def test_pages_at_once(race):
    async def main(site, folder):
        pages = [f"/{number}.html" for number in range(4)]
        pictures = {f"/{number}.jpg": site.picture(f"/{number}.jpg", seconds=1) for number in range(4)}
        for page, name in zip(pages, pictures, strict=True):
            site.page(page, [name], seconds=1)
        async with site.opened() as address:
            began = asyncio.get_running_loop().time()
            result = await whole(crawl([address + page for page in pages], site.find, folder, 2))
            took = asyncio.get_running_loop().time() - began
            check_saved(result, folder, {address + name: body for name, body in pictures.items()})
            assert site.crowd() <= 2, f"with limit=2, {site.crowd()} requests were open at once: pages count as well"
            assert took == 4, f"4 pages and 4 pictures of 1 s, two at once, took {took:g} s instead of 4 s"

    explore(race, main, 2)


@pytest.mark.task(1)
def test_two_crawls_at_once(race):
    async def main(site, folder):
        site.picture("/x.jpg", seconds=1)
        site.page("/1.html", ["/x.jpg"], seconds=1)
        async with site.opened() as address:
            began = asyncio.get_running_loop().time()
            await asyncio.gather(*[whole(crawl([f"{address}/1.html"], site.find, folder, 1)) for _ in range(2)])
            took = asyncio.get_running_loop().time() - began
            assert took == 2, f"two crawls at the same time, each of 2 s, took {took:g} s: each has a limit of its own"

    explore(race, main, 2)


@pytest.mark.task(1)
def test_each_once(race):
    async def main(site, folder):
        body = site.picture("/a.jpg", seconds=1)
        for page in ("/1.html", "/2.html"):
            site.page(page, ["/a.jpg", "/bad.jpg", "/a.jpg"], seconds=1)
        found = []

        def find(page, content):
            found.append(page)
            return site.find(page, content)

        async with site.opened() as address:
            pages = [f"{address}/{n}.html" for n in (1, 2, 1)]
            result = await whole(crawl(pages, find, folder, 8))
            assert sorted(site.asked) == ["/1.html", "/2.html", "/a.jpg", "/bad.jpg"], (
                f"two pages come at the same time, with the same two pictures, and asked for were {site.asked}: "
                "each once, whatever came of it"
            )
            assert sorted(found) == pages[:2], f"find was called for {found}: once for each page"
            check_saved(result, folder, {f"{address}/a.jpg": body})

    explore(race, main, 3)


@pytest.mark.task(1)
def test_more_than_a_hundred(tmp_path):
    async def main():
        site = Site()
        pictures = {f"/pic/{number}.jpg": site.picture(f"/pic/{number}.jpg") for number in range(101)}
        site.page("/1.html", list(pictures))
        site.hold_until(101, "/pic/")
        async with site.opened() as address:
            result = await whole(crawl([f"{address}/1.html"], site.find, tmp_path, 101), 30)
            assert site.met, (
                f"limit is 101, and never were more than {site.peak} requests open at once, though the site held its "
                "pictures back for 5 s: a session has a limit of its own, which its connector is told"
            )
            check_saved(result, tmp_path, {address + name: body for name, body in pictures.items()})

    asyncio.run(main())


@pytest.mark.task(1)
def test_nothing_to_do(race):
    async def main(site, folder):
        site.page("/1.html", [])
        async with site.opened() as address:
            for pages in ([], [f"{address}/1.html"]):
                result = await whole(crawl(pages, lambda *_: iter(()), str(folder / "new"), 1))
                assert result == {}, f"no picture on {len(pages)} pages, and crawl returned {result}"
                assert (folder / "new").is_dir(), f"{len(pages)} pages, and the folder was not made"

    explore(race, main, 2)


@pytest.mark.task(1)
def test_it_may_take_long(race):
    async def main(site, folder):
        pictures = {f"/{number}.jpg": site.picture(f"/{number}.jpg", seconds=200) for number in range(3)}
        site.page("/1.html", list(pictures), seconds=400)
        async with site.opened() as address:
            result = await whole(crawl([f"{address}/1.html"], site.find, folder, 1))
            for name, why in (("/1.html", "a page took 400 s"), ("/2.jpg", "a picture took 200 s, after two others")):
                told = result.get(address + name)
                assert not isinstance(told, Exception), (
                    f"{why}, and crawl gave {told!r} for it: there is no time limit, and a session has one of its own"
                )
            check_saved(result, folder, {address + name: body for name, body in pictures.items()})

    explore(race, main, 2)


@pytest.mark.task(1)
def test_it_may_take_days(race):
    async def main(site, folder):
        body = site.picture("/a.jpg", seconds=1_000_000)
        site.page("/1.html", ["/a.jpg"])
        async with site.opened() as address:
            result = await whole(crawl([f"{address}/1.html"], site.find, folder, 1), 2_000_000)
            told = result.get(f"{address}/a.jpg")
            assert not isinstance(told, Exception), f"a picture took 1000000 s, and crawl gave {told!r}: no time limit"
            check_saved(result, folder, {f"{address}/a.jpg": body})

    explore(race, main, 1)


@pytest.mark.task(2)
def test_a_hundred_pictures_over_ten_connections(tmp_path):
    async def main():
        site = Site()
        pictures = {f"/pic/{number}.jpg": site.picture(f"/pic/{number}.jpg") for number in range(100)}
        site.page("/1.html", list(pictures))
        site.hold_until(10, "/pic/")
        async with site.opened() as address:
            result = await whole(crawl([f"{address}/1.html"], site.find, tmp_path), 30)
            assert site.met, (
                "the site held its pictures back for 5 s, until ten requests are open at once, and never were there "
                f"more than {site.peak}: ask for the next before the first has come"
            )
            assert site.peak <= 10, f"{site.peak} requests were open at once, the limit is 10"
            assert len(site.connections) <= 10, (
                f"{len(site.asked)} requests, ten at once, used {len(site.connections)} connections instead of 10: "
                "a session keeps its connections; use one for all requests"
            )
            check_saved(result, tmp_path, {address + name: body for name, body in pictures.items()})

    asyncio.run(main())


@pytest.mark.task(2)
@pytest.mark.parametrize("ends", ["as it should", "cancelled"])
def test_all_connections_are_closed(race, ends):
    async def main(site, folder):
        site.picture("/a.jpg", seconds=1)
        site.page("/1.html", ["/a.jpg", "/b.jpg"])
        async with site.opened() as address:
            task = asyncio.create_task(crawl([f"{address}/1.html"], site.find, folder, 2))
            if ends == "cancelled":
                await asyncio.sleep(0.5)
                task.cancel()
            try:
                await task
            except (asyncio.CancelledError, *KNOWN):
                pass
            await asyncio.sleep(1)
            assert site.connections, "the site was not asked"
            assert not site.open_connections, (
                f"crawl has ended, {ends}, and a second later {site.open_connections} of its connections are open: "
                "`async with` closes a session"
            )

    explore(race, main, 3)


@pytest.mark.task(2)
def test_a_certificate_that_nobody_has_signed(tmp_path):
    (tmp_path / "certificate.pem").write_text(CERTIFICATE)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "certificate.pem")

    async def main():
        site = Site()
        site.picture("/a.jpg")
        site.page("/1.html", ["/a.jpg"])
        async with site.opened(context) as address:
            result = await whole(crawl([f"{address}/1.html"], site.find, tmp_path / "in"), 30)
            assert not site.asked, (
                f"the certificate of {address} is signed by nobody, and the site was asked for {site.asked}: leave the "
                "checks on"
            )
            told = result.get(f"{address}/1.html")
            assert isinstance(told, Exception), f"the page cannot be reached, and crawl gave {told!r} for it"

    asyncio.run(main())


@pytest.mark.task(3)
def test_no_file_is_written_in_the_loops_thread(tmp_path):
    opened = []

    async def main():
        site = Site()
        pictures = {name: site.picture(name) for name in ("/a.jpg", "/b.jpg")}
        site.page("/1.html", list(pictures))
        async with site.opened() as address:
            with watched_disk(tmp_path, lambda path: opened.append((path.name, threading.get_ident()))):
                result = await whole(crawl([f"{address}/1.html"], site.find, tmp_path), 30)
            here = [name for name, thread in opened if thread == threading.get_ident()]
            assert not here, (
                f"{here} were opened in the thread of the loop: while the disk works nobody crawls; give it to another "
                "thread, all of it"
            )
            check_saved(result, tmp_path, {address + name: body for name, body in pictures.items()})

    asyncio.run(main())


@pytest.mark.task(3)
def test_a_slow_disk_holds_up_no_request(race):
    async def main(site, folder):
        pictures = {name: site.picture(name, seconds=1) for name in ("/a.jpg", "/b.jpg")}
        site.page("/1.html", list(pictures), seconds=1)
        async with site.opened() as address:
            with watched_disk(folder, lambda path: time.sleep(5)):
                result = await whole(crawl([f"{address}/1.html"], site.find, folder, 1))
            took = site.visits[-1].ended - site.visits[0].began
            assert took == 3, (
                f"a page and two pictures of 1 s, one at a time, and a disk that takes 5 s for each: the last request "
                f"ended after {took:g} s instead of 3 s; while one is written, the next is asked for"
            )
            check_saved(result, folder, {address + name: body for name, body in pictures.items()})

    explore(race, main, 2)


@pytest.mark.task(3)
def test_two_crawls_into_one_folder(race):
    def others_come_in_between(path):
        time.sleep(0.001)

    async def main(site, folder):
        names = ["/a/x.jpg", "/b/x.jpg"]
        pictures = {name: site.picture(name) for name in names}
        site.page("/1.html", names)
        async with site.opened() as address:
            with watched_disk(folder, others_come_in_between, others_come_in_between):
                calls = [whole(crawl([f"{address}/1.html"], site.find, folder, 2)) for _ in range(2)]
                results = await asyncio.gather(*calls)
            files = [result.get(address + name) for result in results for name in names]
            assert len({*files}) == len(list(folder.iterdir())) == 4, (
                f"two crawls at the same time, each of two pictures, lying in {files}: none may be written over; "
                "to find a free name and to take it must be one step"
            )
            for path, body in zip(files, [*pictures.values()] * 2, strict=True):
                assert path.read_bytes() == body, f"two crawls at the same time, and {path.name} is another picture"

    explore(race, main, 2)


@pytest.mark.task(3)
def test_equal_names_and_old_files(race):
    async def main(site, folder):
        folder.mkdir()
        names = ["/a/1.jpg", "/b/1.jpg", "/a/1.jpg?size=2", "/1.png", "/no-end", "/..%2F1.jpg"]
        old = {folder / name: b"mine" for name in ("1.jpg", "2.jpg", "1-1.jpg", "1.png", "no-end", "no-end-1")}
        for path, body in old.items():
            path.write_bytes(body)
        pictures = {name: site.picture(name) for name in names}
        pictures["/b/1.jpg"] = pictures["/a/1.jpg"]
        site.says("/b/1.jpg", Answer(pictures["/a/1.jpg"]))
        site.page("/1.html", names)
        async with site.opened() as address:
            result = await whole(crawl([f"{address}/1.html"], site.find, folder))
            for path, body in old.items():
                assert path.is_file(), f"{path.name} was in the folder before, and is gone"
                assert path.read_bytes() == body, f"{path.name} was in the folder before, and was written over"
                path.unlink()
            check_saved(result, folder, {address + name: body for name, body in pictures.items()})
            ends = [result[address + name].suffix for name in names]
            right = [".jpg", ".jpg", ".jpg", ".png", "", ".jpg"]
            assert ends == right, f"{names} were saved with the ends {ends} instead of {right}"

    explore(race, main, 2)


FAILURES = {
    "500": ("is answered with 500", {"status": 500}),
    "206": ("is answered with 206, not with 200", {"status": 206}),
    "half": ("ends in the midst", {"half": True, "body": b"\xff\xd8 half a cat" * 9000}),
}


@pytest.mark.task(4)
@pytest.mark.parametrize("case", FAILURES)
@pytest.mark.parametrize("what", ["a picture", "a page"])
def test_a_failure_takes_nothing_away(race, case, what):
    why, answer = FAILURES[case]

    async def main(site, folder):
        pictures = {name: site.picture(name, seconds=1) for name in ("/a.jpg", "/z.jpg")}
        site.page("/2.html", ["/a.jpg", "/b.jpg", "/z.jpg"])
        site.says("/b.jpg", Answer(**(answer if what == "a picture" else {"body": b"whole"})))
        pages = ["/2.html"]
        if what == "a page":
            site.says("/1.html", Answer(**answer))
            pages, pictures["/b.jpg"] = ["/1.html", "/2.html"], b"whole"
        bad = "/b.jpg" if what == "a picture" else "/1.html"
        async with site.opened() as address:
            result = await whole(crawl([address + page for page in pages], site.find, folder, 1))
            told = result.get(address + bad)
            assert isinstance(told, Exception), f"{what} {why}, and crawl gave {told!r} for it instead of an exception"
            check_saved(result, folder, {address + name: body for name, body in pictures.items()})
            assert len(result) == len(pictures) + 1, f"one of all failed, and crawl returned {result}"

    explore(race, main, 2)


@pytest.mark.task(4)
def test_a_page_that_cannot_be_read(race):
    async def main(site, folder):
        body = site.picture("/a.jpg")
        for page in ("/1.html", "/2.html", "/3.html", "/4.html"):
            site.page(page, ["/a.jpg"])

        class Quiet(Exception):
            def __bool__(self):
                return False

        def find(page, content):
            if page.endswith("1.html"):
                raise LookupError("this page is in Greek")
            if page.endswith("4.html"):
                raise Quiet
            return half_of_it(page) if page.endswith("3.html") else site.find(page, content)

        def half_of_it(page):
            yield page.replace("3.html", "a.jpg")
            raise LookupError("the rest is in Greek")

        async with site.opened() as address:
            pages = [f"{address}/1.html", "http://127.0.0.1:1/", *(f"{address}/{number}.html" for number in (3, 4, 2))]
            result = await whole(crawl(pages, find, folder, 1))
            whys = ("find raised LookupError", "it cannot be reached", "what find returned raised LookupError")
            for page, why in zip(pages, (*whys, "find raised an exception that is false"), strict=False):
                told = result.get(page)
                assert isinstance(told, Exception), f"of a page {why}, and crawl gave {told!r} for it"
            check_saved(result, folder, {f"{address}/a.jpg": body})

    explore(race, main, 2)


@pytest.mark.task(4)
def test_find_returns_none(race):
    async def main(site, folder):
        site.page("/1.html", [])
        async with site.opened() as address:
            result = await whole(crawl([f"{address}/1.html"], lambda page, content: None, folder, 1))
            told = result.get(f"{address}/1.html")
            assert isinstance(told, TypeError), (
                f"find returned None, and crawl gave {told!r}: to walk it is a TypeError"
            )

    explore(race, main, 1)


@pytest.mark.task(3)
def test_a_picture_that_has_moved(race):
    async def main(site, folder):
        body = site.picture("/new/9.gif")
        site.says("/old.png", Answer(status=302, headers={"Location": "/new/9.gif"}))
        site.page("/1.html", ["/old.png"])
        async with site.opened() as address:
            result = await whole(crawl([f"{address}/1.html"], site.find, folder, 1))
            check_saved(result, folder, {f"{address}/old.png": body})
            [path] = result.values()
            assert path.suffix == ".png", f"/old.png redirects to /new/9.gif, and the file is {path.name}, no .png"

    explore(race, main, 1)


@pytest.mark.task(4)
def test_a_file_that_cannot_be_written(race):
    async def main(site, folder):
        too_long = f"/b.{'g' * 300}"
        pictures = {name: site.picture(name) for name in ("/a.jpg", "/c.jpg")}
        site.picture(too_long)
        site.page("/1.html", ["/a.jpg", too_long, "/c.jpg"])
        tries = Tries()
        async with site.opened() as address:
            with watched_disk(folder, tries):
                result = await whole(crawl([f"{address}/1.html"], site.find, folder, 1))
            tries.check()
            told = result.get(address + too_long)
            assert isinstance(told, Exception), (
                f"an address ends with 300 letters behind the dot, as no file can, and crawl gave {told!r} for it"
            )
            check_saved(result, folder, {address + name: body for name, body in pictures.items()})

    explore(race, main, 2)


@pytest.mark.task(4)
def test_an_empty_answer_is_one(race):
    async def main(site, folder):
        found = []
        site.says("/1.html", Answer(b""))
        site.says("/a.jpg", Answer(b""))
        async with site.opened() as address:

            def find(page, content):
                found.append(content)
                return [f"{address}/a.jpg"]

            result = await whole(crawl([f"{address}/1.html"], find, folder, 1))
            assert found == [b""], (
                f"a page of no bytes was fetched, and find was called with {found}: once for each page"
            )
            path = result.get(f"{address}/a.jpg")
            assert isinstance(path, Path), f"a picture of no bytes, and crawl gave {path!r} for it"
            check_saved(result, folder, {f"{address}/a.jpg": b""})

    explore(race, main, 2)


@pytest.mark.task(5)
@pytest.mark.parametrize("after", [0.5, 1.5])
def test_called_off(race, after):
    async def main(site, folder):
        names = [f"/{number}.jpg" for number in range(4)]
        for name in names:
            site.picture(name, seconds=1)
        site.page("/1.html", names, seconds=1)
        async with site.opened() as address:
            task = asyncio.create_task(crawl([f"{address}/1.html"], site.find, folder, 2))
            await asyncio.sleep(after)
            task.cancel()
            [found] = await asyncio.gather(task, return_exceptions=True)
            assert isinstance(found, asyncio.CancelledError), f"cancelled, crawl gave {found!r}: let CancelledError out"
            asked = list(site.asked)
            await asyncio.sleep(0.1)
            assert not site.open_requests, f"cancelled, and {site.open_requests} are still being asked for: cancel them"
            await asyncio.sleep(5)
            assert site.asked == asked, f"cancelled, and later the site was asked for {site.asked[len(asked) :]}"

    explore(race, main, 2)


@pytest.mark.task(5)
def test_called_off_while_it_writes_the_last(race):
    async def main(site, folder):
        site.picture("/a.jpg")
        site.page("/1.html", ["/a.jpg"])
        async with site.opened() as address:
            with watched_disk(folder.parent, lambda path: time.sleep(5)):
                task = asyncio.create_task(crawl([f"{address}/1.html"], site.find, folder, 1))
                await asyncio.sleep(3)
                writes = task.cancel()  # or it has ended, as it opens files by a way that is not watched
                [found] = await asyncio.gather(task, return_exceptions=True)
            assert not writes or isinstance(found, asyncio.CancelledError), (
                f"cancelled while it wrote the last picture, crawl gave {found!r}: let CancelledError out"
            )

    explore(race, main, 2)


@pytest.mark.task(5)
def test_called_off_while_it_writes(race):
    def scenario():
        with tempfile.TemporaryDirectory() as name:
            folder, site, bodies = Path(name) / "in", Site(), set()
            asyncio.run(main(site, folder, bodies))
            for path in folder.iterdir() if folder.is_dir() else ():
                assert path.read_bytes() in bodies, (
                    f"cancelled while it wrote, and {path.name} holds {path.read_bytes()[:20]!r}: a file is whole, or "
                    "it goes again, whatever ends the writing"
                )

    async def main(site, folder, bodies):
        bodies.update(site.picture(name, seconds=1) for name in ("/1.jpg", "/2.jpg"))
        site.page("/1.html", ["/1.jpg", "/2.jpg"])
        async with site.opened() as address:
            task = asyncio.create_task(crawl([f"{address}/1.html"], site.find, folder, 2))
            await asyncio.sleep(1)
            for _ in range(len(asyncio.all_tasks()) * 6):
                if folder.is_dir() and any(folder.iterdir()):
                    break
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    race.explore(scenario, order="any", schedules=10)
