"""A polite crawler: the tests. Time is virtual in all but one, and the site runs in the same loop."""

import asyncio
import math

import aiohttp
import pytest
from bounded_crawler import fetch_all
from picture_site import Answer, Site

LOST = Answer(status=500, kind="text/html")


def explore(race, main, schedules=3):
    """Explore a coroutine function of a new site."""
    race.explore(lambda: asyncio.run(main(Site())), order="any", schedules=schedules)


async def fetched(site, names, limit, patience_of_test=3600, **more):
    """Fetch from an open site; return the result by names, and how long it took."""
    loop = asyncio.get_running_loop()
    async with site.opened() as address:
        began = loop.time()
        try:
            async with asyncio.timeout(patience_of_test):
                result = await fetch_all((address + name for name in names), limit, **more)
        except NotImplementedError:
            raise
        except (Exception, ExceptionGroup) as error:
            took = loop.time() - began
            if isinstance(error, TimeoutError) and took >= patience_of_test:
                raise AssertionError(
                    f"{took:g} s, and fetch_all still waits; {site.open_requests} are being asked for: what does not "
                    "come is given up after `patience`, what is taken is given back in any case"
                ) from error
            raise AssertionError(f"fetch_all raised {error!r}: a failure stands in the dictionary") from error
        took = loop.time() - began
        assert isinstance(result, dict), f"fetch_all returned {result!r}, no dictionary"
        right = {address + name for name in names}
        assert set(result) == right, f"fetch_all returned {list(result)}: an entry for each of {sorted(right)}"
        return {name: result[address + name] for name in names}, took


def times(site, name):
    """Return when a name was asked for, from the first request of all."""
    first = site.visits[0].began
    seconds = [round(visit.began - first, 6) for visit in site.visits if visit.path == name]
    return [int(each) if each == int(each) else each for each in seconds]


@pytest.mark.task(1)
@pytest.mark.parametrize(
    ("limit", "seconds", "right"),
    [
        (1, [1, 2], (3,)),
        (2, [1, 1, 1, 1], (2,)),
        (2, [1, 3, 1, 3, 1, 3], (6, 7)),
        (3, [2, 2, 2], (2,)),
        (50, [1, 2], (2,)),
    ],
)
def test_so_many_at_once(race, limit, seconds, right):
    async def main(site):
        bodies = {f"/{n}.jpg": site.picture(f"/{n}.jpg", seconds=each) for n, each in enumerate(seconds)}
        result, took = await fetched(site, bodies, limit)
        assert site.crowd() <= limit, f"with limit={limit}, {site.crowd()} requests were open at once"
        assert took in right, (
            f"answers of {seconds} s, {limit} at once, took {took:g} s instead of {right[-1]} s: let each begin when "
            "another has ended"
        )
        assert result == bodies, f"the answers are {bodies}, and fetch_all returned {result}"

    explore(race, main)


@pytest.mark.task(1)
def test_a_hundred_real_ones():
    async def main():
        site = Site()
        bodies = {f"/{n}.jpg": site.picture(f"/{n}.jpg") for n in range(100)}
        for n in range(0, 100, 7):
            site.says(f"/{n}.jpg", LOST, Answer(bodies[f"/{n}.jpg"]))
        site.hold_until(10)
        result, _ = await fetched(site, bodies, 10, 60, patience=50, pause=0)
        assert site.met, (
            "the site held its answers back for 5 s, until ten requests are open at once, and never were there more "
            f"than {site.peak}"
        )
        assert site.peak <= 10, f"with limit=10, {site.peak} requests were open at once"
        lost = [name for name in bodies if result[name] != bodies[name]]
        assert not lost, f"every seventh of 100 failed at first, and {lost} are not what they should be"
        assert len(site.asked) == 115, f"100 addresses, of which 15 fail once, were asked for {len(site.asked)} times"
        assert len(site.connections) <= 25, (
            f"{len(site.asked)} requests, ten at once, used {len(site.connections)} connections: share one session"
        )

    asyncio.run(main())


@pytest.mark.task(1)
def test_more_than_a_hundred():
    async def main():
        site = Site()
        bodies = {f"/{n}.jpg": site.picture(f"/{n}.jpg") for n in range(101)}
        site.hold_until(101)
        result, _ = await fetched(site, bodies, 101, 60, patience=50)
        assert site.met, (
            f"limit is 101, and never were more than {site.peak} requests open at once, though the site held its "
            "answers back for 5 s: a session has a limit of its own, which its connector is told"
        )
        assert result == bodies, "101 answers at once, and fetch_all returned something else"

    asyncio.run(main())


@pytest.mark.task(1)
def test_nothing_to_fetch(race):
    async def main(site):
        result, _ = await fetched(site, [], 1)
        assert result == {}, f"no address, and fetch_all returned {result}"

    explore(race, main, 2)


