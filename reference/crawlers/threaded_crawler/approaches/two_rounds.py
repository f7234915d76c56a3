"""First all pages, then all pictures, by the same pool; each job returns what came of it, and raises nothing."""

import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit


def break_notebook():
    return ["A: until is_new:15", "B: to the end"]


def break_names():
    return ["B: until choose:38", "A: to the end"]


def break_gate():
    return ["A: until leave:56", "B: until it waits", "A: to the end", "C: to the end"]


def crawl(pages, fetch, find, folder, limit=10):
    os.makedirs(folder, exist_ok=True)

    def look(page):
        try:
            return list(find(page, fetch(page)))
        except BaseException as error:
            return error

    def keep(address):
        end = os.path.splitext(urlsplit(address).path.split("/")[-1])[1]
        path = Path(folder, uuid.uuid4().hex + end)
        try:
            body = fetch(address)
            file = open(path, "xb")
        except BaseException as error:
            return error
        try:
            with file:
                file.write(body)
        except BaseException as error:
            path.unlink()
            return error
        return path

    pages = list(dict.fromkeys(pages))
    with ThreadPoolExecutor(limit) as pool:
        found = dict(zip(pages, pool.map(look, pages)))
        failed = {page: error for page, error in found.items() if isinstance(error, BaseException)}
        pictures = list(dict.fromkeys(each for page in pages if page not in failed for each in found[page]))
        return failed | dict(zip(pictures, pool.map(keep, pictures)))
