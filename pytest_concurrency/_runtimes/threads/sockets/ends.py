"""What the threads of a run meet at where they talk over sockets: ends of connections, and addresses."""

from __future__ import annotations

import _socket
import re
import socket
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import READ, WRITE
from pytest_concurrency._core.verbs import operation
from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._engine.task import ENDED
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from weakref import ref

    from pytest_concurrency._core.operations import Access, Operation
    from pytest_concurrency._engine.task import Task

MADE: Final = "socket"
ACCEPTED: Final = "accepted socket"
LISTENING: Final = "listening socket"
NOT_ACCEPTED: Final = " (not accepted yet)"


class Spot(Resource):
    """A place where tasks of a run stand in line.

    Attributes:
        waits_in: The method in which the last of them waits.
    """

    __slots__ = ("_end", "_has_come", "_name", "kind", "waits_in")

    takes, gives = "recv", "send"

    def __init__(
        self, has_come: Callable[[Task], bool], kind: str, made: tuple[str, int], end: End | None = None
    ) -> None:
        super().__init__(None, made, (), None)
        self._has_come = has_come
        self._end = end
        self._name = kind
        self.waits_in = ""
        self.kind = kind

    @property
    def called(self) -> str:
        """What a report calls it."""
        return self._name if self._end is None else self._end.called()

    @property
    def further(self) -> str:
        """What a report says of its other end."""
        return "" if self._end is None else self._end.beyond()

    def is_halted(self) -> None:
        """Let no socket go open where its task is taken down, or the whole scenario: they cannot close it any more."""
        if self._end is not None and self is self._end.coming:
            self._end.is_halted()

    def is_made_at(self, made: tuple[str, int]) -> None:
        """Say which line has made it."""
        self.made = made

    def is_called(self, name: str) -> None:
        """Say what a report is to call it."""
        self._name = name

    @property
    def key(self) -> tuple[str, int]:
        """What operations on it touch."""
        return ("sync", self.number)

    def will(self, op: Operation, method: str) -> None:
        """Say what the next task that stands in line here is to do, and in which method it waits."""
        self.op_take = op
        self.waits_in = method

    def has_come(self, task: Task) -> bool:
        """Tell whether the real socket has what a task waits for."""
        return self._has_come(task)

    def is_hopeless(self, *, own: bool) -> bool:
        """Tell nothing: no plain test waits here."""
        return False


class Address:
    """Where sockets of a run are to be found.

    Attributes:
        spot: What tasks meet at: connections that nobody has accepted, datagrams.
        owner: The socket that listens there, or that gets datagrams.
        arrived: The ends that have connected and were not accepted yet.
    """

    def __init__(self, spot: Spot) -> None:
        self.spot = spot
        self.owner: End | None = None
        self.arrived: list[End] = []

    def belongs_to(self, owner: End | None) -> None:
        """Say which socket is there; None for none any more."""
        self.owner = owner

    def accepted(self, name: Any) -> End | None:
        """Return the end that has connected under a name, or the first that has none; it waits no more."""
        for end in self.arrived:
            if not end.name or end.name == name:
                self.arrived.remove(end)
                return end
        return None