@pytest.mark.task(2)
@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (LOST, "is answered with 500"),
        (Answer(status=599), "is answered with 599"),
        (Answer(status=429), "is answered with 429, too many requests"),
        (Answer(b"half a cat" * 999, half=True), "ends in the midst"),
    ],
    ids=["500", "599", "429", "half"],
)
@pytest.mark.parametrize("tries", [1, 2, 3])
def test_what_fails_twice(race, bad, why, tries):
    async def main(site):
        site.says("/a.jpg", bad, bad, Answer(b"at last"))
        other = site.picture("/b.jpg")
        result, _ = await fetched(site, ["/a.jpg", "/b.jpg"], 1, tries=tries)
        asked = site.asked.count("/a.jpg")
        assert asked == tries, f"/a.jpg {why} twice, and with tries={tries} it was asked for {asked} times"
        found = result["/a.jpg"]
        if tries == 3:
            assert found == b"at last", f"/a.jpg {why} twice, then it comes, and fetch_all gave {found!r} for it"
        else:
            assert isinstance(found, Exception), (
                f"/a.jpg {why} twice, and with tries={tries} fetch_all gave {found!r} for it instead of an exception"
            )
        assert result["/b.jpg"] == other, f"/a.jpg {why}, and fetch_all gave {result['/b.jpg']!r} for /b.jpg"

    explore(race, main, 2)


@pytest.mark.task(2)
@pytest.mark.parametrize("status", [404, 403, 408, 425, 206, 204, 600])
def test_what_does_not_pass_is_not_repeated(race, status):
    async def main(site):
        site.says("/a.jpg", LOST, Answer(b"" if status == 204 else b"sorry", status=status), Answer(b"whole"))
        result, _ = await fetched(site, ["/a.jpg"], 1, tries=4)
        asked = site.asked.count("/a.jpg")
        assert asked == 2, f"/a.jpg is answered with 500, then {status}, and was asked for {asked} times instead of 2"
        assert isinstance(result["/a.jpg"], Exception), (
            f"/a.jpg is answered with {status}, and fetch_all gave {result['/a.jpg']!r} for it instead of an exception"
        )

    explore(race, main, 2)


@pytest.mark.task(2)
def test_nobody_is_there(race):
    async def main(site):
        async with site.opened() as address:
            body = site.picture("/a.jpg")
            gone = "http://127.0.0.1:1/gone.jpg"
            loop = asyncio.get_running_loop()
            began = loop.time()
            try:
                result = await fetch_all([gone, f"{address}/a.jpg"], 1, tries=3, pause=2)
            except (OSError, aiohttp.ClientError, ExceptionGroup) as error:
                raise AssertionError(f"fetch_all raised {error!r}: a failure stands in the dictionary") from error
            assert isinstance(result[gone], Exception), f"nobody is there, and fetch_all gave {result[gone]!r} for it"
            assert result[f"{address}/a.jpg"] == body, (
                f"of two addresses one is gone, and the other one is lost: {result}"
            )
            took = loop.time() - began
            assert took == 6, f"nobody is there; three tries with pauses of 2 and 4 s took {took:g} s: try again"

    explore(race, main, 2)


@pytest.mark.task(2)
def test_a_redirect_is_no_failure(race):
    async def main(site):
        site.says("/a.jpg", Answer(status=302, headers={"Location": "/b.jpg"}))
        body = site.picture("/b.jpg")
        result, _ = await fetched(site, ["/a.jpg"], 1)
        assert result == {"/a.jpg": body}, f"/a.jpg redirects to /b.jpg, and fetch_all returned {result}"

    explore(race, main, 2)


STALLS = {
    "never answers": Answer(b"cat", seconds=math.inf),
    "answers with a head and no body": Answer(b"a cat in four quarters", drip=math.inf),
    "takes 16 s, a quarter each 4 s": Answer(b"a cat in four quarters", drip=4),
    "takes 11 s": Answer(b"cat", seconds=11),
}


@pytest.mark.task(3)
@pytest.mark.parametrize("case", STALLS)
def test_what_does_not_come_is_given_up(race, case):
    async def main(site):
        site.says("/a.jpg", STALLS[case], Answer(b"at last"))
        result, took = await fetched(site, ["/a.jpg"], 1, patience=10, pause=2)
        assert times(site, "/a.jpg") == [0, 12], (
            f"/a.jpg {case}, patience is 10 s, the pause 2 s, and it was asked for after {times(site, '/a.jpg')} s "
            "instead of 0 and 12: all of it has to be there in time"
        )
        assert result["/a.jpg"] == b"at last", f"/a.jpg {case}, then it comes, and fetch_all gave {result['/a.jpg']!r}"

    explore(race, main, 2)


