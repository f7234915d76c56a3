"""The puppet player, wrong: the first part is played in the greenlet of the caller."""

from greenlet import getcurrent, greenlet


class Gone(Exception):
    pass


def converse(first, second, opening):
    said = []
    here = getcurrent()

    def say_first(line):
        if other.dead:
            raise Gone
        said.append((1, line))
        answer = other.switch(line)
        if other.dead:
            raise Gone
        return answer

    def say_second(line):
        said.append((2, line))
        return here.switch(line)

    def play(heard):
        try:
            second(heard, say_second)
        except Gone:
            pass

    other = greenlet(play)
    try:
        first(opening, say_first)
    except Gone:
        pass
    if other:
        other.throw(Gone)
    return said
