"""No lock: every visit to the jar is one step, and what needs more waits for the joins."""

from threading import Thread

coins_dropped = 0


def collect(rounds, jar):
    global coins_dropped
    dropped = [0] * len(rounds)

    def walk(number):
        for giver, coin in rounds[number]:
            jar.setdefault(giver, []).append(coin)
            dropped[number] += 1

    threads = [Thread(target=walk, args=(number,)) for number in range(len(rounds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    coins_dropped += sum(dropped)
