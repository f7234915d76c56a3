"""The picture collector: the tests. The site runs on this machine, at a free port."""

import math
from pathlib import Path

import pytest
from picture_site import Answer, Site, Tries, watched_disk
from sync_crawler import crawl, find_pictures

PAGE = "http://site.example/list/page_2.html"


def found(page, *tags):
    """Find the pictures of a page that consists of these tags."""
    content = f"<html><title>图片 \\ 猫</title><body>{' '.join(tags)}</body></html>".encode("gbk")
    try:
        return find_pictures(page, content)
    except UnicodeError as error:
        raise AssertionError(f"the page is in GBK, and find_pictures raised {error!r}: decode it as such") from error


@pytest.mark.task(1)
def test_pictures_and_titles():
    pairs = found(
        PAGE,
        '<img src="http://other.example/a.jpg" alt="猫">',
        '<p><img class="big" alt="大熊猫" width="3" src="/pic/b.png"></p>',
        '<img\n  src="/c.jpg"\n  alt="">',
    )
    titles = [title for _, title in pairs]
    assert titles == ["猫", "大熊猫", ""], f"titles {titles} instead of ['猫', '大熊猫', '']: the page is in GBK"
    right = ["http://other.example/a.jpg", "http://site.example/pic/b.png", "http://site.example/c.jpg"]
    assert [address for address, _ in pairs] == right, f"found {pairs}, the addresses are {right}"


@pytest.mark.task(1)
def test_a_bracket_in_quotes():
    pairs = found(PAGE, '<img title="狗 > 猫" src="/a.jpg" alt="一 > 二">')
    right = [("http://site.example/a.jpg", "一 > 二")]
    assert pairs == right, f"found {pairs} instead of {right}: a tag ends at the first > that stands in no quotes"


@pytest.mark.task(1)
@pytest.mark.parametrize(
    ("src", "right"),
    [
        ("/pic/cat.jpg", "http://site.example/pic/cat.jpg"),
        ("pic/cat.jpg", "http://site.example/list/pic/cat.jpg"),
        ("../cat.jpg", "http://site.example/cat.jpg"),
        ("//cdn.example/cat.jpg", "http://cdn.example/cat.jpg"),
        ("https://cdn.example/cat.jpg", "https://cdn.example/cat.jpg"),
        ("/cat.jpg?a=1&amp;b=2", "http://site.example/cat.jpg?a=1&b=2"),
    ],
)
def test_addresses_are_whole(src, right):
    pairs = found(PAGE, f'<img src="{src}" alt="猫">')
    assert pairs == [(right, "猫")], (
        f'src="{src}" on {PAGE} gave {pairs} instead of {right}: join it with the address of the page, by the rules'
    )


@pytest.mark.task(1)
def test_what_stands_for_something_does_so_once():
    pairs = found(PAGE, '<img src="/a.jpg?b=&amp;lt;" alt="&amp;lt; 猫">')
    right = [("http://site.example/a.jpg?b=&lt;", "&lt; 猫")]
    assert pairs == right, f"&amp;lt; stands for &lt;, which stands there then; found {pairs} instead of {right}"


@pytest.mark.task(1)
def test_titles_that_are_in_gbk_alone():
    pairs = found(PAGE, '<img src="/a.jpg" alt="鎔體"><img src="/b.jpg" alt="喆">')
    titles = [title for _, title in pairs]
    assert titles == ["鎔體", "喆"], f"the titles 鎔體 and 喆 came out as {titles}: GBK has more characters than GB2312"


@pytest.mark.task(1)
def test_only_pictures_and_each_once():
    pairs = found(
        PAGE,
        '<script src="/code.js"></script><a href="/pic/no.jpg">图</a>',
        '<img data-src="/late.jpg" src="/a.jpg">',
        '<img data-src="/late.jpg" alt="懒">',
        '<img src="/b.jpg" alt="一"><imgx src="/x.jpg">',
        '<img src="b.jpg" alt="二"><img src="../b.jpg" alt="三"><img src="/a.jpg" alt="四">',
    )
    site = "http://site.example"
    right = [(f"{site}/a.jpg", ""), (f"{site}/b.jpg", "一"), (f"{site}/list/b.jpg", "二")]
    assert pairs == right, (
        f"found {pairs} instead of {right}: tags img with an attribute src, each address once, with its first title"
    )
    assert found(PAGE) == [], "a page without a picture has an empty list"


def whole(pages, folder, patience=10):
    """Crawl, and look at what came back."""
    try:
        result = crawl(pages, folder, patience)
    except NotImplementedError:
        raise
    except Exception as error:
        raise AssertionError(f"crawl raised {error!r}: what fails stands in the dictionary") from error
    assert isinstance(result, dict), f"crawl returned {result!r}, no dictionary"
    return result


