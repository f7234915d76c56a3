"""What lies about for everybody, and so can come through a queue: no mark for the end may be among it."""

import builtins
import queue
import threading

CLASSES = [each for module in (builtins, queue, threading) for each in vars(module).values() if isinstance(each, type)]
EXCEPTIONS = [Exception(), StopIteration(), EOFError(), SystemExit(), GeneratorExit(), queue.Empty(), queue.Full()]
LYING_ABOUT = [*CLASSES, *EXCEPTIONS, object(), threading.Event(), threading.Lock(), threading.Thread(), queue.Queue()]


def left_out(taken):
    """Name the first of them that is not among what was taken; nobody asks it whether it is equal to something."""
    known = set(map(id, taken))
    left = [each for each in LYING_ABOUT if id(each) not in known]
    if not left:
        return None
    return f"the class {left[0].__name__}" if left[0] in CLASSES else f"an object made by {type(left[0]).__name__}()"
