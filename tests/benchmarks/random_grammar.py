"""A grammar of small concurrent programs: shared things, the ways to reach one, what is done to it, and where."""

from __future__ import annotations

import ast
import random
from dataclasses import dataclass
from typing import Final

PRELUDE: Final = """
import collections, contextlib, copy, dataclasses, functools, io, itertools, json, operator, queue, threading, weakref
from concurrent.futures import ThreadPoolExecutor

class Box:
    n = 0
    def __init__(self, **values): self.__dict__.update(values)
    def bump(self): self.n += 1
    def told(self): return self.n

class Slotted:
    __slots__ = ("n", "m")
    def __init__(self): self.n = self.m = 0
    def bump(self): self.n = self.m = self.m + 1

class Proper:
    def __init__(self): self._n, self.log = 0, []
    @property
    def n(self): return self._n
    @n.setter
    def n(self, value): self._n = value; self.log.append(value)
    @functools.cached_property
    def once(self): self._n += 1; return self._n
    def __len__(self): return self._n
    def __eq__(self, other): return self._n == other
    def __hash__(self): return 1
    def __repr__(self): return f"<{self._n}>"
    def __call__(self): self._n += 1; return self._n
    def __getitem__(self, index): return self.log[index]
    def __iter__(self):
        for each in (1, 2):
            self._n += each
            yield self._n
    def __enter__(self): self._n += 1; return self
    def __exit__(self, *_): self._n -= 1
    def __lt__(self, other): return self._n < 1

class Pass:
    def __init__(self, name): self.name = name
    def __get__(self, thing, owner=None): return self if thing is None else thing.store[self.name]
    def __set__(self, thing, value): thing.store[self.name] = value

class Described:
    n = Pass("n")
    def __init__(self): self.store = {"n": 0}
    def __getattr__(self, name): return self.store.get(name, 7)

@dataclasses.dataclass
class Point:
    x: int = 0
    y: int = 0

class Ours(list): pass
class Node: pass

X = None
def use(thing): return len(thing)
def push(thing, value=3): thing.append(value)
def same(value): return value

def together(*bodies):
    told = [[] for _ in bodies]
    def runner(out, body):
        def run():
            try: body(out)
            except Exception as error: out.append(type(error).__name__)
        return run
    threads = [threading.Thread(target=runner(out, body)) for out, body in zip(told, bodies)]
    for each in threads: each.start()
    for each in threads: each.join()
    return told

def pooled(*bodies):
    told = [[] for _ in bodies]
    with ThreadPoolExecutor(len(bodies)) as pool:
        futures = [pool.submit(body, out) for out, body in zip(told, bodies)]
    for out, each in zip(told, futures):
        if each.exception() is not None: out.append(type(each.exception()).__name__)
    return told
"""
"""What every program can use."""


@dataclass(frozen=True)
class Thing:
    """Something that two tasks share; `X` stands for it in the texts.

    Attributes:
        made: How it is made.
        shown: What is shown of it in the end.
        reads: Expressions.
        writes: Statements, of one line.
    """

    made: str
    shown: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]


def _thing(made: str, shown: str, reads: str, writes: str) -> Thing:
    return Thing(made, shown, *(tuple(each.strip() for each in text.split(" | ")) for text in (reads, writes)))


