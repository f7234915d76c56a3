"""The client of aiohttp, one after the other; the file is there first, and goes again if nothing comes of it."""

import asyncio
import posixpath
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import aiohttp


def find_pictures(page, content):
    titles = {}
    parser = HTMLParser()

    def look(tag, pairs):
        given = dict(reversed(pairs))
        if tag == "img" and "src" in given:
            address = urljoin(page, given["src"])
            titles[address] = titles.get(address, given.get("alt", ""))

    parser.handle_starttag = look
    parser.feed(str(content, "gb18030"))
    parser.close()
    return [*titles.items()]


def crawl(pages, folder, patience=10):
    return asyncio.run(_crawl(pages, Path(folder), patience))


async def _crawl(pages, folder, patience):
    folder.mkdir(parents=True, exist_ok=True)
    result = {}
    limits = aiohttp.ClientTimeout(total=None, sock_connect=patience, sock_read=patience)
    async with aiohttp.ClientSession(timeout=limits, raise_for_status=True) as session:
        waiting = [(page, None) for page in dict.fromkeys(pages)]
        while waiting:
            address, kind = waiting.pop(0)
            if address in result:
                continue
            try:
                async with session.get(address) as answer:
                    if answer.status != 200:
                        raise ValueError(answer.status)
                    if kind is None:
                        pictures = find_pictures(str(answer.url), await answer.read())
                        waiting[:0] = [(picture, "image") for picture, _ in pictures]
                    else:
                        result[address] = await _save(answer, address, folder)
            except Exception as error:
                result[address] = error
    return result


async def _save(answer, address, folder):
    if answer.content_type.partition("/")[0].lower() != "image":
        raise TypeError(answer.content_type)
    number = len(list(folder.iterdir()))
    end = posixpath.splitext(urlsplit(address).path)[1]
    while (path := folder / f"{number:04}{end}").exists():
        number += 1
    with path.open("xb") as file:
        try:
            async for piece in answer.content.iter_any():
                file.write(piece)
        except BaseException:
            path.unlink()
            raise
    return path
