"""Doubles where a drop-in could show: arguments, subclasses, pickles, references, names of threads."""

import _thread
import copy
import gc
import pickle
import queue
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from controlled import value_of

from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads import installing as patching

INSIDE = pytest.param(value_of, id="inside a run")
OUTSIDE = pytest.param(lambda scenario: scenario(), id="outside")
everywhere = pytest.mark.parametrize("within", [INSIDE, OUTSIDE])
Within = Callable[[Callable[[], Any]], Any]
LOCK: Any = patching._LOCK  # what `threading.Lock` was: a class since 3.13, a function before


def error_of(call: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[type, str]:
    with pytest.raises((TypeError, ValueError, OverflowError, queue.Empty)) as caught:
        call(*args, **kwargs)
    return caught.type, str(caught.value)


@everywhere
@pytest.mark.parametrize(("args", "kwargs"), [((1,), {}), ((), {"frame": None}), ((None, None), {})])
def test_a_lock_or_queue_refuses_arguments_as_the_real_one_does(
    within: Within, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    def scenario() -> None:
        assert error_of(threading.Lock, *args, **kwargs) == error_of(LOCK, *args, **kwargs)
        assert error_of(queue.SimpleQueue, *args, **kwargs) == error_of(real.SimpleQueue, *args, **kwargs)

    within(scenario)


@everywhere
@pytest.mark.filterwarnings("ignore:Passing arguments to RLock is deprecated")
@pytest.mark.skipif(sys.version_info >= (3, 15), reason="RLock takes no arguments any more")
def test_an_rlock_ignores_arguments_as_the_real_one_does(within: Within) -> None:
    make: Any = threading.RLock

    def scenario() -> None:
        with make(None, verbose=True) as got:
            assert got is True

    within(scenario)


@pytest.mark.parametrize("base", [threading.Lock, threading.RLock])
def test_a_lock_is_no_base_class(base: Any) -> None:
    with pytest.raises(TypeError, match="is not an acceptable base type"):
        type("Mine", (base,), {})


@pytest.mark.parametrize("name", ["threading.Lock", "threading.RLock", "queue.SimpleQueue"])
def test_the_replaced_names_are_pickled_by_name(name: str) -> None:
    module, attribute = name.split(".")
    value = getattr(sys.modules[module], attribute)
    assert f"{value.__module__}.{value.__qualname__}" == name
    assert pickle.loads(pickle.dumps(value)) is value
    assert copy.deepcopy(value) is value


class Named(queue.SimpleQueue):  # type: ignore[type-arg] # what the real one takes too
    """A queue with its own `__init__`, which need not call that of its base."""

    def __init__(self, name: str) -> None:
        self.name = name


@everywhere
def test_a_simple_queue_can_be_subclassed(within: Within) -> None:
    def scenario() -> None:
        named = Named("jobs")
        named.put(1)
        assert (named.name, named.get(), named.empty()) == ("jobs", 1, True)
        assert isinstance(named, Named)
        assert isinstance(named, queue.SimpleQueue)
        assert not isinstance(queue.SimpleQueue(), Named)
        assert not isinstance(real.SimpleQueue(), Named)

    within(scenario)


def test_a_subclass_of_simple_queue_is_itself_also_where_nobody_watches() -> None:
    space: dict[str, Any] = {"Named": Named}
    exec(compile("made = Named('theirs')", "/elsewhere/library.py", "exec"), space)
    assert type(space["made"]) is Named
    assert space["made"].name == "theirs"


@everywhere
def test_simple_queue_judges_timeouts_as_the_real_one_does(within: Within) -> None:
    def scenario() -> None:
        for settings in ((True, -1), (False, -1), (True, 1e12), (True, 1e30)):
            assert error_of(queue.SimpleQueue().get, *settings) == error_of(real.SimpleQueue().get, *settings)

    within(scenario)


MAKERS: list[Callable[[], Any]] = [
    threading.Event,
    threading.Condition,
    threading.Semaphore,
    lambda: threading.Barrier(2),
    queue.Queue,
    queue.PriorityQueue,
    Future,
    lambda: ThreadPoolExecutor(1),
    threading.Lock,
    threading.RLock,
    queue.SimpleQueue,
]


@pytest.mark.parametrize("make", MAKERS)
def test_an_object_with_doubles_inside_is_freed_when_its_last_reference_goes(make: Callable[[], Any]) -> None:
    gc.disable()
    try:
        gone = weakref.ref(make())
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.slow
def test_the_first_thread_of_a_process_keeps_its_name() -> None:
    code = (
        "import threading\n"
        "from pytest_concurrency._machine.patches import Patches\n"
        "from pytest_concurrency._runtimes.threads import installing as patching\n"
        "patching.install_doubles(Patches(), None)\n"
        "print(threading.Thread().name)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert ended.stdout == "Thread-1\n"


def test_locks_of_threading_have_no_place_for_attributes() -> None:
    for make in (threading.Lock, threading.RLock, _thread.allocate_lock):
        with pytest.raises(AttributeError):
            make().anything = 1  # type: ignore[union-attr] # that is the point