def check_saved(result, folder, pictures):
    """Every picture has a file of its own, and there is no other file."""
    for address, body in pictures.items():
        path = result.get(address)
        assert isinstance(path, Path), f"{address} is a picture like any other, and crawl gave {path!r} for it"
        assert path.parent.resolve() == Path(folder).resolve(), f"{path} does not lie in {folder} itself"
        saved = path.read_bytes() if path.is_file() else None
        assert saved == body, f"{path.name} is not {address} byte for byte: {saved and saved[:30]!r}…, {body[:30]!r}…"
    saved = {path for path in result.values() if isinstance(path, Path)}
    names = {path.name for path in saved}
    too_much = {path.name for path in Path(folder).rglob("*")} - names - {"old.jpg"}
    assert not too_much, f"{sorted(too_much)} lies in the folder and was not reported: leave nothing half, nothing else"
    assert len(saved) == len(pictures), f"crawl says {len(saved)} files for {len(pictures)} pictures: {result}"


def check_failed(result, address, why):
    """The failure stands in the dictionary."""
    told = result.get(address)
    assert isinstance(told, Exception), f"{address} {why}, and crawl gave {told!r} for it instead of an exception"


@pytest.mark.task(2)
@pytest.mark.parametrize("kind", [str, Path])
def test_all_pictures_are_saved(tmp_path, kind):
    site, folder = Site(), tmp_path / "not" / "there yet"
    names = {f"/list/page_{n}.html": [f"/pic/{n}a.jpg", f"/pic/{n}b.png"] for n in (2, 3, 4, 5)}
    pictures = {name: site.picture(name) for page in names.values() for name in page}
    for page, images in names.items():
        site.page(page, images)
    with site.running() as address:
        result = whole([address + page for page in names], kind(folder))
        check_saved(result, folder, {address + name: body for name, body in pictures.items()})
    assert len(result) == len(pictures), f"8 pictures on 4 pages, nothing failed, and the result has {list(result)}"
    ends = {path.suffix for path in result.values()}
    assert ends == {".jpg", ".png"}, f"the files end in {ends}: the end is that of the address"
    assert sorted(site.asked) == sorted([*names, *pictures]), f"the site was asked for {site.asked}: each once"


@pytest.mark.task(2)
def test_nothing_to_do(tmp_path):
    site = Site()
    site.page("/1.html", [])
    with site.running() as address:
        for pages in ([], [f"{address}/1.html"]):
            result = whole(pages, tmp_path / "new")
            assert result == {}, f"no picture on {len(pages)} pages, and crawl returned {result}"
            assert (tmp_path / "new").is_dir(), f"{len(pages)} pages, and the folder was not made"


@pytest.mark.task(2)
def test_a_page_that_has_moved(tmp_path):
    site = Site()
    body = site.picture("/new/pic/cat.jpg")
    site.says("/old/1.html", Answer(status=302, headers={"Location": "/new/1.html"}))
    site.page("/new/1.html", ["pic/cat.jpg"])
    with site.running() as address:
        result = whole([f"{address}/old/1.html"], tmp_path)
        told = {f"{address}/new/pic/cat.jpg": body}
        assert list(result) == list(told), (
            f"/old/1.html redirects to /new/1.html, which has pic/cat.jpg, and crawl found {result}: it is relative to "
            "where the page was found at last"
        )
        check_saved(result, tmp_path, told)


@pytest.mark.task(2)
def test_a_picture_that_has_moved(tmp_path):
    site = Site()
    body = site.picture("/new/9.gif")
    site.says("/old.png", Answer(status=302, headers={"Location": "/new/9.gif"}))
    site.page("/1.html", ["/old.png"])
    with site.running() as address:
        result = whole([f"{address}/1.html"], tmp_path)
        check_saved(result, tmp_path, {f"{address}/old.png": body})
        [path] = result.values()
        assert path.suffix == ".png", f"/old.png redirects to /new/9.gif, and the file is {path.name}: it ends in .png"


FAILURES = {
    "404": ("is answered with 404", {"status": 404, "kind": "text/html"}),
    "500 that says image": ("is answered with 500", {"status": 500}),
    "203": ("is answered with 203, not with 200", {"status": 203}),
    "an apology": ("is a page of HTML with status 200", {"kind": "text/html; charset=gbk"}),
    "half": ("ends in the midst", {"half": True, "body": b"\xff\xd8 half a cat" * 40000}),
    "half and small": ("ends in the midst", {"half": True, "body": b"\xff\xd8 half a cat"}),
}


