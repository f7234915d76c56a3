"""Page by page and then picture by picture, all at once: the connector of the session lets so many through."""

import asyncio
import hashlib
import os
import uuid
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import aiohttp


async def crawl(pages, find, folder, limit=10):
    os.makedirs(folder, exist_ok=True)
    connector = aiohttp.TCPConnector(limit=limit)
    timeout = aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None)
    pages = list(dict.fromkeys(pages))
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        contents = await _all(_body(session, page) for page in pages)
        result, pictures = {}, {}
        for page, content in zip(pages, contents, strict=True):
            try:
                if isinstance(content, Exception):
                    raise content
                pictures.update(dict.fromkeys(find(page, content)))
            except Exception as error:
                result[page] = error
        files = await _all(_picture(session, address, folder) for address in pictures)
    return {**result, **dict(zip(pictures, files, strict=True))}


async def _all(coroutines):
    found = await asyncio.gather(*coroutines, return_exceptions=True)
    for each in found:
        if isinstance(each, BaseException) and not isinstance(each, Exception):
            raise each
    return found


async def _body(session, address):
    async with session.get(address) as answer:
        answer.raise_for_status()
        if answer.status != 200:
            raise ValueError(f"status {answer.status}")
        return await answer.content.read()


async def _picture(session, address, folder):
    body = await _body(session, address)
    name = hashlib.sha256(address.encode()).hexdigest() + uuid.uuid4().hex
    path = Path(folder, name + PurePosixPath(urlsplit(address).path).suffix)
    return await asyncio.get_running_loop().run_in_executor(None, _write, path, body)


def _write(path, body):
    part = path.parent.parent / f"{path.name}.part"
    try:
        part.write_bytes(body)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return path
