"""Two patterns find the tags, and a file for a while becomes the picture's file when it is whole."""

import hashlib
import html
import os
import re
import tempfile
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from urllib.request import urlopen

TAG = re.compile(r'<img\b(?:"[^"]*"|[^>"])*>')
ATTRIBUTE = r'(?<![\w-]){}="([^"]*)"'


def find_pictures(page, content):
    found = {}
    for tag in TAG.findall(content.decode("gbk")):
        source, title = (re.search(ATTRIBUTE.format(name), tag) for name in ("src", "alt"))
        if source:
            address = urljoin(page, html.unescape(source[1]))
            found.setdefault(address, html.unescape(title[1]) if title else "")
    return list(found.items())


def crawl(pages, folder, patience=10):
    Path(folder).mkdir(parents=True, exist_ok=True)
    result = {}
    addresses = {}
    for page in dict.fromkeys(pages):
        try:
            with urlopen(page, timeout=patience) as answer:
                if answer.status != 200:
                    raise RuntimeError(f"status {answer.status}")
                addresses.update(find_pictures(answer.geturl(), answer.read()))
        except Exception as error:
            result[page] = error
    for address in addresses:
        try:
            result[address] = _save(address, Path(folder), patience)
        except Exception as error:
            result[address] = error
    return result


def _save(address, folder, patience):
    with urlopen(address, timeout=patience) as answer:
        if answer.status != 200 or not answer.headers.get("Content-Type", "").lower().startswith("image/"):
            raise RuntimeError(f"status {answer.status}, {answer.headers}")
        body = answer.read()
    path = _free(address, folder)
    handle, part = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise
    return path


def _free(address, folder):
    name = hashlib.sha256(address.encode()).hexdigest()[:16]
    end = os.path.splitext(urlsplit(address).path.rpartition("/")[2])[1]
    while (folder / f"{name}{end}").exists():
        name += "x"
    return folder / f"{name}{end}"