@pytest.mark.task(3)
@pytest.mark.parametrize("case", FAILURES)
def test_what_is_no_picture(tmp_path, case):
    why, answer = FAILURES[case]
    site = Site()
    pictures = {name: site.picture(name) for name in ("/a.jpg", "/z.jpg")}
    site.page("/1.html", ["/a.jpg", "/b.jpg", "/z.jpg"])
    site.says("/b.jpg", Answer(**answer))
    with site.running() as address:
        result = whole([f"{address}/1.html"], tmp_path)
        told = result.get(f"{address}/b.jpg")
        assert isinstance(told, Exception), (
            f"/b.jpg {why}, and crawl gave {told!r} for it instead of an exception: this is no picture"
        )
        check_saved(result, tmp_path, {address + name: body for name, body in pictures.items()})


@pytest.mark.task(3)
def test_a_type_is_the_beginning_of_a_word(tmp_path):
    site = Site()
    site.page("/1.html", ["/a.jpg", "/b.svg", "/c.jpg"])
    site.says("/c.jpg", Answer(b"image/ stands in the midst", kind="text/x-image/jpeg"))
    pictures = {
        "/a.jpg": site.picture("/a.jpg", kind="IMAGE/JPEG"),
        "/b.svg": site.picture("/b.svg", kind="image/svg+xml; charset=utf-8"),
    }
    with site.running() as address:
        result = whole([f"{address}/1.html"], tmp_path)
        check_failed(result, f"{address}/c.jpg", "has the type text/x-image/jpeg")
        check_saved(result, tmp_path, {address + name: body for name, body in pictures.items()})


@pytest.mark.task(3)
def test_an_empty_picture_is_one(tmp_path):
    site = Site()
    site.page("/1.html", ["/a.jpg"])
    site.says("/2.html", Answer(b"", kind="text/html"))
    site.says("/a.jpg", Answer(b""))
    with site.running() as address:
        result = whole([f"{address}/1.html", f"{address}/2.html"], tmp_path)
        path = result.get(f"{address}/a.jpg")
        assert isinstance(path, Path), f"a picture of no bytes, as was promised, and crawl gave {path!r} for it"
        check_saved(result, tmp_path, {f"{address}/a.jpg": b""})
        assert len(result) == 1, f"a page of no bytes has no pictures, and has not failed; crawl returned {result}"


@pytest.mark.task(3)
def test_a_page_of_any_type(tmp_path):
    site = Site()
    bodies = {f"/{name}.jpg": site.picture(f"/{name}.jpg") for name in "ab"}
    kinds = ("application/xhtml+xml", "application/octet-stream")
    for name, kind in zip("ab", kinds, strict=True):
        site.says(f"/{name}.html", Answer(f'<img src="/{name}.jpg">'.encode("gbk"), kind=kind))
    with site.running() as address:
        pages = [f"{address}/{name}.html" for name in "ab"]
        result = whole(pages, tmp_path)
        for page, kind in zip(pages, kinds, strict=True):
            assert page not in result, f"a page has the type {kind}, and crawl gave {result[page]!r}: any type will do"
        check_saved(result, tmp_path, {address + name: body for name, body in bodies.items()})


@pytest.mark.task(3)
def test_a_file_that_cannot_be_written(tmp_path):
    site, too_long, tries = Site(), f"/b.{'g' * 300}", Tries()
    bodies = {name: site.picture(name) for name in ("/a.jpg", "/c.jpg")}
    site.picture(too_long)
    site.page("/1.html", ["/a.jpg", too_long, "/c.jpg"])
    with site.running() as address:
        with watched_disk(tmp_path, tries):
            result = whole([f"{address}/1.html"], tmp_path)
        tries.check()
        check_failed(result, address + too_long, "ends with 300 letters behind the dot, as no file can,")
        check_saved(result, tmp_path, {address + name: body for name, body in bodies.items()})


@pytest.mark.task(3)
def test_pages_that_fail(tmp_path):
    site = Site()
    body = site.picture("/a.jpg")
    site.page("/missing/1.html", ["/no.jpg"], status=404)
    site.page("/half.html", ["/no.jpg"] * 3, half=True)
    site.page("/2.html", ["/a.jpg"])
    with site.running() as address:
        bad = [f"{address}/missing/1.html", f"{address}/half.html", "http://127.0.0.1:1/none.html"]
        result = whole([bad[0], bad[1], f"{address}/2.html", bad[2]], tmp_path)
        for page, why in zip(bad, ("is answered with 404", "ends in the midst", "cannot be reached"), strict=True):
            check_failed(result, page, why)
        check_saved(result, tmp_path, {f"{address}/a.jpg": body})
        assert len(result) == 4, f"of four pages three failed, the fourth has one picture, and crawl returned {result}"


