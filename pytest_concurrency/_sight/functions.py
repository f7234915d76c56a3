"""Functions that a user names."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType

    from pytest_concurrency._sight.watching import Watch


class Functions:
    """Functions that a user names: the objects themselves, or what they are called in watched code."""

    def __init__(self, given: tuple[Any, ...], watch: Watch) -> None:
        self._watch = watch
        self._codes = {code for code in map(_code_of, given) if code is not None}
        self._names = {each for each in given if isinstance(each, str)}
        self._known: dict[CodeType, bool] = {}

    def __contains__(self, code: CodeType) -> bool:
        found = self._known.get(code)
        if found is None:
            found = self._known[code] = code in self._codes or self._is_named(code)
        return found

    def _is_named(self, code: CodeType) -> bool:
        name = stacks.short_name(code)
        named = any(name == each or name.endswith(f".{each}") for each in self._names)
        return named and self._watch.is_watched(code.co_filename)

    def around(self, frame: FrameType | None) -> Iterator[FrameType]:
        """Yield the frames of these functions on a stack, from the innermost outwards."""
        while frame is not None:
            if frame.f_code in self:
                yield frame
            frame = frame.f_back

    def __bool__(self) -> bool:
        return bool(self._codes or self._names)


def _code_of(function: Any) -> CodeType | None:
    function = inspect.unwrap(getattr(function, "func", function)) if callable(function) else function
    if isinstance(function, type):
        function = vars(function).get("__init__")
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    if code is None:
        code = getattr(vars(type(function)).get("__call__"), "__code__", None)
    return code
