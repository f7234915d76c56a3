"""Errors that ask more of whoever carries them from one process to another, for the tests of these katas."""


class Blank(Exception):
    """Something that is false."""

    def __bool__(self):
        return False


class Page(Exception):
    """Something that is made of a word, and has other args."""

    def __init__(self, word):
        super().__init__(word, len(word))

    def __reduce__(self):
        return Page, self.args[:1]
