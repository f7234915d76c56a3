"""Nothing is shared but a queue: only the caller touches the jar."""

import queue
import threading

OVER = object()

coins_dropped = 0


def collect(rounds, jar):
    global coins_dropped
    box = queue.Queue()
    for each in rounds:
        threading.Thread(target=walk, args=(each, box)).start()
    out = len(rounds)
    while out:
        found = box.get()
        if found is OVER:
            out -= 1
            continue
        giver, coin = found
        if giver not in jar:
            jar[giver] = []
        jar[giver].append(coin)
        coins_dropped += 1


def walk(coins, box):
    for pair in coins:
        box.put(pair)
    box.put(OVER)
