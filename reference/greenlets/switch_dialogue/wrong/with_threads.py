"""The puppet player, wrong: two threads and two queues."""

import queue
import threading

END = object()


class Gone(Exception):
    pass


def converse(first, second, opening):
    said = []
    ears = {1: queue.Queue(), 2: queue.Queue()}
    ears[1].put(opening)
    errors = []

    def play(number, part):
        def say(line):
            said.append((number, line))
            ears[3 - number].put(line)
            heard = ears[number].get()
            if heard is END:
                ears[number].put(END)
                raise Gone
            return heard

        heard = ears[number].get()
        if heard is not END:
            try:
                part(heard, say)
            except Gone:
                pass
            except BaseException as error:
                errors.append(error)
        ears[3 - number].put(END)

    threads = [threading.Thread(target=play, args=each) for each in ((1, first), (2, second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return said
