"""The picture collector: a worked solution."""

import itertools
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import urljoin, urlsplit
from urllib.request import urlopen


class ImageParser(HTMLParser):
    """Collects the addresses of the images, each with its first title."""

    def __init__(self, page: str) -> None:
        """Begin with none."""
        super().__init__()
        self.page = page
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what is an image."""
        values = dict(attrs)
        if tag == "img" and values.get("src"):
            self.found.setdefault(urljoin(self.page, values["src"]), values.get("alt") or "")


def find_pictures(page: str, content: bytes) -> list[tuple[str, str]]:
    """Let the parser of the library find the tags."""
    parser = ImageParser(page)
    parser.feed(content.decode("gbk"))
    return list(parser.found.items())


def crawl(pages: Sequence[str], folder: str | Path, patience: float = 10) -> dict[str, Path | Exception]:
    """Ask for each address once; write when all of it is there."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    result: dict[str, Path | Exception] = {}
    for page in dict.fromkeys(pages):
        try:
            place, _, content = fetch(page, patience)
            pictures = find_pictures(place, content)
        except Exception as error:
            result[page] = error
            continue
        for address, _ in pictures:
            if address not in result:
                result[address] = collect(address, folder, patience)
    return result


def collect(address: str, folder: Path, patience: float) -> Path | Exception:
    """Fetch one picture, and save it."""
    try:
        _, kind, body = fetch(address, patience)
        if kind != "image":
            raise ValueError(f"{address} is no image")
        return save(address, folder, body)
    except Exception as error:
        return error


def fetch(address: str, patience: float) -> tuple[str, str, bytes]:
    """Return where it was found at last, the main type, and all of it."""
    with urlopen(address, timeout=patience) as answer:
        if answer.status != 200:
            raise ValueError(f"{address} has status {answer.status}")
        return answer.url, answer.headers.get_content_maintype(), answer.read()


def save(address: str, folder: Path, body: bytes) -> Path:
    """Write into the first file that is not there yet."""
    name = PurePosixPath(urlsplit(address).path)
    for number in itertools.count(1):
        path = folder / f"{name.stem}-{number}{name.suffix}"
        try:
            file = path.open("xb")
        except FileExistsError:
            continue
        try:
            with file:
                file.write(body)
        except BaseException:
            path.unlink()
            raise
        return path
    raise AssertionError("the numbers do not end")
