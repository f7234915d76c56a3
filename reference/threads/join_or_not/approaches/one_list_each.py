"""Counts down what is left of the time, and puts everybody into one of two places."""

import threading
from time import monotonic


def send_out(stories, seconds):
    began = monotonic()
    threads = []
    for name, story in stories.items():
        threads.append((name, threading.Thread(target=story, daemon=False)))
        threads[-1][1].start()
    for _, thread in threads:
        left = seconds - (monotonic() - began)
        if left > 0:
            thread.join(timeout=left)
    home, out = [], {}
    for name, thread in threads:
        if thread.is_alive():
            out[name] = thread
        else:
            home.append(name)
    return home, out


def bring_home(out):
    for name in out:
        out[name].join()