class End:
    """One end of a connection, a listening socket, or a socket for datagrams, as all its descriptors mean it.

    What comes in is one thing, what becomes of the end itself another: who sends and who receives at both ends
    of a connection are apart, and two tasks at one end are not.

    Attributes:
        coming: What comes in here.
        state: What becomes of it: an end that was reset says so to who sends and to who receives.
        maker: Who has made it.
        sock: The Python object; None when that has gone.
        form: `MADE`, `ACCEPTED` or `LISTENING`.
        is_stream: Whether bytes come in pieces of any size.
        peer: The other end, where it is in the run.
        address: Where it is bound.
        arrives_at: Where it has connected, until it is accepted.
        is_foreign: Whether it has to do with somebody outside the run, so that it is left alone.
        is_closed: Whether somebody has closed it.
        handles: Its descriptors.
        comes_in_pieces: Whether less may be taken in than is there.
        taken: How often something was taken in here.
    """

    def __init__(
        self, has_come: Callable[[Task], bool], run: Any, sock: Any, made: tuple[str, int], form: str, position: int
    ) -> None:
        self.form = form
        self.made = made
        self.maker = run.current
        self.name: Any = None
        self._position = position
        self.coming = Spot(has_come, MADE, made, self)
        self.state = Spot(has_come, MADE, made, self)
        run.adopt(self.coming)
        run.adopt(self.state)
        self.sock: ref[Any] | None = None
        self.is_stream = bool(sock.type == socket.SOCK_STREAM)
        self.comes_in_pieces = self.is_stream and sock.family in (socket.AF_INET, socket.AF_INET6)
        self.peer: End | None = None
        self.address: Address | None = None
        self.arrives_at: Address | None = None
        self.is_foreign = False
        self.is_closed = False
        self.handles: set[int] = set()
        self.taken = 0
        self._ends_read = 0

    def is_halted(self) -> None:
        """Close it, if whoever has made it is taken down."""
        run, sock = self.maker.run, None if self.sock is None else self.sock()
        is_ours = run.record.finding is not None or (self.maker is not run.root and self.maker.state is not ENDED)
        if is_ours and sock is not None:
            _socket.socket.close(sock)

    # -- what is known of it

    def is_held_by(self, sock: ref[Any]) -> None:
        """Note which object speaks for it."""
        self.sock = sock
        self.is_closed = False

    def is_loose(self) -> None:
        """Note that no object speaks for it any more, and its descriptor is in somebody's hand."""
        self.sock, self.is_closed = None, True

    def leaves(self) -> None:
        """Note that it has to do with somebody outside the run."""
        self.is_foreign = True

    def closes(self) -> None:
        """Note that somebody has closed it."""
        self.is_closed = True

    @property
    def is_listening(self) -> bool:
        """Whether it listens."""
        return self.form == LISTENING

    def listens(self) -> None:
        """Note that it listens."""
        self.form = LISTENING
        if self.address is not None:
            self.address.belongs_to(self)

    def is_bound(self, address: Address) -> None:
        """Note where it is to be found."""
        self.address = address
        if not self.is_stream:
            address.belongs_to(self)

    def has_arrived(self, address: Address, name: Any, peer: End) -> None:
        """Note where it has connected, under which name, and what the other end will be when it is accepted."""
        self.name = name
        self.arrives_at = address
        self.meets(peer)
        peer.meets(self)
        address.arrived.append(self)

    def meets(self, peer: End) -> None:
        """Note the other end."""
        self.peer = peer

    def is_accepted(self, made: tuple[str, int], maker: Any) -> None:
        """Be the other end of one that has arrived: made there, by whom."""
        self.made, self.maker = made, maker
        self.coming.is_made_at(made)
        self.state.is_made_at(made)
        if self.peer is not None:
            self.peer.is_in()

    def is_in(self) -> None:
        """Note that it has been accepted."""
        self.arrives_at = None

    def has_taken(self, amount: int, asked: int) -> int:
        """Note how much was taken in; return how often in a row that was the end of the stream."""
        self.taken += 1
        if amount or not asked or not self.is_stream:
            self._ends_read = 0
        else:
            self._ends_read += 1
        return self._ends_read

    def is_cut(self) -> None:
        """Note that less was taken than there was: that is tried once."""
        self.comes_in_pieces = False

    def called(self) -> str:
        """Return what a report calls it."""
        name = _name_at(*self.made, self._position) if self.made[1] else ""
        return f"{self.form} `{name}`" if name else self.form

    def beyond(self) -> str:
        """Return what a report says of its other end."""
        if self.arrives_at is not None:
            return NOT_ACCEPTED
        if self.peer is None:
            return ""
        file, line = self.peer.made
        where = f" of {stacks.shorten(file)}:{line}" if line and self.peer.made != self.made else ""
        return f" (other end: {self.peer.called()}{where})"

    # -- what is done to it

    def op(self, verb: str, *spots: Spot, mode: int = WRITE) -> Operation:
        """Return an operation that touches these, and what is touched until it is accepted."""
        arrives = () if self.arrives_at is None else (self.arrives_at.spot,)
        return operation(verb, tuple((each.key, mode) for each in _once((*spots, *arrives))))

    def recv(self) -> Operation:
        """Return the operation that takes in something."""
        bound = () if self.address is None else (self.address.spot,)
        return self.op("recv", self.coming, self.state, *bound)

    def accept(self) -> Operation:
        """Return the operation that takes a connection."""
        bound = () if self.address is None else (self.address.spot,)
        return self.op("accept", *bound, self.coming)

    def send(self, to: Address | None = None) -> Operation:
        """Return the operation that sends something to the other end, or to an address."""
        first = () if self.peer is None else (self.peer.coming,)
        there = () if to is None else (to.spot,)
        return self.op("send", *there, *first, self.state)

    def ends(self, verb: str) -> Operation:
        """Return an operation after which both ends are not as they were."""
        others = () if self.peer is None else (self.peer.coming, self.peer.state)
        bound = () if self.address is None else (self.address.spot,)
        return self.op(verb, *others, *bound, self.coming, self.state)

    def looks(self, *, reads: bool, writes: bool) -> Iterable[Access]:
        """Yield what an answer about it depends on."""
        spots = [self.coming, self.state] if reads else [self.state]
        if writes and self.peer is not None:
            spots.append(self.peer.coming)
        spots += [place.spot for place in (self.address, self.arrives_at) if place is not None]
        return ((each.key, READ) for each in _once(tuple(spots)))


def _name_at(file: str, line: int, position: int) -> str:
    """Return the name that a line gives a socket, of several the one at that position; "" where it does not say."""
    names = stacks.name_at(file, line, MADE).split(",")
    if names != [""]:
        return names[min(position, len(names) - 1)].strip()
    text = stacks.line_text(file, line)
    made = list(_MAKES.finditer(text))
    found = _AS.search(text, made[0].end()) if len(made) == 1 else None
    return "" if found is None else found[1]


_MAKES: Final = re.compile(r"\b(?:socket|create_connection|create_server|socketpair|accept)\(")
_AS: Final = re.compile(r"\bas (\w+)")


def _once(spots: tuple[Spot, ...]) -> tuple[Spot, ...]:
    return tuple(dict.fromkeys(spots))
