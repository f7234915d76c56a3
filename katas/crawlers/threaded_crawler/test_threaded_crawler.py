"""Three broken helpers: the tests. In tasks 1 to 3 you say how the threads mix; afterwards time is virtual."""

import tempfile
import threading
import time
from concurrent.futures import Future, wait
from pathlib import Path
from urllib.request import urlopen

import pytest
from broken_helpers import Gate, Names, Notebook
from picture_site import Site, Tries, watched_disk
from threaded_crawler import break_gate, break_names, break_notebook, crawl


def play(race, steps, make, acts, judge):
    """Play a schedule; `judge` looks at what came of it, and returns what is wrong with it as a proof."""

    def scenario():
        thing, told = make(), {}
        threads = [
            threading.Thread(target=lambda name=name, act=act: told.update({name: act(thing)}), name=name, daemon=True)
            for name, act in acts.items()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        return judge(thing, told)

    __tracebackhide__ = True
    if not isinstance(steps, list):
        pytest.fail(f"a schedule is a list of steps, and this is {steps!r}", pytrace=False)
    played = race.play(scenario, steps)
    if played.value:
        pytest.fail(f"{played.value}. What happened:\n\n{played}", pytrace=False)


@pytest.mark.task(1)
def test_the_notebook_breaks(race):
    def judge(notebook, told):
        if sorted(told.values()) != [True, True]:
            return (
                f"the notebook is not broken: A heard {told.get('A')}, B heard {told.get('B')}; change over when "
                "one has looked and has not written"
            )

    acts = dict.fromkeys("AB", lambda notebook: notebook.is_new("cat.jpg"))
    play(race, break_notebook(), Notebook, acts, judge)


@pytest.mark.task(2)
def test_the_names_break(race):
    def judge(names, told):
        if told.get("A") != told.get("B"):
            return (
                f"the names are not broken: A got {told.get('A')}, B got {told.get('B')}; change over when one knows a "
                "name that is free and has not taken it"
            )

    acts = dict.fromkeys("AB", lambda names: names.choose("cat.jpg"))
    play(race, break_names(), Names, acts, judge)


@pytest.mark.task(3)
def test_the_gate_breaks(race):
    def judge(gate, told):
        if gate.places >= 0:
            inside = [name for name in "BC" if name in told]
            return (
                f"the gate is not broken: inside are {inside or 'nobody'}, places: {gate.places}; one has to come in "
                "between the telling and the going on of another"
            )

    acts = {
        "A": lambda gate: (gate.enter(), gate.leave()),
        "B": lambda gate: gate.enter(),
        "C": lambda gate: gate.enter(),
    }
    play(race, break_gate(), lambda: Gate(1), acts, judge)


def address_of(name):
    return f"http://site.example{name}"


class World:
    """A site as a function: it notes when each call begins and ends."""

    def __init__(self, pages, seconds=None, answers=None):
        """`pages` names the pictures of each page; `seconds` how long a name takes, 1 if it does not say."""
        self.pages = pages
        self.seconds = seconds or {}
        self.answers = answers or {}
        self.visits = []
        self.found = []

    def body(self, name):
        return b"\xff\xd8\r\n" + name.encode() * 9

    def fetch(self, address):
        name = address.removeprefix("http://site.example")
        began = time.monotonic()
        time.sleep(self.seconds.get(name, 1))
        self.visits.append((name, began, time.monotonic()))
        answer = self.answers.get(name, self.body(name))
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def find(self, page, content):
        self.found.append(page)
        name = page.removeprefix("http://site.example")
        answer = self.pages[name]
        if isinstance(answer, BaseException):
            raise answer
        return self._walk(answer)

    def _walk(self, names):
        for name in names:
            if isinstance(name, BaseException):
                raise name
            yield address_of(name)

    def crowd(self):
        edges = [(began, 1) for _, began, _ in self.visits] + [(ended, -1) for _, _, ended in self.visits]
        now = most = 0
        for _, step in sorted(edges):
            now += step
            most = max(most, now)
        return most

    def crawl(self, folder, limit, pages=None):
        """Crawl, and look at what comes back."""
        pages = [address_of(page) for page in (self.pages if pages is None else pages)]
        try:
            result = crawl(pages, self.fetch, self.find, folder, limit)
        except NotImplementedError:
            raise
        except (Exception, SystemExit) as error:
            raise AssertionError(f"crawl raised {error!r}: what fails stands in the dictionary") from error
        assert isinstance(result, dict), f"crawl returned {result!r}, no dictionary"
        return result

    def check(self, result, folder, names):
        """Every picture has a file of its own, and there is no other file."""
        for name in names:
            path = result.get(address_of(name))
            assert isinstance(path, Path), f"{name} is a picture like any other, and crawl gave {path!r} for it"
            assert path.parent.resolve() == folder.resolve(), f"{path} does not lie in {folder} itself"
            saved = path.read_bytes() if path.is_file() else None
            assert saved == self.body(name), f"{path.name} is not {name} byte for byte: {saved!r}, {self.body(name)!r}"
        saved = {path for path in result.values() if isinstance(path, Path)}
        too_much = {path.name for path in folder.rglob("*")} - {path.name for path in saved}
        assert not too_much, f"{sorted(too_much)} lies in the folder and was not reported: leave nothing half"
        assert len(saved) == len(names), f"crawl says {len(saved)} files for {len(names)} pictures: {result}"


def others_come_in_between(path):
    time.sleep(0.001)


def explore(race, scenario, schedules=6, **settings):
    """Explore a function of a new folder."""

    def in_a_folder():
        with tempfile.TemporaryDirectory() as folder:
            scenario(Path(folder) / "new" / "in")

    race.explore(in_a_folder, schedules=schedules, **settings)


TIMES = {
    "one after the other": (1, [1, 2], (4,)),
    "three at once": (3, [1, 1, 1], (2,)),
    "two at once": (2, [1, 1, 1, 1], (3,)),
    "unequally long": (2, [1, 3, 1, 3, 1, 3], (7, 8)),
    "a limit beyond all": (20, [1, 2], (3,)),
}


@pytest.mark.task(4)
@pytest.mark.parametrize("case", TIMES)
def test_as_many_at_once_as_may_be(race, case):
    limit, seconds, right = TIMES[case]

    def scenario(folder):
        names = [f"/{number}.jpg" for number in range(len(seconds))]
        world = World({"/1.html": names}, dict(zip(names, seconds, strict=True)))
        began = time.monotonic()
        result = world.crawl(folder, limit)
        took = time.monotonic() - began
        assert world.crowd() <= limit, f"with limit={limit}, {world.crowd()} calls of fetch were under way at once"
        assert took in right, (
            f"a page of 1 s, then pictures of {seconds} s, {limit} at once: {took:g} s instead of {right[-1]} s; as "
            "long as some wait, the limit is used: let each begin when another has ended"
        )
        world.check(result, folder, names)

    explore(race, scenario, 2)


@pytest.mark.task(4)
@pytest.mark.parametrize("limit", [1, 2])
def test_pages_at_once(race, limit):
    def scenario(folder):
        names = [f"/{number}.jpg" for number in range(2)]
        world = World({"/1.html": names[:1], "/2.html": names[1:]})
        began = time.monotonic()
        result = world.crawl(folder, limit)
        took = time.monotonic() - began
        assert world.crowd() <= limit, f"with limit={limit}, {world.crowd()} calls were under way: pages count as well"
        assert took == 4 / limit, (
            f"2 pages and 2 pictures of 1 s, {limit} at once, took {took:g} s, not {4 / limit:g} s"
        )
        world.check(result, folder, names)

    explore(race, scenario, 3)


@pytest.mark.task(4)
def test_a_page_that_is_read_for_long(race):
    def scenario(folder):
        world = World({f"/{number}.html": [] for number in range(1, 5)})
        find = world.find

        def find_slowly(page, content):
            time.sleep(5 if page == address_of("/1.html") else 0)
            yield from find(page, content)

        world.find = find_slowly
        began = time.monotonic()
        world.crawl(folder, 2)
        took = time.monotonic() - began
        assert took == 6, (
            f"4 pages of 1 s, two at once, and find takes 5 s for the first: {took:g} s instead of 6 s; while somebody "
            "calls find, or walks through what it returns, the others go on: hold no lock meanwhile"
        )

    explore(race, scenario, 3)


@pytest.mark.task(4)
def test_a_hundred_real_pictures(tmp_path):
    site = Site()
    pictures = {f"/pic/{number}.jpg": site.picture(f"/pic/{number}.jpg") for number in range(100)}
    site.page("/1.html", list(pictures))

    def fetch(address):
        with urlopen(address, timeout=30) as answer:
            return answer.read()

    with site.running(10, "/pic/") as address:
        ended = Future()

        def crawl_all():
            try:
                ended.set_result(crawl([f"{address}/1.html"], fetch, site.find, tmp_path, 10))
            except BaseException as error:
                ended.set_exception(error)

        threading.Thread(target=crawl_all, daemon=True).start()
        assert wait([ended], 30).done, "30 s, and crawl has not ended, though the site answers: somebody waits for ever"
        result = ended.result()
        assert site.met, (
            "the site held its pictures back for 5 s, until ten requests are open at once, and never were there more "
            f"than {site.peak}"
        )
        assert site.peak <= 10, f"{site.peak} requests were open at once, the limit is 10"
        wrong = [
            name
            for name, body in pictures.items()
            if not isinstance(result[address + name], Path) or result[address + name].read_bytes() != body
        ]
        assert not wrong, f"of 100 pictures these are not what they should be: {wrong}"
        assert len(list(tmp_path.iterdir())) == 100, f"100 pictures, and {len(list(tmp_path.iterdir()))} files"


@pytest.mark.task(5)
@pytest.mark.parametrize("limit", [1, 3])
def test_each_once(race, limit):
    def scenario(folder):
        world = World(
            {page: ["/a.jpg", "/bad.jpg", "/a.jpg"] for page in ("/1.html", "/2.html")},
            answers={"/bad.jpg": OSError("no such picture")},
        )
        result = world.crawl(folder, limit, ["/1.html", "/2.html", "/1.html"])
        fetched = sorted(name for name, _, _ in world.visits)
        assert fetched == ["/1.html", "/2.html", "/a.jpg", "/bad.jpg"], (
            f"two pages come at the same time, with the same two pictures, and fetched were {fetched}: each once, "
            "whatever came of it"
        )
        assert len(world.found) == 2, f"find was called for {world.found}: once for each page"
        bad = result.get(address_of("/bad.jpg"))
        assert bad is world.answers["/bad.jpg"], f"fetch raised {world.answers['/bad.jpg']!r}, the result has {bad!r}"
        world.check(result, folder, ["/a.jpg"])

    explore(race, scenario, 4 if limit == 1 else 26)


@pytest.mark.task(5)
def test_equal_names_at_the_same_time(race):
    def scenario(folder):
        names = ["/a/x.jpg", "/b/x.jpg"]
        world = World({"/1.html": names})
        with watched_disk(folder, others_come_in_between, others_come_in_between):
            result = world.crawl(folder, 2)
        files = [result.get(address_of(name)) for name in names]
        assert len({*files}) == len(list(folder.iterdir())) == 2, (
            f"two pictures of the same name come at the same time, and lie in {files}: to find a free name and to "
            "take it must be one step"
        )
        world.check(result, folder, names)

    explore(race, scenario, 3)


@pytest.mark.task(5)
def test_names_and_old_files(race):
    def scenario(folder):
        folder.mkdir(parents=True)
        names = ["/a/1.jpg", "/b/1.jpg", "/a/1.jpg?size=2", "/1.png", "/no-end", "/..%2F1.jpg"]
        old = [folder / name for name in ("1.jpg", "2.jpg", "1-1.jpg", "1.png", "no-end", "no-end-1")]
        for path in old:
            path.write_bytes(b"mine")
        world = World({"/1.html": names})
        result = world.crawl(folder, 3)
        for path in old:
            assert path.is_file(), f"{path.name} was in the folder before, and is gone"
            assert path.read_bytes() == b"mine", f"{path.name} was in the folder before, and was written over"
            path.unlink()
        world.check(result, folder, names)
        ends = [result[address_of(name)].suffix for name in names]
        right = [".jpg", ".jpg", ".jpg", ".png", "", ".jpg"]
        assert ends == right, f"{names} were saved with the ends {ends} instead of {right}"

    explore(race, scenario, 2)


@pytest.mark.task(5)
def test_two_crawls_at_once(race):
    def scenario(folder):
        world, results = World({"/1.html": ["/x.jpg"]}), []
        began = time.monotonic()
        race.run(*[lambda: results.append(world.crawl(folder, 1))] * 2)
        took = time.monotonic() - began
        files = [result.get(address_of("/x.jpg")) for result in results]
        assert len({*files}) == 2 and all(isinstance(path, Path) for path in files), (
            f"two threads crawled the same page at the same time, and the picture lies in {files}: two files, none "
            "written over"
        )
        for path in files:
            assert path.read_bytes() == world.body("/x.jpg"), f"two crawls at once, and {path.name} is not the picture"
        assert took == 2, f"two crawls at the same time, each of 2 s, took {took:g} s: each has its own limit"

    explore(race, scenario, 3)


@pytest.mark.task(5)
def test_two_crawls_of_six(race):
    def scenario(folder):
        world, began = World({"/1.html": [f"/{number}.jpg" for number in range(6)]}), time.monotonic()
        race.run(*[lambda: world.crawl(folder, 6)] * 2)
        took = time.monotonic() - began
        assert took == 2, f"two crawls at once, six pictures and a limit of 6 each, took {took:g} s instead of 2 s"

    explore(race, scenario, 1)


@pytest.mark.task(5)
def test_two_crawls_write_at_once(race):
    def scenario(folder):
        world, results = World({"/1.html": ["/x.jpg"]}), []
        with watched_disk(folder, others_come_in_between, others_come_in_between):
            race.run(*[lambda: results.append(world.crawl(folder, 1))] * 2)
        files = {result.get(address_of("/x.jpg")) for result in results}
        assert len(files) == 2, (
            f"two crawls write at the same time, and both pictures lie in {files}: a lock of the one is not the other's"
        )

    explore(race, scenario, 3)


class Evacuated(BaseException):
    """No Exception, as KeyboardInterrupt and SystemExit are none."""


@pytest.mark.task(5)
@pytest.mark.parametrize("error", [OSError("gone"), SystemExit(3), Evacuated()], ids=["OSError", "SystemExit", "own"])
@pytest.mark.parametrize("what", ["fetch of a picture", "fetch of a page", "find"])
def test_a_failure_takes_nothing_away(race, what, error):
    def scenario(folder):
        pages = {"/1.html": ["/a.jpg", "/z.jpg"], "/2.html": []}
        bad = {"fetch of a picture": "/b.jpg", "fetch of a page": "/2.html", "find": "/2.html"}[what]
        if what == "find":
            pages["/2.html"] = error
        elif what == "fetch of a picture":
            pages["/1.html"] = ["/a.jpg", "/b.jpg", "/z.jpg"]
        world = World(pages, answers={} if what == "find" else {bad: error})
        try:
            result = world.crawl(folder, 1)
        except Evacuated as found:
            raise AssertionError(f"{what} raised {error!r}, and so did crawl: it stands in the dictionary") from found
        told = result.get(address_of(bad))
        assert told is error, f"{what} raised {error!r}, and crawl gave {told!r} for it: the very exception"
        world.check(result, folder, ["/a.jpg", "/z.jpg"])
        assert len(result) == 3, f"two pictures and a failure, and crawl returned {result}"

    explore(race, scenario, 2)


@pytest.mark.task(5)
def test_what_find_returns_raises(race):
    def scenario(folder):
        error = LookupError("the rest is in Greek")
        world = World({"/1.html": ["/a.jpg"], "/2.html": ["/a.jpg", error]})
        told = (result := world.crawl(folder, 1)).get(address_of("/2.html"))
        assert told is error, f"what find returned raised {error!r}, and crawl gave {told!r} for it: the very exception"
        world.check(result, folder, ["/a.jpg"])

    explore(race, scenario, 2)


@pytest.mark.task(5)
def test_find_returns_none(race):
    def scenario(folder):
        world = World({"/1.html": []})
        world.find = lambda page, content: None
        told = world.crawl(folder, 1).get(address_of("/1.html"))
        assert isinstance(told, TypeError), f"find returned None, and crawl gave {told!r}: to walk it raises TypeError"

    explore(race, scenario, 1)


@pytest.mark.task(5)
def test_a_page_of_no_bytes(race):
    def scenario(folder):
        world = World({"/1.html": ["/a.jpg"]}, answers={"/1.html": b""})
        result = world.crawl(folder, 1)
        assert len(world.found) == 1, f"a page of no bytes was fetched, and find called for {world.found}"
        world.check(result, folder, ["/a.jpg"])

    explore(race, scenario, 1)


@pytest.mark.task(5)
def test_nothing_to_do(race):
    def scenario(folder):
        for pages in ({}, {"/1.html": []}):
            result = World(pages).crawl(str(folder), 1)
            assert result == {}, f"no picture on {len(pages)} pages, and crawl returned {result}"
            assert folder.is_dir(), f"{len(pages)} pages, and the folder was not made"
        empty = World({"/1.html": ["/e.jpg"]}, answers={"/e.jpg": b""})
        path = empty.crawl(folder, 1).get(address_of("/e.jpg"))
        assert isinstance(path, Path) and path.read_bytes() == b"", f"a picture of no bytes, and crawl gave {path!r}"

    explore(race, scenario, 2)


@pytest.mark.task(6)
@pytest.mark.parametrize("answer", ["a cat, as text", 5, [255, 216]], ids=["text", "number", "list"])
def test_no_half_file(race, answer):
    def scenario(folder):
        world = World({"/1.html": ["/a.jpg", "/b.jpg"]}, answers={"/b.jpg": answer})
        result = world.crawl(folder, 2)
        told = result.get(address_of("/b.jpg"))
        assert isinstance(told, Exception), f"fetch returned {answer!r}, and crawl gave {told!r} for it: it is no bytes"
        world.check(result, folder, ["/a.jpg"])

    explore(race, scenario, 2)


@pytest.mark.task(6)
def test_a_file_that_cannot_be_written(race):
    def scenario(folder):
        too_long = f"/b.{'g' * 300}"
        world, tries = World({"/1.html": ["/a.jpg", too_long, "/c.jpg"]}), Tries()
        with watched_disk(folder, tries):
            result = world.crawl(folder, 1)
        tries.check()
        told = result.get(address_of(too_long))
        assert isinstance(told, Exception), (
            f"an address ends with 300 letters behind the dot, as no file can, and crawl gave {told!r} for it"
        )
        world.check(result, folder, ["/a.jpg", "/c.jpg"])

    explore(race, scenario, 2)


@pytest.mark.task(6)
def test_an_error_is_no_bytes(race):
    def scenario(folder):
        error, world = ValueError("a cat"), World({"/1.html": ["/b.jpg"]})
        fetch = world.fetch
        world.fetch = lambda address: error if address.endswith(".jpg") else fetch(address)
        told = world.crawl(folder, 1).get(address_of("/b.jpg"))
        assert isinstance(told, Exception) and told is not error, (
            f"fetch returned {error!r}, raised nothing, and crawl gave {told!r}: the error is that it is no bytes"
        )

    explore(race, scenario, 1)


@pytest.mark.task(6)
def test_an_answer_that_takes_its_time(race):
    def scenario(folder):
        world = World({"/1.html": ["/a.jpg"]}, {"/a.jpg": 1_000_000})
        result = world.crawl(folder, 1)
        assert len(result) == 1, f"a picture takes 1000000 s, and crawl returned {result} before: wait without a limit"

    explore(race, scenario, 1)


@pytest.mark.task(6)
def test_no_thread_is_left(race):
    def scenario(folder):
        world = World({"/1.html": ["/a.jpg", "/b.jpg"]}, {"/b.jpg": 3}, {"/a.jpg": OSError("gone")})
        before = threading.enumerate()
        world.crawl(folder, 3)
        left = [thread.name for thread in threading.enumerate() if thread not in before]
        assert not left, f"crawl has returned, and {left} are still there: wait for all threads"

    explore(race, scenario, 3)