THINGS: Final = {
    "box": _thing(
        "Box(n=0, m=1)", "sorted(vars(X).items())",
        "X.n | X.m | X.told() | (X.n, X.m) | getattr(X, 'n') | hasattr(X, 'z') | getattr(X, 'z', None) | vars(X)['n'] "
        "| X.n == X.m | X.n < 1 <= X.m | X.n if X.m else 9 | X.__dict__.get('z') | operator.attrgetter('n')(X) "
        "| copy.copy(X).n | f'{X.n}{X.m}' | '%s' % X.n | '{0.n}'.format(X) | len(vars(X)) | sorted(vars(X))",
        "X.n += 1 | X.n = X.m + 1 | X.n, X.m = X.m, X.n | X.z = 1 | del X.z | setattr(X, 'n', 5) | X.bump() "
        "| X.__dict__['n'] = 4 | vars(X).update(n=6) | object.__setattr__(X, 'm', 8) | delattr(X, 'm') | X.m = X.n = 3 "
        "| Box.bump(X) | X.n -= X.m | X.told = lambda: 1 | X.__dict__ = {'n': 1}",
    ),
    "slotted": _thing(
        "Slotted()", "(X.n, X.m)",
        "X.n | X.m | X.n + X.m | (X.n, X.m) | getattr(X, 'n') | f'{X.n}' | X.n == X.m | operator.attrgetter('m')(X)",
        "X.n += 1 | X.bump() | X.m = X.n + 1 | setattr(X, 'n', 4) | X.n, X.m = 5, 6 | Slotted.n.__set__(X, 2) | del X.m",
    ),
    "proper": _thing(
        "Proper()", "(X._n, X.log)",
        "X.n | X.once | len(X) | bool(X) | X == 1 | not X | repr(X) | f'{X}' | str(X) | X() | X[0] | list(X) | sum(X) "
        "| [each for each in X] | X.n + X.n | X.log[-1] | len(X.log) | max(X, 1) | sorted([X, X]) | X in [0, 1] | {X: 1}[X] "
        "| any(X) | 1 in X | (*X,) | X and X.n | isinstance(X, Proper) and X.n | dict(a=X)['a'] == 1 | X < 1 | print(X, file=io.StringIO())",
        "X.n += 1 | X.n = 5 | X() | with X: r.append(X.n) | a, b = X; r.append(b) | r.extend(X) | for each in X: r.append(each) "
        "| Proper.n.fset(X, 3) | X._n = 0 | X.log.append(9) | setattr(X, 'n', 2) | X.log.clear() | with X as y: y.n = 4",
    ),
    "described": _thing(
        "Described()", "X.store",
        "X.n | X.z | getattr(X, 'n') | X.n + X.z | X.store['n'] | hasattr(X, 'n')",
        "X.n += 1 | X.n = 3 | X.store['z'] = 1 | X.store = {'n': 9} | setattr(X, 'n', 2)",
    ),
    "point": _thing(
        "Point()", "dataclasses.astuple(X)",
        "X == Point(1, 1) | X == Point(0, 1) | dataclasses.astuple(X) | dataclasses.asdict(X) | repr(X) | str(X) | f'{X}' "
        "| dataclasses.replace(X, y=4).x | X in [Point(0, 0), Point(1, 1)] | [Point(0, 0), Point(1, 1)].count(X) | copy.copy(X).x",
        "X.x = 1 | X.y = 1 | X.x += 1 | X.x = X.y = 1 | X.x, X.y = 1, 1 | X.__init__(1, 1)",
    ),
    "list": _thing(
        "[1, 2]", "X",
        "X[0] | X[-1] | X[:] | len(X) | sum(X) | sorted(X) | list(X) | tuple(X) | [*X] | (*X, 0) | {*X} | [e for e in X] "
        "| [e + f for e in X for f in (0, 1)] | max(X, default=0) | 1 in X | 3 not in X | X == [1, 2] | X < [2] | X.count(1) "
        "| X.index(1) | X + [9] | [0] + X | str(X) | repr(X) | f'{X}' | '%s' % X | X.copy() | list(reversed(X)) "
        "| list(enumerate(X)) | list(zip(X, 'ab')) | any(e > 2 for e in X) | sum(e for e in X) | not X | bool(X) "
        "| X and X[0] | X or 5 | X[0] if X else None | X[len(X) - 1] | use(X) | list(map(str, X)) | next(iter(X)) "
        "| [X[i] for i in range(len(X))] | json.dumps(X) | ','.join(map(str, X)) | sorted(X, key=lambda e: -e) "
        "| max(X, key=lambda e: len(X)) | list(filter(None, X)) | min(X[0], X[-1]) | operator.itemgetter(0)(X) | copy.copy(X) "
        "| list(itertools.chain(X, X)) | list(itertools.islice(X, 1)) | functools.reduce(operator.add, X, 0) | X.__len__() | str.join(',', map(str, X))",
        "X.append(3) | X.insert(0, 4) | X.extend([5, 6]) | X.extend(e for e in (7, 8)) | r.append(X.pop()) | r.append(X.pop(0)) "
        "| X.remove(2) | X.clear() | X.reverse() | X.sort() | X.sort(key=lambda e: -e) | X[0] += 1 | X[0] = 9 | X[:] = [7] "
        "| X[1:1] = [5] | del X[0] | X[0], X[-1] = X[-1], X[0] | X[0] = len(X) | X.append(X[-1] + 1) | push(X) | push(value=8, thing=X) "
        "| list.append(X, 5) | f = X.append; f(1) | functools.partial(X.append, 6)() | a, *b = X; r.append(b) | a, b = X; r.append(b) "
        "| for i, e in enumerate(X): X[i] = e + 1 | for e in X[:]: X.append(e) | y = X; y += [3] | y = X; y *= 2 | if 2 in X: X.remove(2) "
        "| while len(X) > 1: X.pop() | X.append(X.pop(0)) | X[X[0] % len(X)] = 8 | r += X | r.extend(X) | operator.setitem(X, 0, 5) "
        "| for e in X: r.append(e) | it = iter(X); r.append(next(it)); r.append(next(it, None)) | [X.append(e) for e in (1, 2)]",
    ),
    "ours": _thing("Ours([1, 2])", "X", "len(X) | X[0] | list(X) | sum(X) | 1 in X | X == [1, 2] | f'{X}'", "X.append(3) | X[0] += 1 | del X[0] | X.n = 1"),
    "dict": _thing(
        "{'a': 1, 'b': 2}", "X",
        "X['a'] | X.get('a') | X.get('c', 0) | len(X) | 'a' in X | list(X) | list(X.items()) | sum(X.values()) | [k for k in X] "
        "| {k: v for k, v in X.items()} | X == {'a': 1, 'b': 2} | {**X} | dict(X) | dict(**X) | X|X | X | X.copy() | str(X) | f'{X}' "
        "| f'{X[chr(97)]}' | json.dumps(X) | not X | [*X] | next(iter(X)) | X['a'] + X['b'] | sorted(X) | max(X, key=X.get) "
        "| '{a}'.format(**X) | '{a}'.format_map(X) | '%(a)s' % X | 1 in X.values() | len(X.items()) | X.keys() & {'a'} | sorted(X, key=lambda k: X[k]) "
        "| operator.itemgetter('a')(X) | [X[k] for k in 'ab'] | X.__contains__('a')",
        "X['a'] += 1 | X['c'] = 3 | X['c'] = X.get('c', 0) + 1 | X.update(c=5) | X.update({'a': 9}) | r.append(X.setdefault('c', len(X))) "
        "| r.append(X.pop('a')) | r.append(X.pop('c', None)) | r.append(X.popitem()) | X.clear() | del X['a'] | if 'c' not in X: X['c'] = 0 "
        "| X['a'], X['b'] = X['b'], X['a'] | for k in X: X[k] = 0 | for k in list(X): X[k] += 1 | for k, v in X.items(): r.append(v) "
        "| y = X; y |= {'q': 1} | X.update((k, 1) for k in 'cd') | a, b = X.values(); r.append(b) | X |= {'z': 3} | y = X.values(); r.append(sum(y)); r.append(len(y)) "
        "| X['a'] = X['a'] if 'b' in X else 0 | X.setdefault('n', []).append(len(X)) | match X:\n    case {'c': e}: r.append(e)\n    case {'a': e}: r.append(-e)",
    ),
    "set": _thing(
        "{1, 2}", "sorted(X)",
        "len(X) | 1 in X | 5 in X | sorted(X) | X|{9} | {1}&X | X - {1} | X == {1, 2} | X <= {1, 2, 3} | sum(X) | X.issubset({1, 2}) "
        "| X.union([4]) | frozenset(X) | not X | X.copy() | {e for e in X}",
        "X.add(5) | X.discard(1) | X.remove(1) | r.append(X.pop()) | X.update([6]) | X.clear() | y = X; y |= {7} | y = X; y -= {1} "
        "| for e in X: r.append(e) | X.difference_update({2}) | if 5 not in X: X.add(5); r.append('added')",
    ),
    "deque": _thing(
        "collections.deque([1, 2], maxlen=3)", "list(X)",
        "X[0] | X[-1] | len(X) | list(X) | 1 in X | X == collections.deque([1, 2]) | sum(X) | X.count(1) | bool(X) | tuple(reversed(X))",
        "X.append(3) | X.appendleft(4) | r.append(X.pop()) | r.append(X.popleft()) | X.extend([5, 6]) | X.rotate(1) | X.clear() | X[0] += 1 "
        "| X.remove(1) | while X: X.pop() | if X: r.append(X.popleft()) | y = X; y += [1]",
    ),
    "counter": _thing(
        "collections.Counter(a=1)", "sorted(X.items())",
        "X['a'] | X['z'] | len(X) | X.most_common(1) | sum(X.values()) | X.total() | list(X) | +X | X == {'a': 1}",
        "X['a'] += 1 | X['b'] += 2 | del X['a'] | r.append(X.pop('a', 0)) | X.update('ab') | X.subtract(a=2) | X.clear()",
    ),
    "default": _thing(
        "collections.defaultdict(lambda: [len(q)] if (q := []) is not None else 0, a=[1])", "sorted(X.items())",
        "X['a'] | len(X) | 'b' in X | X['b'] | X.get('b') | list(X) | len(X['a'])",
        "X['b'].append(1) | X['a'].append(2) | X['a'] = [] | del X['a'] | r.append(X.pop('a', None)) | X['b'] += [3]",
    ),
    "ordered": _thing(
        "collections.OrderedDict(a=1, b=2)", "list(X.items())",
        "list(X) | X['a'] | len(X) | next(iter(X)) | list(reversed(X)) | X == {'a': 1, 'b': 2}",
        "X.move_to_end('a') | X['a'] += 1 | r.append(X.popitem(last=False)) | X['c'] = 0 | del X['a']",
    ),
    "user": _thing(
        "collections.UserDict(a=1)", "X.data",
        "X['a'] | len(X) | 'b' in X | X.get('b') | list(X) | dict(X) | X == {'a': 1}",
        "X['a'] += 1 | X['b'] = len(X) | del X['a'] | r.append(X.pop('a', None)) | X.update(c=1) | r.append(X.setdefault('d', len(X)))",
    ),
    "chained": _thing(
        "collections.ChainMap({'a': 1}, {'b': 2})", "dict(X)",
        "X['a'] | X['b'] | len(X) | 'c' in X | list(X) | X.get('c')", "X['a'] += 1 | X['c'] = X['b'] | X.maps[1]['b'] = 5 | del X['a'] | X.maps.append({'c': 1})",
    ),
    "bytes": _thing(
        "bytearray(b'ab')", "bytes(X)",
        "X[0] | len(X) | bytes(X) | X.decode() | X[1:] | 98 in X | sum(X) | X.hex() | bytes(memoryview(X)) | int.from_bytes(X, 'big')",
        "X[0] += 1 | X.append(99) | X.extend(b'xy') | del X[0] | r.append(X.pop()) | y = X; y += b'q' | X.clear() | memoryview(X)[0] = 65 | X[:1] = b'zz'",
    ),
    "walk": _thing(
        "iter([1, 2, 3])", "list(X)", "next(X) | next(X, None) | list(X) | sum(X) | 3 in X | [e for e in X] | tuple(X) | list(zip(X, X))",
        "r.append(next(X)) | for e in X: r.append(e); break | a, *b = X; r.append(a) | r.extend(X) | for e in X: r.append(e)",
    ),
    "lazy": _thing(
        "(e * e for e in range(3))", "list(X)", "next(X, None) | list(X) | sum(X) | 4 in X | [e for e in X] | any(X)",
        "X.close() | r.append(X.send(None)) | for e in X: r.append(e); break | r.extend(X) | for e in X: r.append(e)",
    ),
    "count": _thing(
        "itertools.count(5)", "next(X)", "next(X) | next(X) + next(X) | [next(X) for _ in 'ab'] | list(itertools.islice(X, 2)) | list(zip('ab', X))",
        "r.append(next(X)) | for e in zip(X, 'ab'): r.append(e) | for e in X: r.append(e); break",
    ),
    "cycle": _thing("itertools.cycle('ab')", "next(X)", "next(X) | (next(X), next(X)) | next(X) + next(X)", "r.append(next(X)) | for e in X: r.append(e); break"),
    "stream": _thing(
        "io.StringIO()", "X.getvalue()", "X.getvalue() | X.tell()", "print(1, file=X) | print('a', 'b', sep='', end='', file=X) | X.write('w') | X.writelines(['l', 'm']) "
        "| X.truncate(0) | X.seek(0) | with contextlib.redirect_stdout(X): r.append(1)",
    ),
    "holder": _thing(
        "[Node()]; ref = weakref.ref(X[0])", "(len(X), ref() is None)", "ref() is None | len(X) | bool(ref()) | X[0] is ref()",
        "X.clear() | X[:] = [Node()] | X.pop() | y = ref(); r.append(y is None) | if ref() is not None: r.append(ref() is not None)",
    ),
    "weak": _thing(
        "weakref.WeakValueDictionary(); keep = [Node(), Node()]; X['a'] = keep[0]", "sorted(X.keys())",
        "'a' in X | len(X) | X.get('a') is None | sorted(X.keys()) | list(X)", "keep.clear() | X['b'] = keep[-1] | X.pop('a', None) | keep.pop() | del X['a']",
    ),
    "weakset": _thing(
        "weakref.WeakSet(); keep = [Node(), Node()]; X.add(keep[0])", "len(X)", "len(X) | len(list(X)) | keep[0] in X | bool(X)",
        "keep.clear() | X.add(keep[-1]) | X.discard(keep[0]) | keep.pop(0) | X.clear()",
    ),
    "function": _thing(
        "(lambda: 0)", "sorted(X.__dict__.items())", "getattr(X, 'n', 0) | hasattr(X, 'n') | X.__dict__.get('n') | X()",
        "X.n = 1 | X.n = getattr(X, 'n', 0) + 1 | del X.n | X.__code__ = (lambda: 4).__code__",
    ),
    "class": _thing(
        "type('Local', (Box,), {})", "(X.n, X().told())", "X.n | X().n | X().told() | getattr(X, 'n') | hasattr(X, 'z') | X.told(X())",
        "X.n += 1 | X.n = 4 | setattr(X, 'n', 2) | X.told = lambda self: 9 | X.z = 1 | X.bump(X)",
    ),
    "lock": _thing(
        "threading.Lock(); b = Box(n=0)", "(b.n, X.locked())", "b.n | X.locked()",
        "with X: b.n += 1 | with X: b.n = b.n * 2 + 1; r.append(b.n) | r.append(X.acquire(False)) | b.n += 1 "
        "| if X.acquire(blocking=False): b.n += 1; X.release() | r.append(X.acquire(timeout=1))",
    ),
    "rlock": _thing(
        "threading.RLock(); b = Box(n=0)", "b.n", "b.n", "with X: b.n += 1 | with X, X: b.n = b.n * 2 + 1 | if X.acquire(blocking=False): b.n += 1; X.release()",
    ),
    "semaphore": _thing(
        "threading.Semaphore(1); b = Box(n=0)", "(b.n, X._value)", "b.n | X._value", "with X: b.n += 1 | r.append(X.acquire(blocking=False)) | X.release() | r.append(X.acquire(timeout=1))",
    ),
    "event": _thing(
        "threading.Event(); b = Box(n=0)", "(b.n, X.is_set())", "X.is_set() | b.n", "X.set() | X.clear() | b.n += 1 | if not X.is_set(): X.set(); r.append('set') | r.append(X.wait(0.5))",
    ),
    "condition": _thing(
        "threading.Condition(); b = Box(n=0)", "b.n", "b.n", "with X: b.n += 1; X.notify() | with X: r.append(X.wait_for(lambda: b.n, timeout=1)) | with X: b.n = 5; X.notify_all() | with X: r.append(X.wait(timeout=1))",
    ),
    "queue": _thing(
        "queue.Queue(1)", "list(X.queue)", "X.qsize() | X.empty() | X.full() | len(X.queue)", "X.put(1, timeout=1) | X.put_nowait(3) | r.append(X.get(timeout=1)) | r.append(X.get_nowait()) | if not X.empty(): r.append(X.get_nowait())",
    ),
    "simple": _thing("queue.SimpleQueue()", "X.qsize()", "X.qsize() | X.empty()", "X.put(1) | X.put(2) | r.append(X.get_nowait()) | if not X.empty(): r.append(X.get_nowait())"),
    "number": _thing("0", "X", "X | X + X | f'{X}' | [X for _ in 'ab'] | (lambda: X)() | X if X else -1 | X == 0", "X += 1 | X = X * 2 + 1 | X = X or 5 | for X in (3, 4): pass | X, y = 7, X; r.append(y) | del X | (X := 3)"),
}  # fmt: skip
"""What is shared."""