@pytest.mark.task(3)
def test_patience_is_a_fraction(race):
    async def main(site):
        site.says("/a.jpg", STALLS["never answers"])
        _, took = await fetched(site, ["/a.jpg"], 1, tries=2, patience=7.25, pause=2)
        assert times(site, "/a.jpg") == [0, 9.25], (
            f"/a.jpg never answers, patience is 7.25 s, the pause 2 s, and it was asked for after "
            f"{times(site, '/a.jpg')} s instead of [0, 9.25]: give it up then, not at the next whole second"
        )
        assert took == 16.5, f"the last try is given up after 16.5 s, fetch_all has ended after {took:g} s"

    explore(race, main, 2)


@pytest.mark.task(3)
@pytest.mark.parametrize("tries", [1, 2])
def test_a_try_that_is_given_up_is_a_try(race, tries):
    async def main(site):
        site.says("/a.jpg", STALLS["never answers"])
        result, _ = await fetched(site, ["/a.jpg"], 1, tries=tries, patience=10, pause=2)
        right = [0, 12][:tries]
        assert times(site, "/a.jpg") == right, (
            f"/a.jpg never answers, and with tries={tries} was asked for after {times(site, '/a.jpg')} s instead of "
            f"{right}"
        )
        assert isinstance(result["/a.jpg"], Exception), f"/a.jpg never answers, and fetch_all gave {result['/a.jpg']!r}"

    explore(race, main, 2)


@pytest.mark.task(3)
def test_who_is_given_up_makes_room(race):
    async def main(site):
        site.says("/a.jpg", STALLS["never answers"])
        body = site.picture("/b.jpg", seconds=1)
        result, took = await fetched(site, ["/a.jpg", "/b.jpg"], 1, tries=1, patience=10)
        assert isinstance(result["/a.jpg"], Exception), f"/a.jpg never answers, and fetch_all gave {result['/a.jpg']!r}"
        assert result["/b.jpg"] == body, f"/a.jpg never answers, and fetch_all gave {result['/b.jpg']!r} for /b.jpg"
        assert took == 11, f"one is given up after 10 s, one takes 1 s, one at once: {took:g} s instead of 11 s"
        assert not site.open_requests, f"{site.open_requests} were given up and are still open"

    explore(race, main)


@pytest.mark.task(3)
def test_patience_begins_with_the_request(race):
    async def main(site):
        bodies = {f"/{n}.jpg": site.picture(f"/{n}.jpg", seconds=9) for n in range(4)}
        result, took = await fetched(site, bodies, 1, tries=1, patience=10)
        failed = {name: found for name, found in result.items() if found != bodies[name]}
        assert not failed, (
            f"four answers of 9 s each, one at a time, patience is 10 s, and these failed: {failed}: waiting in "
            "line does not count"
        )

    explore(race, main, 2)


@pytest.mark.task(3)
def test_just_in_time(race):
    async def main(site):
        body = site.picture("/a.jpg", drip=30)
        result, _ = await fetched(site, ["/a.jpg"], 1, tries=1, patience=400)
        assert result["/a.jpg"] == body, (
            f"an answer of 120 s, patience is 400 s, and fetch_all gave {result['/a.jpg']!r}: no other limit counts"
        )
        slow = site.picture("/b.jpg", seconds=399)
        result, _ = await fetched(site, ["/b.jpg"], 1, tries=1, patience=400)
        assert result["/b.jpg"] == slow, (
            f"an answer of 399 s, patience is 400 s, and fetch_all gave {result['/b.jpg']!r}: no other limit counts"
        )

    explore(race, main, 2)


@pytest.mark.task(4)
def test_longer_each_time(race):
    async def main(site):
        site.says("/a.jpg", LOST)
        site.says("/b.jpg", Answer(b"", status=503, seconds=1))
        _, took = await fetched(site, ["/a.jpg", "/b.jpg"], 2, tries=6, pause=3)
        for name, right in (("/a.jpg", [0, 3, 9, 21, 45, 93]), ("/b.jpg", [0, 4, 11, 24, 49, 98])):
            assert times(site, name) == right, (
                f"pause is 3 s, and {name}, which always fails, was asked for after {times(site, name)} s instead of "
                f"{right}: 3, 6, 12, 24 and 48 s pass, each from the end of the try before"
            )
        assert took == 99, f"the last try has ended after 99 s, fetch_all after {took:g} s: no pause after the last try"

    explore(race, main)


