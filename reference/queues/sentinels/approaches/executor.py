"""No mark at all: an executor of that size is given each letter as it comes, and is shut down at the end."""

from concurrent.futures import ThreadPoolExecutor


def sort_letters(letters, sorters, sort):
    with ThreadPoolExecutor(sorters) as office:
        for letter in letters:
            office.submit(sort, letter)