PLACES: Final = {
    "x": ("x = {made}", ""),
    "X": ("global X; X = {made}", ""),
    "box.x": ("x = {made}; box = Box(x=x)", ""),
    "shelf[0]": ("x = {made}; shelf = [x]", ""),
    "shelf[key]": ("x = {made}; shelf = {{'k': x}}; key = 'k'", ""),
    "give()": ("x = {made}; give = lambda: x", ""),
    "same(x)": ("x = {made}", ""),
    "getattr(box, 'x')": ("x = {made}; box = Box(x=x)", ""),
    "deep.box.x": ("x = {made}; deep = Box(box=Box(x=x))", ""),
    "alias": ("x = {made}", "alias = x"),
    "each": ("x = {made}", "for each in (x,):"),
    "pair[1]": ("x = {made}; pair = (0, x)", ""),
}
"""How it is reached: what stands before the tasks, and what each of them begins with."""

READ_FORMS: Final = (
    "r.append({e})", "r.append({e})", "r.append({e})", "v = {e}; r.append(v)", "r += [{e}]", "r.append(f'{{{e}}}')",
    "if {e}: r.append('yes')\nelse: r.append('no')", "def inner(): return {e}\nr.append(inner())", "r.append((lambda: {e})())",
    "r.append(({e}, {e}))", "r.extend([{e}])", "r.append(same({e}))", "r.append(str({e}))", "assert {e}, 'no'",
    "r.append(({e}) or 0)", "r.append(not ({e}))", "r.append([{e} for _ in 'ab'])", "def made():\n    yield {e}\nr.extend(made())",
    "match {e}:\n    case 0 | [] | False: r.append('nought')\n    case found: r.append(found)", "r.append(({e}) == ({e}))",
    "r.append(dict(k={e}))", "r.append('%s' % (({e}),))", "while {e}:\n    r.append('again')\n    break",
)  # fmt: skip
WRITE_FORMS: Final = (
    "{s}", "{s}", "{s}", "{s}", "try:\n    {s}\nexcept Exception as error: r.append(type(error).__name__)",
    "for _ in 'ab':\n    {s}", "if not r:\n    {s}", "with guard:\n    {s}", "with contextlib.suppress(LookupError):\n    {s}",
    "try:\n    pass\nfinally:\n    {s}",
)  # fmt: skip
ASSIGNABLE: Final = ("x", "X", "box.x", "shelf[0]", "shelf[key]", "deep.box.x")