@pytest.mark.task(4)
@pytest.mark.parametrize("status", [503, 429])
def test_as_long_as_the_site_says(race, status):
    async def main(site):
        words = ("7", "1", "soon", "400", "77.5", "20")
        said = [Answer(b"", status=status, headers={"Retry-After": each}) for each in words]
        site.says("/a.jpg", *said)
        _, took = await fetched(site, ["/a.jpg"], 1, tries=6, pause=2)
        found, right = times(site, "/a.jpg"), [0, 7, 11, 19, 419, 451]
        assert found[:5] == right[:5], (
            f"{status} with Retry-After 7, 1, 'soon', 400, pauses of 2, 4, 8, 16: asked after {found} "
            f"s instead of {right}: the longer of the two"
        )
        assert found == right, (
            f"{status} with Retry-After 77.5, a pause of 32 s: asked after {found} s instead of {right}: 77.5 is no "
            "whole number"
        )
        assert took == 451, (
            f"the last try has ended after 451 s, fetch_all after {took:g} s: no pause after the last try"
        )

    explore(race, main, 2)


@pytest.mark.task(4)
@pytest.mark.parametrize("said", ["", "60"])
def test_who_pauses_is_in_nobodys_way(race, said):
    async def main(site):
        site.says("/a.jpg", Answer(b"", status=500, headers={"Retry-After": said}), Answer(b"at last"))
        bodies = {name: site.picture(name, seconds=2) for name in ("/b.jpg", "/c.jpg")}
        result, took = await fetched(site, ["/a.jpg", *bodies], 1, pause=4)
        ended = max(visit.ended for visit in site.visits if visit.path in bodies) - site.visits[0].began
        assert ended == 4, (
            f"limit is 1; /a.jpg fails at once and pauses for {said or 4} s, two others take 2 s each, and had come "
            f"after {ended:g} s instead of 4 s: who pauses is no request, and holds up nobody"
        )
        assert result == {"/a.jpg": b"at last", **bodies}, f"fetch_all returned {result}"

    explore(race, main, 4)


@pytest.mark.task(4)
@pytest.mark.parametrize("pause", [1, 0])
def test_who_has_paused_lines_up_behind(race, pause):
    async def main(site):
        names = ["/a.jpg", "/b.jpg", "/c.jpg", "/d.jpg"]
        for name in names:
            site.says(name, Answer(b"", status=500, seconds=2), Answer(b"at last", seconds=2))
        result, _ = await fetched(site, names, 1, pause=pause)
        assert sorted(site.asked[:4]) == names, (
            f"limit is 1, each of four fails after 2 s and pauses for {pause} s, and they were asked for in the order "
            f"{site.asked}: who has paused lines up behind those who wait"
        )
        assert result == dict.fromkeys(names, b"at last"), f"each fails once, then it comes, and it gave {result}"

    explore(race, main)


@pytest.mark.task(5)
def test_the_same_address_twice(race):
    async def main(site):
        body = site.picture("/a.jpg", seconds=1)
        result, _ = await fetched(site, ["/a.jpg", "/a.jpg"], 2)
        assert site.asked == ["/a.jpg"], f"one address, given twice, was asked for {len(site.asked)} times"
        assert result == {"/a.jpg": body}, f"fetch_all returned {result}"

    explore(race, main, 2)


@pytest.mark.task(5)
def test_an_empty_answer_is_one(race):
    async def main(site):
        site.says("/a.jpg", Answer(b""))
        result, _ = await fetched(site, ["/a.jpg"], 1)
        assert site.asked == ["/a.jpg"], f"an empty answer with status 200 was asked for {len(site.asked)} times"
        assert result == {"/a.jpg": b""}, f"an empty answer with status 200, and fetch_all returned {result}"

    explore(race, main, 2)


@pytest.mark.task(5)
@pytest.mark.parametrize("when", ["while it asks", "while it pauses"])
def test_called_off(race, when):
    async def main(site):
        site.picture("/a.jpg", seconds=5)
        site.picture("/b.jpg", seconds=5)
        site.says("/c.jpg", LOST)
        names = ["/c.jpg"] if when == "while it pauses" else ["/a.jpg", "/b.jpg"]
        async with site.opened() as address:
            task = asyncio.create_task(fetch_all([address + name for name in names], 1, pause=5))
            await asyncio.sleep(2)
            task.cancel()
            [found] = await asyncio.gather(task, return_exceptions=True)
            if isinstance(found, NotImplementedError):
                raise found
            assert isinstance(found, asyncio.CancelledError), (
                f"cancelled {when}, fetch_all gave {found!r}: let CancelledError out"
            )
            await asyncio.sleep(1)
            assert not site.open_requests, f"cancelled {when}, and {site.open_requests} are open a second later"
            assert not site.open_connections, (
                f"cancelled {when}, and a second later {site.open_connections} connections are open: `async with` "
                "closes a session"
            )
            await asyncio.sleep(60)
            assert len(site.asked) == 1, f"cancelled {when}, and later asked for {site.asked[1:]}"

    explore(race, main)