@pytest.mark.task(3)
def test_nobody_waits_for_ever(tmp_path):
    site = Site()
    body = site.picture("/z.jpg")
    site.page("/1.html", ["/b.jpg", "/c.jpg", "/z.jpg"])
    site.says("/b.jpg", Answer(b"late", seconds=3))
    site.says("/c.jpg", Answer(b"late, too", drip=2.5))
    with site.running() as address:
        result = whole([f"{address}/1.html"], tmp_path, 1)
        check_failed(result, f"{address}/b.jpg", "does not answer within the 1 s of patience")
        check_failed(
            result, f"{address}/c.jpg", "says that it comes, and then nothing for more than the 1 s of patience"
        )
        check_saved(result, tmp_path, {f"{address}/z.jpg": body})


@pytest.mark.task(3)
def test_who_is_slow_is_not_silent(tmp_path):
    site = Site()
    site.page("/1.html", ["/slow.jpg"])
    site.says("/slow.jpg", Answer(b"x" * 4000, drip=0.45))
    with site.running() as address:
        result = whole([f"{address}/1.html"], tmp_path, 1.5)
        found = result.get(f"{address}/slow.jpg")
        assert isinstance(found, Path), (
            f"a picture takes 1.8 s, and a quarter of it comes every 0.45 s; patience is 1.5 s, and crawl gave "
            f"{found!r}: patience is for how long nothing comes, not for the whole"
        )
        check_saved(result, tmp_path, {f"{address}/slow.jpg": b"x" * 4000})


@pytest.mark.task(4)
def test_equal_names(tmp_path):
    site = Site()
    names = ["/a/1.jpg", "/b/1.jpg", "/a-1.jpg", "/a/1.png", "/a/1.jpg?size=2", "/b//1.jpg", "/no-end", "/1-2.jpg"]
    names += ["/a%2F1.jpg", "/..%2F..%2F1.jpg", "/..%2Fx.jpg"]
    pictures = {name: site.picture(name) for name in names}
    site.page("/1.html", names)
    with site.running() as address:
        result = whole([f"{address}/1.html"], tmp_path / "in")
        check_saved(result, tmp_path / "in", {address + name: body for name, body in pictures.items()})
        for name, end in (("/a/1.jpg", ".jpg"), ("/a/1.png", ".png"), ("/a/1.jpg?size=2", ".jpg"), ("/no-end", "")):
            path = result[address + name]
            assert path.suffix == end, f"{name} was saved as {path.name}: it ends as the path of the address does"
    assert [path.name for path in tmp_path.iterdir()] == ["in"], (
        f"files lie outside the folder: {[*tmp_path.iterdir()]}"
    )


@pytest.mark.task(4)
def test_equal_pictures(tmp_path):
    site = Site()
    pictures = dict.fromkeys(("/a.jpg", "/b.jpg"), site.picture("/a.jpg"))
    site.says("/b.jpg", Answer(pictures["/b.jpg"]))
    site.page("/1.html", list(pictures))
    (tmp_path / "old.jpg").write_bytes(pictures["/a.jpg"])
    with site.running() as address:
        result = whole([f"{address}/1.html"], tmp_path)
    files = [result.get(address + name) for name in pictures]
    assert len({*files, tmp_path / "old.jpg"}) == 3, (
        f"two pictures have the same bytes, as an old file has, and they lie in {files}: a file for each address"
    )
    check_saved(result, tmp_path, {address + name: body for name, body in pictures.items()})


@pytest.mark.task(4)
def test_old_files_stay(tmp_path):
    site = Site()
    pictures = {name: site.picture(name) for name in ("/a/cat.jpg", "/b/cat.jpg")}
    site.page("/1.html", list(pictures))
    with site.running() as address:
        pages = [f"{address}/1.html"]
        first = whole(pages, tmp_path)
        old = {path: path.write_bytes(b"mine") for path in tmp_path.iterdir()}
        second = whole(pages, tmp_path)
    for path in old:
        assert path.read_bytes() == b"mine", f"{path.name} was in the folder before, and was written over"
    files = [path for result in (first, second) for path in result.values()]
    assert len(set(files)) == len(files) == len(list(tmp_path.iterdir())) == 4, f"two crawls of two pictures: {files}"


@pytest.mark.task(4)
def test_one_picture_on_two_pages(tmp_path):
    site = Site()
    pictures = {"/a.jpg": site.picture("/a.jpg")}
    for page in ("/1.html", "/2.html"):
        site.page(page, ["/a.jpg", "/bad.jpg"])
    with site.running() as address:
        pages = [f"{address}/{n}.html" for n in (1, 2, 1)]
        result = whole(pages, tmp_path)
    assert sorted(site.asked) == ["/1.html", "/2.html", "/a.jpg", "/bad.jpg"], (
        f"two pages have the same two pictures, one of them is missing, and the site was asked for {site.asked}: "
        "each once, whatever came of it"
    )
    check_saved(result, tmp_path, {address + name: body for name, body in pictures.items()})