@dataclass(frozen=True)
class Program:
    """One program.

    Attributes:
        setup: Statements before the tasks.
        opening: What each task begins with.
        bodies: For each task its statements, each of one or more lines.
        shown: What is returned beside what the tasks have told.
        runner: What starts the tasks.
    """

    setup: tuple[str, ...]
    opening: str
    bodies: tuple[tuple[str, ...], ...]
    shown: str
    runner: str

    def text(self) -> str:
        """Return the source of its `scenario`."""
        lines = ["def scenario():", *(f"    {line}" for line in self.setup)]
        for number, body in enumerate(self.bodies):
            lines.append(f"    def task{number}(r):")
            indent = " " * 8
            lines += [indent + line for line in self._rebinding(body)]
            if self.opening:
                lines.append(indent + self.opening)
                indent += " " * 4 * self.opening.endswith(":")
            lines += [indent + line for statement in body or ("pass",) for line in statement.split("\n")]
        tasks = ", ".join(f"task{number}" for number in range(len(self.bodies)))
        return "\n".join([*lines, f"    return {self.runner}({tasks}), {self.shown}\n"])

    def _rebinding(self, body: tuple[str, ...]) -> list[str]:
        names = {
            node.id
            for statement in body
            for node in ast.walk(ast.parse(statement))
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
        }
        return [line for name, line in (("x", "nonlocal x"), ("X", "global X")) if name in names]


