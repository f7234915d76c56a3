"""Takes the last one, always."""

import threading


def move_all(source, target, carry, workers):
    def work():
        while True:
            try:
                item = source.pop()
            except IndexError:
                return
            carry(item)
            target.append(item)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