def generate(dice: random.Random) -> Program:
    """Make one program that compiles."""
    while True:
        program = _program(dice)
        try:
            compile(program.text(), "a program", "exec")
        except SyntaxError:
            continue
        return program


def _program(dice: random.Random) -> Program:
    kind = dice.choice(sorted(THINGS))
    place = dice.choice(sorted(ASSIGNABLE if kind == "number" else PLACES)) if dice.random() < 0.6 else "x"
    thing, (setup, opening) = THINGS[kind], PLACES[place]
    made = thing.made if place == "X" else thing.made.replace("X", "x")
    bodies = [
        tuple(_statement(dice, thing).replace("X", place) for _ in range(dice.choice((1, 1, 2, 2, 3))))
        for _ in range(2 if dice.random() < 0.92 else 3)
    ]
    if len(bodies) == 3:
        bodies = [body[:1] for body in bodies]
    shown = thing.shown.replace("X", place if place in ASSIGNABLE else "x")
    guard = "guard = threading.Lock()"
    lines = (setup.format(made=made), *((guard,) if any("guard" in each for body in bodies for each in body) else ()))
    return Program(lines, opening, tuple(bodies), shown, "together" if dice.random() < 0.93 else "pooled")


def _statement(dice: random.Random, thing: Thing) -> str:
    if dice.random() < 0.45:
        return dice.choice(READ_FORMS).format(e=dice.choice(thing.reads))
    statement, form = dice.choice(thing.writes), dice.choice(WRITE_FORMS)
    indent = "    " if "    {s}" in form else ""
    return form.format(s=statement.replace("\n", "\n" + indent))
